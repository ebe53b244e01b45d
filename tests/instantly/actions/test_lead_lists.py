"""Pasted or uploaded lead lists: every line becomes a lead or is reported with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly.actions.lead_lists import read_leads
from salesbrain.kernel.csv_tables import UnreadableTable


def test_headings_people_use_are_the_fields_of_a_lead():
    table = "sep=;\r\nFirst Name;lastName;Lead Email;Firma;Industry\r\nAda;Lee;ada@k.example;ACME;Steel\r\n"
    assert read_leads(table).leads == [
        {"first_name": "Ada", "last_name": "Lee", "email": "ada@k.example", "company_name": "ACME", "custom_variables": {"Industry": "Steel"}}  # noqa: E501
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["E-Mail\rann@k.example\rbob@k.example", "Email\tx\nann@k.example\t1\nbob@k.example\t2"]
)
def test_mac_line_ends_and_tabs_are_understood(text):
    assert [lead["email"] for lead in read_leads(text).leads] == ["ann@k.example", "bob@k.example"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("email,company,city\nann@k.example,Steel, Ltd.,Bonn\n", 2, "4 cells"),
        ("email,company,city\nann@k.example,Bonn\n", 2, "2 cells"),
        ('email,note\nann@k.example,"Hi\nbob@k.example,Bob\n cid"\n', 2, "row of its own"),
        ("email,,city\nann@k.example,x,Bonn\n", 2, "no heading"),
        ("ann@k.example\nbob@k.example;Bob\n", 2, "more than an address"),
    ],
)
def test_an_unreadable_row_is_named_with_its_line_and_skipped(text, line, said):
    found = read_leads(text)
    (doubt,) = found.doubts
    assert doubt.line == line and said in doubt.reason and str(doubt).startswith(f"Line {line}: ")
    assert line not in found.lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,company\nAnn,ACME", "no column email; there are name, company"),
        ("email,E-Mail\na@k.example,b@k.example", "two columns mean email"),
        ("email,city,city\na@k.example,x,y", "two columns mean city"),
        ('email,first_name\na@k.example,"Ann\nb@k.example,Bob\n', "Line 2"),
    ],
)
def test_a_list_that_cannot_be_understood_is_refused_plainly(text, said):
    with pytest.raises(UnreadableTable, match=said):
        read_leads(text)


def test_an_address_with_a_name_is_one_lead():
    assert [lead["email"] for lead in read_leads('"Lee, Ann" <ann@k.example>\nBob <bob@k.example>').leads][
        1
    ] == "Bob <bob@k.example>"


@given(st.text(alphabet='ab@."\n\r,;\t =', max_size=60))
def test_no_line_of_a_list_disappears(text):
    try:
        found = read_leads(text)
    except UnreadableTable:
        return
    named = {*found.lines, *(doubt.line for doubt in found.doubts)}
    assert len(found.leads) == len(found.lines) and len(named) == len(found.lines) + len(found.doubts)
