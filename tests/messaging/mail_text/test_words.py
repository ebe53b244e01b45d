"""Preservation of every word that a person wrote, when the quotes around it are removed.

Words and quotes are drawn by hypothesis, as text and as HTML.
"""

from html import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.mail_text import html_to_text, phrases, reply_text

OPENERS = (
    "On Mon, Jan 12, 2026 at 9:15 AM Ole Brandt <ole@versand.example> wrote:",
    "On Mon, Jan 12, 2026 at 9:15 AM Ole Brandt <\nole@versand.example> wrote:",
    "On 12/01/2026 09:15, Ole Brandt wrote:",
    "Am 12.01.2026 um 09:15 schrieb Ole Brandt <ole@versand.example>:",
    "Am Mo., 12. Jan. 2026 um 09:15 Uhr schrieb Ole Brandt von der Versand\nGmbH <ole@versand.example>:",
    "Ole Brandt <ole@versand.example> schrieb am Mo., 12. Jan. 2026, 09:15:",
    "Am Montag, 12. Januar 2026 um 09:15:03 MEZ hat Ole Brandt <ole@versand.example> Folgendes geschrieben:",
    "Le lun. 12 janv. 2026 à 09:15, Ole Brandt <ole@versand.example> a\nécrit :",
    "Op ma 12 jan 2026 om 09:15 schreef Ole Brandt <ole@versand.example>:",
    "2026-01-12 9:15 GMT+01:00 Ole Brandt <ole@versand.example>:",
    "-----Original Message-----\nFrom: Ole Brandt\nSent: Monday, January 12, 2026 9:15 AM\nTo: Ruth\nSubject: Offer\n",
    "________________________________\nVon: Ole Brandt <ole@versand.example>\nGesendet: Montag, 12. Januar 2026 09:15\nAn: Ruth\n"
    "Betreff: Angebot\n",
    "De : Ole Brandt <ole@versand.example>\nEnvoyé : lundi 12 janvier 2026 09:15\nÀ : Ruth\nObjet : Offre\n",
    "Van: Ole Brandt <ole@versand.example>\nVerzonden: maandag 12 januari 2026 09:15\nAan: Ruth\nOnderwerp: Aanbod\n",
    "Gesendet: Montag, 12. Januar 2026 um 09:15 Uhr\nVon: Ole Brandt <ole@versand.example>\nAn: ruth@kessel.example\nBetreff: Angebot\n",
)
LINES = (
    "{}", "{} {}", "Hello {},", "To: {}", "An: {}", "Von: {} bis {}", "Betreff: {}", "Subject: {}", "From: {}", "Date: {}", "Cc: {}",
    "{}:", "On {} we {}", "Am {} schrieb {}", "{} wrote:", "-- {}", "- {}", "* {}", "----- {} -----", "{} > {}", "On 12 Jan {}",
    "{} 09:15 2026", "{}@kessel.example", "http://{}.example", "\u200f{}", "\t{}", "De : {}", "Sent: {}", "wrote {}:",
)  # fmt: skip
WORDS = st.text("abcdefghijklmnopqrstuvwxyzäöüß", min_size=3, max_size=9).map(lambda word: f"{word}q")


@st.composite
def own_lines(draw):
    line = draw(st.sampled_from(LINES))
    words = draw(st.lists(WORDS, min_size=line.count("{}"), max_size=line.count("{}")))
    return line.format(*words), words


PARAGRAPHS = st.lists(own_lines(), min_size=1, max_size=4)
QUOTED = st.lists(
    st.sampled_from(["old", "older words", "", "> oldest", "From: somebody", "On 3 wrote:"]), min_size=1, max_size=4
)
MAILS = st.lists(st.tuples(PARAGRAPHS, st.sampled_from(OPENERS), QUOTED), max_size=4)


def text_of(paragraph):
    return "\n".join(line for line, _ in paragraph)


def words_of(paragraphs):
    return [word for paragraph in paragraphs for _, words in paragraph for word in words]


@settings(max_examples=300)
@given(MAILS, PARAGRAPHS, st.sampled_from(["\n", "\r\n"]))
def test_words_above_between_and_below_marked_quotes_are_kept(mails, last, newline):
    parts = []
    for paragraph, opener, quoted in mails:
        parts += [text_of(paragraph), "", opener, *(f"> {line}" for line in quoted), ""]
    text = "\n".join([*parts, text_of(last)]).replace("\n", newline)
    kept = reply_text(text).text
    assert [word for word in words_of([*(paragraph for paragraph, *_ in mails), last]) if word not in kept] == []


@settings(max_examples=300)
@given(PARAGRAPHS, st.sampled_from(OPENERS), QUOTED, st.booleans())
def test_words_above_an_unmarked_quote_are_kept(paragraph, opener, quoted, is_apart):
    text = "\n".join([text_of(paragraph), *([""] if is_apart else []), opener, "", *quoted])
    kept = reply_text(text).text
    assert [word for word in words_of([paragraph]) if word not in kept] == []


QUOTES = (
    '<blockquote type="cite">{}</blockquote>',
    '<div class="gmail_quote"><div class="gmail_attr">On Monday wrote:</div><blockquote class="gmail_quote">{}</blockquote></div>',
    '<div class="yahoo_quoted">{}</div>',
    '<div class="moz-cite-prefix">Am Montag schrieb:<br></div><blockquote type="cite">{}</blockquote>',
    '<div name="quote">{}</div>',
    '<blockquote class="protonmail_quote"><p>{}</blockquote>',
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(PARAGRAPHS, st.sampled_from(QUOTES), QUOTED), max_size=4),
    PARAGRAPHS,
    st.sampled_from(["p", "div", "span", "td"]),
)
def test_words_between_quotes_in_html_are_kept(mails, last, tag):
    def block(paragraph):
        return "".join(f"<{tag}>{escape(line)}</{tag}><br>" for line, _ in paragraph)

    html = "".join(
        block(paragraph) + quote.format("<br>".join(map(escape, quoted))) for paragraph, quote, quoted in mails
    )
    kept = reply_text("", html + block(last)).text
    assert [word for word in words_of([*(paragraph for paragraph, *_ in mails), last]) if word not in kept] == []


@settings(max_examples=200)
@given(
    PARAGRAPHS,
    st.lists(
        st.sampled_from(
            ["<", ">", "</", "<!--", "-->", "<b ", '"', "'", "&", "&#", ";", "<style>", "<script>", "</p>", "\0"]
        ),
        max_size=6,
    ),
)
def test_broken_markup_after_a_persons_words_costs_no_words(paragraph, broken):
    html = "".join(f"<p>{escape(line)}</p>" for line, _ in paragraph)
    kept = html_to_text(html + " ".join(broken))
    assert [word for word in words_of([paragraph]) if word not in kept] == []


def test_personal_verbs_are_not_days_months_or_verbs_of_programs():
    """Otherwise an `On Mon, …` line of a mail program would count as a person's sentence."""
    assert phrases.PERSONAL.isdisjoint(phrases.DAYS_AND_MONTHS | phrases.VERBS | phrases.LEADS)
