"""German texts of simulated replies, by kind of reply; see reply_texts_en.py."""

TEXTS: dict[str, tuple[str, ...]] = {
    "interested": (
        "das trifft sich gut, genau darüber haben wir am Montag gesprochen. Schicken Sie mir den Zweiseiter, ich gebe ihn weiter.",
        "Ihr Ansatz macht mich neugierig. Wie würde der nächste Schritt bei Ihnen aussehen?",
        "ich habe kurz auf Ihrer Seite gestöbert und würde gern mehr erfahren. Am liebsten zuerst eine knappe Übersicht per Mail.",
        "das Thema schieben wir seit dem Frühjahr vor uns her. Senden Sie mir, was Sie haben, ich lese es noch diese Woche.",
        "eigentlich lösche ich solche Mails, aber Ihr Beispiel ist eins zu eins unsere Lage. Erzählen Sie mehr davon.",
        "wenn es eine Testphase gibt, sind wir dabei. Wer richtet das ein?",
        "Sie haben mein Interesse geweckt. Haben Sie Unterlagen, die ich der Geschäftsleitung zeigen kann?",
    ),
    "meeting": (
        "lassen Sie uns telefonieren. Mittwoch um 11 Uhr oder Donnerstag ab 14 Uhr passt bei mir.",
        "schicken Sie bitte eine Einladung für nächsten Dienstag, 9:30 Uhr. Unser Betriebsleiter kommt dazu.",
        "zwanzig Minuten nehme ich mir gern. Wenn Sie mir Ihren Kalenderlink senden, suche ich etwas aus.",
        "Freitag um 10 wäre frei, bitte über Teams.",
        "ich habe uns für Montag um 15 Uhr eine halbe Stunde eingetragen. Bis dann.",
        "können wir unseren Termin auf Donnerstag legen, gleiche Uhrzeit? Am Dienstag ist etwas dazwischengekommen.",
    ),
    "question": (
        "was kostet das bei vierzig Mitarbeitern?",
        "läuft das mit SAP Business One zusammen, oder müssten wir Dateien exportieren?",
        "wo liegen die Daten, und gibt es einen Vertrag zur Auftragsverarbeitung?",
        "welche Betriebe unserer Größe arbeiten heute damit? Zwei Namen genügen mir.",
        "wie lang ist die Mindestlaufzeit?",
        "ist das Ihr eigenes Produkt oder vertreiben Sie das für jemanden?",
        "was genau brauchen Sie von unserer EDV, bevor es losgehen kann?",
    ),
    "objection": (
        "etwas Ähnliches haben wir im letzten Jahr geprüft, und für das, was es konnte, war es viel zu teuer.",
        "wir bezahlen schon ein System, das genau das verspricht. Ich sehe nicht, was bei Ihnen dazukäme.",
        "ehrlich gesagt klingen solche Zahlen in einer Mail immer gut und überleben bei uns keinen Monat.",
        "nach der letzten Umstellung fasst unsere Mannschaft kein weiteres Programm an. Überzeugen müssten Sie die Leute, nicht mich.",
        "Lieferanten mit weniger als zwanzig Beschäftigten kommen bei uns durch keine Einkaufsprüfung.",
    ),
    "not_now": (
        "gute Sache, falscher Moment: wir ziehen gerade mit dem Lager um. Versuchen Sie es bitte im {later} noch einmal.",
        "für dieses Jahr ist das Geld verplant. Sprechen Sie mich im {later} wieder an, dann steht das neue Budget.",
        "wir stecken mitten im Jahresabschluss. Besser wäre {later}.",
        "bitte nicht vor {later}, bis dahin hat hier niemand eine freie Stunde.",
        "unsere neue Betriebsleiterin fängt im {later} an. Fragen Sie dann am besten noch einmal nach.",
    ),
    "promise": (
        "das muss ich zuerst mit unserem Geschäftsführer besprechen. Ich melde mich am {promise} bei Ihnen.",
        "darüber entscheiden wir in der Runde am {promise}. An dem Tag hören Sie von mir.",
        "geben Sie mir bitte bis zum {promise} Zeit, dann sage ich Ihnen, ob wir weitermachen.",
        "unser Test mit einem anderen Anbieter endet am {promise}. Danach schreibe ich Ihnen.",
    ),
    "not_interested": (
        "vielen Dank, das ist nichts für uns.",
        "so etwas machen wir selbst und das bleibt auch dabei.",
        "ich habe es gelesen, die Antwort ist nein.",
        "dieses Problem haben wir nicht. Viel Erfolg damit.",
        "gegen diese Art von Dienstleistung haben wir uns grundsätzlich entschieden.",
        "nett, dass Sie fragen, aber nein.",
    ),
    "unsubscribe": (
        "nehmen Sie meine Adresse bitte aus Ihrem Verteiler.",
        "schicken Sie mir keine weiteren Nachrichten.",
        "streichen Sie mich aus dieser Reihe, und die Kollegen von {domain} gleich mit.",
        "davon bitte nichts mehr, angemeldet habe ich mich dafür nie.",
        "Abmeldung bitte, danke.",
    ),
    "complaint": (
        "das ist unverlangte Werbung. Bei der nächsten Mail melde ich Ihre Domain.",
        "woher haben Sie meine private Adresse? Ich erwarte Auskunft nach Artikel 15 DSGVO innerhalb eines Monats.",
        "ich habe die Mail als Spam gekennzeichnet und unseren Anbieter verständigt.",
        "wenn das heute nicht aufhört, schreibt Ihnen unser Anwalt.",
    ),
    "wrong_person": (
        "mit diesem Bereich habe ich nichts zu tun. Darüber entscheidet {colleague} im Einkauf.",
        "Sie sind in der Buchhaltung gelandet. Schreiben Sie bitte {colleague} aus dem Betrieb.",
        "ich kümmere mich nur um unsere Auszubildenden. Versuchen Sie es unter info@{domain}.",
        "leider nicht mein Thema. Ich habe es an {colleague} weitergegeben.",
    ),
    "left_company": (
        "{colleague} arbeitet nicht mehr bei uns. Bitte ändern Sie Ihre Unterlagen.",
        "ich bin seit Ende letzten Monats im Ruhestand, diese Adresse wird bald geschlossen.",
        "der Kollege, den Sie suchen, hat uns im Sommer verlassen, die Stelle ist unbesetzt.",
        "danke für Ihre E-Mail. Ich bin nicht mehr für das Unternehmen tätig; wenden Sie sich in allen Fragen an info@{domain}.",
    ),
    "out_of_office": (
        "Ihre Nachricht ist angekommen. Ich bin bis zum {last} nicht im Haus und antworte nach meiner Rückkehr.",
        "ich habe Urlaub und bin ab dem {back} wieder am Schreibtisch. In eiligen Fällen hilft Ihnen unsere Zentrale.",
        "abwesend vom {first} bis {last}, ohne Zugriff auf E-Mails.",
        "bis einschließlich {last} bin ich bei Kunden unterwegs, Antworten dauern daher länger. Es vertritt mich {colleague}.",
        "ich bin in Elternzeit und ab {back} zurück. Bis dahin ist {colleague} für Sie da.",
    ),
    "auto_reply": (
        "Ihre Anfrage ist bei uns eingegangen und trägt die Vorgangsnummer 48{ticket}. Sie erhalten innerhalb von zwei Werktagen Antwort.",
        "in dieses Postfach schaut niemand. Nutzen Sie bitte das Kontaktformular auf www.{domain}.",
        "schön, dass Sie {domain} schreiben. Unser Büro ist montags bis freitags von 9 bis 17 Uhr besetzt.",
        "zum Schutz vor Spam bestätigen Sie bitte mit dem Wort 48{ticket}, dass Sie ein Mensch sind.",
    ),
    "again": (
        "eins habe ich vergessen: Gibt es eine Schnittstelle zu unserem ERP?",
        "danke für die schnelle Antwort, ich habe sie an zwei Kollegen weitergegeben.",
        "verstanden. Gilt der Preis je Nutzer oder je Standort?",
        "könnten zwei unserer Standorte anfangen und die übrigen später folgen?",
        "meine Kollegin fragt, ob es das auch auf Französisch gibt.",
        "wer betreut uns, wenn die Testphase vorbei ist?",
        "das hilft mir weiter, ich lese es am Wochenende.",
        "prima, dann bis dahin.",
    ),
}
ANSWERS: dict[str, tuple[str, ...]] = {
    "interested": (
        "vielen Dank für Ihre Rückmeldung. Unsere Übersicht hängt an. Passt Ihnen Dienstag oder Mittwoch für ein kurzes Gespräch?",
        "das freut mich. Die Zusammenfassung steht unten; wenn sie passt, reicht als Nächstes ein Gespräch von einer Viertelstunde.",
    ),
    "meeting": (
        "das passt sehr gut. Die Einladung ist unterwegs, der Link steht darin.",
        "danke, die Einladung habe ich verschickt. Falls sich bei Ihnen etwas ändert, sagen Sie einfach Bescheid.",
    ),
    "question": (
        "gute Frage. Kurz gesagt: ja, Einzelheiten stehen auf der Seite unten. Soll ich es Ihnen an einem eigenen Beispiel zeigen?",
        "gern. Ich habe die Zahlen für einen Betrieb Ihrer Größe zusammengestellt; sagen Sie mir, wenn etwas fehlt.",
    ),
    "complaint": (
        "das tut mir leid. Ihre Adresse ist aus unserer Liste gelöscht, und niemand von uns schreibt Ihnen noch einmal.",
    ),
    "other": (
        "danke für die offenen Worte. Ich habe es notiert und melde mich zur passenden Zeit.",
        "das verstehe ich. Darf ich Ihnen ein Beispiel aus Ihrer Branche schicken? Danach überlasse ich es Ihnen.",
    ),
}
