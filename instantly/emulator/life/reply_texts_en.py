"""English texts of simulated replies, by kind of reply.

Written for the demo: none of their sentences is in fixtures/triage (tests/instantly/emulator/test_reply_texts.py). Braces are filled in by
`reply_words`: `{last}` the last day away, `{back}` the first day back, `{later}` a month, `{promise}` a day, `{colleague}`, `{domain}`.
"""

TEXTS: dict[str, tuple[str, ...]] = {
    "interested": (
        "Your timing is good, we discussed exactly this on Monday. Please send the one-pager and I will pass it around.",
        "This caught my eye. What would the next step look like from your side?",
        "I had a quick look at your page and I would like to know more. A short summary by email is best for me.",
        "We have been meaning to sort this out since spring. Send me what you have and I will read it this week.",
        "My first thought was to delete this, but the example from your customer is our situation one to one. Tell me more.",
        "Count me in for a trial if there is one. Who would set it up?",
        "You have my attention. Is there a recording or a short deck I could show our board?",
    ),
    "meeting": (
        "Let us talk. Wednesday at 11:00 or Thursday after 2 pm would both work for me.",
        "Could you send an invitation for next Tuesday, 9:30? Our operations lead will join.",
        "Happy to give you twenty minutes. Please share your calendar link and I will pick a slot.",
        "Friday at 10 is free on my side, Teams please.",
        "I put half an hour into your calendar for Monday at 3 pm. Talk then.",
        "Can we move our call to Thursday, same time? Something came up on Tuesday.",
    ),
    "question": (
        "What does this cost for a team of forty people?",
        "Does it work with SAP Business One, or would we have to export files?",
        "Where is the data stored, and do you sign a data processing agreement?",
        "Which companies of our size use this today? Two names would be enough.",
        "How long is the minimum contract term?",
        "Is this a tool of your own or do you resell somebody else's?",
        "What exactly do you need from our IT before you can begin?",
    ),
    "objection": (
        "We looked at something similar last year and it was far too expensive for what it did.",
        "We already pay for a system that claims to do this, so I do not see what yours would add.",
        "Honestly, figures like these always sound good in an email and never survive our first month.",
        "Our people will not touch another tool after the last rollout. You would have to convince them, not me.",
        "A vendor with fewer than twenty employees does not get past our purchasing rules as they are.",
    ),
    "not_now": (
        "Good idea, wrong moment: we are moving our warehouse. Please try again in {later}.",
        "The budget for this year is spent. Contact me in {later} when the new one is open.",
        "We are in the middle of our year-end closing. {later} would be a better time.",
        "Not before {later}, please. Until then nobody here has a free hour.",
        "We just hired a new head of operations who starts in {later}. Please ask again then.",
    ),
    "promise": (
        "I have to talk to our managing director first. I will get back to you on {promise}.",
        "We decide about this at our meeting on {promise}. You will hear from me that day.",
        "Give me until {promise}, then I can tell you whether we want to go on.",
        "Our trial of another product ends on {promise}. I will write to you once it is over.",
    ),
    "not_interested": (
        "Thank you, but this is nothing for us.",
        "We build this ourselves and are going to keep it that way.",
        "I read it and the answer is no.",
        "That is not a problem we have. All the best with it.",
        "We decided against this kind of service as a matter of principle.",
        "Kind of you to ask, but no.",
    ),
    "unsubscribe": (
        "Please take my address off your list.",
        "Do not send me any further messages.",
        "Remove me from this sequence, and my colleagues at {domain} as well.",
        "No more of these, please. I never signed up for them.",
        "Unsubscribe me, thanks.",
    ),
    "complaint": (
        "This is unsolicited advertising. If I get another one I will report your domain.",
        "Where did you get my private address? I expect an answer under Article 15 GDPR within a month.",
        "I have marked this as spam and told our provider about it.",
        "Our solicitor will write to you if this does not end today.",
    ),
    "wrong_person": (
        "I have nothing to do with this area. {colleague} in purchasing decides about it.",
        "You have reached the finance department. Please write to {colleague} in operations instead.",
        "I only look after our apprentices, so this is not for me. Try office@{domain}.",
        "Not my topic, I am afraid. I have forwarded it to {colleague}.",
    ),
    "left_company": (
        "{colleague} no longer works for us. Please update your records.",
        "I retired at the end of last month, so this address will be closed soon.",
        "The colleague you are looking for left us in summer and the position is vacant.",
        "Your email reached a mailbox of the past: I am no longer with the company; for all matters please use office@{domain}.",
    ),
    "out_of_office": (
        "Your message has arrived. I am out of the office until {last} and will answer after my return.",
        "I am on annual leave and back at my desk on {back}. In urgent cases please call our front desk.",
        "Away from {first} to {last}, without access to email.",
        "I am travelling to customers until {last}, so replies take longer than usual. {colleague} stands in for me.",
        "On parental leave, returning on {back}. Please contact {colleague} in the meantime.",
    ),
    "auto_reply": (
        "We have received your enquiry and opened ticket 48{ticket}. Our team answers within two working days.",
        "This mailbox is not read. Please use the contact form at www.{domain}.",
        "Thanks for writing to {domain}. Our office hours are Monday to Friday, 9 am to 5 pm.",
        "To protect us from spam, please confirm that you are a person by answering this message with the word 48{ticket}.",
    ),
    "again": (
        "One more thing I forgot: do you have an interface to our ERP?",
        "Thanks for the quick answer, I have passed it on to two colleagues.",
        "Got it. Is the price per user or per location?",
        "Could two of our locations begin and the others follow later?",
        "My colleague asks whether there is a version in French.",
        "Who looks after us once the trial is over?",
        "That helps. I will read it over the weekend.",
        "Perfect, talk to you then.",
    ),
}
ANSWERS: dict[str, tuple[str, ...]] = {
    "interested": (
        "Thank you for coming back to me. I have attached our two-page overview. Would Tuesday or Wednesday suit you for a short call?",
        "Great to hear. The summary is below; if it fits, the simplest next step is a call of fifteen minutes.",
    ),
    "meeting": (
        "That works well. The invitation is on its way, with the link inside.",
        "Thank you, I have sent the invitation. If anything changes on your side, just tell me.",
    ),
    "question": (
        "Good question. In short: yes, and the details are on the page below. Shall I show you with an example of your own?",
        "Happy to answer. I have put the figures together for a company of your size; tell me if something is missing.",
    ),
    "complaint": ("I am sorry. Your address is off our list, and nobody here will write to you again.",),
    "other": (
        "Thank you for being so open. I have noted it and will come back at the right time.",
        "I understand. May I send you one example from your industry? After that I leave it to you.",
    ),
}
