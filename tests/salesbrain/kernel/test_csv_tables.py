"""Parsing of uploaded CSV: rows with line numbers; malformed rows refused with theirs."""

import pytest

from salesbrain.kernel.csv_tables import UnreadableTable, heading, misfit, read_rows, swallowed


def cells(text: str) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.line, row.cells) for row in read_rows(text)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_lines_end_as_on_any_system(end):
    assert cells(f"a;b{end}{end}1;2{end}") == [(1, ("a", "b")), (3, ("1", "2"))]


@pytest.mark.parametrize("text", ["sep=;\na;b\n", '"SEP=;"\r\na;b', "\ufeffsep=;\na;b"])
def test_the_first_line_may_name_the_separator(text):
    assert cells(text) == [(2, ("a", "b"))]


def test_a_cell_keeps_its_paragraphs_and_line_separators():
    text = 'email,note\nann@k.example,"Hi,\n\nbye"\nbob@k.example,Bo\u2028nn\n'
    assert cells(text)[1:] == [(2, ("ann@k.example", "Hi,\n\nbye")), (5, ("bob@k.example", "Bo\u2028nn"))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('email,name\na@k.example,"Ann\nb@k.example,Bob\n', "Line 2: a quotation mark is opened"),
        ('email,name\na@k.example,"Ann" Lee\n', "Line 2: text follows a closing quotation mark"),
        ("email,note\na@k.example," + "x" * 200_000, "Line 2: a cell is far too long"),
        ("email\nx\x00y", "NUL"),
        ("sep= \nemail", "Line 1"),
    ],
)
def test_an_unclosed_quote_is_refused_with_its_line(text, said):
    with pytest.raises(UnreadableTable, match=said):
        read_rows(text)


def test_rows_that_do_not_fit_their_heading_are_reported():
    head, wide, narrow, padded = read_rows("a,b\n1,2,3\n1\n1,2,,\n")
    assert misfit(head, 2) is None and misfit(padded, 2) is None
    assert "3 cells" in (misfit(wide, 2) or "") and "1 cells" in (misfit(narrow, 2) or "")


def test_a_row_inside_a_quoted_cell_is_noticed():
    row = read_rows('a@k.example,"Ann\nb@k.example,Bob\nc@k.example,Cid"\n')[0]
    assert "line 2 looks like a row of its own" in (swallowed(row, 2, 0) or "")


@pytest.mark.parametrize(
    "text", ["First Name", "firstName", " first_name ", "FIRST-NAME", "First\u00a0Name:", "\ufefffirst name"]
)
def test_headings_are_compared_without_case_and_punctuation(text):
    assert heading(text) == "first_name"
