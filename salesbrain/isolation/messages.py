"""Texts of the isolation report, in English and German."""

ACTORS = {
    "unset": ("No scope", "Ohne Geltungsbereich"),
    "customer_a": ("Customer of A", "Kundin von A"),
    "customer_b": ("Customer of B", "Kundin von B"),
    "claims_admin": ("Customer of A who claims to be an admin", "Kundin von A, die sich als Admin ausgibt"),
    "claims_admin_alone": ("Claims to be an admin, no organization", "Gibt sich als Admin aus, ohne Organisation"),
    "staff_role_alone": (
        "Staff's database role without a person's role",
        "Datenbankrolle des Teams ohne Rolle der Person",
    ),
    "customer_as_staff": ("Customer with staff's database role", "Kundin mit der Datenbankrolle des Teams"),
    "sb_viewer": ("Staff: viewer", "Team: nur Lesen"),
    "sb_operator": ("Staff: operator", "Team: Bearbeiten"),
    "sb_admin": ("Staff: admin", "Team: Admin"),
}
ASKERS = {
    "anonymous": ("Without login", "Ohne Anmeldung"),
    "customer_a": ("Customer of A", "Kundin von A"),
    "customer_b": ("Customer of B", "Kundin von B"),
    "member_a": ("Member of A, not an owner", "Mitglied von A, ohne Inhaberrechte"),
    "observer_a": ("Observer of A", "Beobachtende Person von A"),
    "no_organization": ("User of no organization", "Person ohne Organisation"),
    "sb_viewer": ("Staff: viewer", "Team: nur Lesen"),
    "sb_operator": ("Staff: operator", "Team: Bearbeiten"),
    "sb_admin": ("Staff: admin", "Team: Admin"),
}
VERB_WORDS = {
    "select": ("read", "lesen"),
    "copy": ("copy out", "kopieren"),
    "insert": ("add", "anlegen"),
    "update": ("change", "ändern"),
    "delete": ("delete", "löschen"),
    "truncate": ("empty", "leeren"),
}
CHECKS = {
    "catalogue": ("The database's own rules are those declared", "Die Regeln der Datenbank sind die vereinbarten"),
    "world": ("Both organizations have rows in every table", "Beide Organisationen haben Zeilen in jeder Tabelle"),
    "tables": (
        "Every table, every verb, everybody, in raw SQL",
        "Jede Tabelle, jede Handlung, alle Rollen, in rohem SQL",
    ),
    "functions": ("Functions with rights of their own", "Funktionen mit eigenen Rechten"),
    "keys": ("No row can point at another organization's", "Keine Zeile kann auf eine andere Organisation zeigen"),
    "back_doors": ("PostgreSQL's own side doors", "Die Nebeneingänge von PostgreSQL"),
    "scopes": ("The scope begins and ends with its block", "Der Geltungsbereich beginnt und endet mit seinem Block"),
    "services": (
        "Every service that writes for customers, with foreign ids and as each role",
        "Jeder Dienst, der für Kundinnen schreibt, mit fremden Kennungen und in jeder Rolle",
    ),
    "operations": ("Every operation of the API, everybody", "Jede Operation der Schnittstelle, alle Rollen"),
    "routes": ("No address is left out", "Keine Adresse ist ausgelassen"),
    "pages": ("Every page of the admin, everybody", "Jede Seite der Verwaltung, alle Rollen"),
    "portal": ("Every page of users, everybody", "Jede Seite für Nutzer, alle Rollen"),
    "others": ("Addresses without login", "Adressen ohne Anmeldung"),
    "unchanged": ("Nothing was changed by asking", "Durch Fragen wurde nichts verändert"),
    "proof": ("The proof is complete", "Der Nachweis ist vollständig"),
}
LIMITS = (
    (
        "/readyz, for whoever watches the installation, answers without login and says of each connection, by a random id, when it last "
        "delivered. How many there are and whether they work can be seen; whose they are cannot.",
        "/readyz, für die Überwachung der Installation, antwortet ohne Anmeldung und sagt von jeder Verbindung, unter einer zufälligen "
        "Kennung, wann sie zuletzt lieferte. Wie viele es sind und ob sie gehen, ist zu sehen; wessen sie sind, nicht.",
    ),
    (
        "The rows are made up for the proof, in a database made for it. That the real database has the same rules is compared in "
        "its catalogue (“real database” above); none of its rows is read.",
        "Die Zeilen sind für den Nachweis erfunden, in einer eigens angelegten Datenbank. Dass die echte Datenbank dieselben Regeln "
        "hat, wird an ihrem Katalog verglichen (oben „echte Datenbank“); keine ihrer Zeilen wird gelesen.",
    ),
    (
        "The agency's staff see all organizations: that is their work. What they do with keys, people and message bodies is written "
        "to a log that the application cannot change.",
        "Das Team der Agentur sieht alle Organisationen: Das ist seine Arbeit. Was es mit Schlüsseln, Personen und Nachrichtentexten "
        "tut, steht in einem Protokoll, das die Anwendung nicht ändern kann.",
    ),
    (
        "The rules bind every statement, but it is the application that says for whom it asks. Whoever runs code of their own inside "
        "it, or administers the server, is not held by them.",
        "Die Regeln gelten für jede Anweisung, aber für wen gefragt wird, sagt die Anwendung. Wer darin eigenen Code ausführt oder den "
        "Server verwaltet, wird von ihnen nicht gehalten.",
    ),
    (
        "Time is not measured: how long an answer takes could in theory tell something. "
        "docs/en/isolation.md argues why little is to be had.",
        "Zeit wird nicht gemessen: Wie lange eine Antwort dauert, könnte theoretisch etwas verraten. "
        "docs/de/isolation.md begründet, warum wenig.",
    ),
)
