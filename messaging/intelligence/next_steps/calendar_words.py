"""Tables of words in dates: months, weekdays, number words; English and German (also Swiss, Austrian)."""

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "januar jaenner jan january jaen",
            "februar feber feb february febr",
            "maerz mrz maer march mar maerzen",
            "april apr",
            "mai may",
            "juni jun june",
            "juli jul july",
            "august aug",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "dezember dez december dec",
        ),
        start=1,
    )
    for word in words.split()
}

WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "montag monday maentig mentig",
            "dienstag tuesday zischtig zistig ziischtig",
            "mittwoch wednesday mittwuch mittwoche",
            "donnerstag thursday dunnschtig dunschtig donnschtig",
            "freitag friday friitig frytig freitog",
            "samstag sonnabend saturday samschtig",
            "sonntag sunday sunntig",
        )
    )
    for word in words.split()
}
SHORT_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        ("mo mon", "di die tue tues", "mi wed", "do don thu thur thurs", "fr fre fri", "sa sam sat", "so son sun")
    )
    for word in words.split()
}
"""Only together with a date, where "so" and "do" cannot be anything else."""

PARTS_OF_DAY = {
    "morgen": 9, "frueh": 9, "vormittag": 10, "mittag": 12, "nachmittag": 15, "abend": 19,
    "morning": 9, "afternoon": 15, "evening": 19, "noon": 12, "midday": 12, "lunchtime": 12, "eob": 18, "cob": 18, "eod": 18, "arvo": 15,
    "vormittags": 10, "nachmittags": 15, "abends": 19, "mittags": 12, "morgens": 9,
}  # fmt: skip
"""Part of a day -> an hour in it."""

COMPOUND_WEEKDAYS = {
    f"{day}{part}": (number, PARTS_OF_DAY[part])
    for day, number in WEEKDAYS.items()
    for part in ("morgen", "frueh", "vormittag", "mittag", "nachmittag", "abend")
}

ORDINALS = {"st", "nd", "rd", "th", "ter", "ten", "te", "er"}
WEEK_WORDS = {"kw", "kalenderwoche", "cw", "woche", "week", "wk"}
SURE_WEEK_WORDS = {"kw", "kalenderwoche", "cw"}
NUMBER_WORDS = {
    "einer": 1, "eine": 1, "einem": 1, "a": 1, "one": 1, "zwei": 2, "two": 2, "drei": 3, "three": 3, "vier": 4, "four": 4,
    "fuenf": 5, "five": 5, "sechs": 6, "six": 6,
}  # fmt: skip
WEEKS = {"woche", "wochen", "week", "weeks", "weeks'"}

EARLY, MID, LATE = "early", "mid", "late"
PARTS = {
    "anfang": EARLY, "beginn": EARLY, "beginning": EARLY, "start": EARLY, "early": EARLY, "mitte": MID, "mid": MID, "middle": MID,
    "ende": LATE, "end": LATE, "late": LATE,
}  # fmt: skip
NEXT = {
    "naechste", "naechsten", "naechster", "naechstes", "naechstem", "kommende", "kommenden", "kommender", "kommendes", "kommendem", "next", "coming",
    "folgende", "folgenden", "darauffolgenden",
}  # fmt: skip
AFTER_NEXT = {"uebernaechste", "uebernaechsten", "uebernaechster", "uebernaechstem"}
THIS = {"diese", "diesen", "dieser", "diesem", "dieses", "this", "laufenden"}

RELATIVE = {"heute": 0, "today": 0, "morgen": 1, "tomorrow": 1, "tmrw": 1, "tomorow": 1, "uebermorgen": 2}
