"""Paginated lists of the client: pages of a hundred, cursors, invalid items, endless pages."""

import pytest

from instantly.client import Listing, Rejected, errors, listing


def tag(number: int) -> dict:
    return {"id": f"t-{number}", "label": f"Tag {number}"}


def page(*items, cursor=None, **extra) -> dict:
    return {"items": list(items), **({"next_starting_after": cursor} if cursor is not None else {}), **extra}


def test_pages_of_a_hundred_are_walked_to_the_end(client, server, answers):
    server.will(
        answers.json(page(tag(1), tag(2), cursor="c2")),
        answers.json(page(tag(3), cursor="c3")),
        answers.json(page(tag(4))),
    )

    found = client.custom_tags(search="T")

    assert [item.id for item in found] == ["t-1", "t-2", "t-3", "t-4"]
    assert found.complete
    assert (found.listed, found.requests, found.rejected) == (4, 3, [])
    assert [dict(request.query) for request in server.received] == [
        {"search": "T", "limit": "100"},
        {"search": "T", "limit": "100", "starting_after": "c2"},
        {"search": "T", "limit": "100", "starting_after": "c3"},
    ]


def test_pages_are_requested_lazily_one_at_a_time(client, server, answers):
    server.will(answers.json(page(tag(1), cursor="c2")), answers.json(page(tag(2))))

    found = client.custom_tags()
    assert server.received == []
    next(found)
    assert len(server.received) == 1
    assert not found.complete


def test_the_walk_can_be_taken_by_pages(client, server, answers):
    server.will(answers.json(page(tag(1), tag(2), cursor="c2")), answers.json(page(tag(3))))

    found = client.custom_tags()

    assert [[item.id for item in items] for items in found.pages()] == [["t-1", "t-2"], ["t-3"]]
    assert found.complete


def test_known_items_are_not_revalidated(client, server, answers):
    one, bad = (
        {"email": "a@x.example", "imap_password": "hunter2", "tags": []},
        {"email": " B@x.example", "daily_limit": []},
    )
    server.will(answers.json(page(one, "no object", cursor="c2")), answers.json(page(bad, dict(reversed(one.items())))))
    found = client.email_accounts()

    first, second, third = [stored for stored_page in found.unread() for stored in stored_page]

    assert first == third == b'{"email":"a@x.example","tags":[]}'
    assert found.complete and found.listed == 4
    assert found.read(first).email == "a@x.example" and found.read(first).raw == {"email": "a@x.example", "tags": []}
    assert found.read(second) is None
    assert [(one.id, one.reason[:11]) for one in found.rejected] == [
        ("", "it is a str"),
        ("b@x.example", "daily_limit"),
    ]


@pytest.mark.parametrize(("call", "key"), [("campaigns", "id"), ("email_accounts", "email")])
@pytest.mark.parametrize("levels", [300, 600])
def test_an_item_too_deep_to_store_is_rejected(client, server, answers, call, key, levels):
    deep: list = []
    for _ in range(levels):
        deep = [deep]
    server.will(answers.json(page({key: "a@x.example", "deep": deep}, {key: "b@x.example"})))
    found = getattr(client, call)()
    assert [len(stored) for stored in found.unread()] == [1]
    assert found.rejected == [Rejected("a@x.example", "it is nested too deeply")]


def test_an_empty_page_is_the_end_even_with_a_cursor(client, server, answers):
    server.will(answers.json(page(tag(1), cursor="c2")), answers.json(page(cursor="c3")))

    found = client.custom_tags()

    assert len(list(found)) == 1
    assert found.complete


@pytest.mark.parametrize("cursor", [None, ""])
def test_a_null_or_empty_cursor_ends_the_list(client, server, answers, cursor):
    server.always = answers.json({"items": [tag(1)], "next_starting_after": cursor})

    found = client.custom_tags()

    assert len(list(found)) == 1
    assert found.complete


@pytest.mark.parametrize(
    "cursor",
    ["2026-01-01T00:00:00.000Z&jon@doe.com", "a+b&c=d/e?f#g%20h i", "é✓", "jon+tag@doe.com", "../../x", 'quote"s'],
)
def test_a_cursor_comes_back_exactly_as_it_was_given(client, server, answers, cursor):
    server.will(answers.json(page({"email": "a@x.example"}, cursor=cursor)), answers.json(page()))

    list(client.email_accounts())

    assert dict(server.received[1].query)["starting_after"] == cursor
    assert server.received[1].path == "/api/v2/accounts"


def test_the_lead_list_keeps_limit_and_cursor_in_the_body(client, server, answers):
    server.will(answers.json(page({"id": "l-1", "status": 1}, cursor="l-1")), answers.json(page()))

    list(client.leads(campaign="c-1"))

    assert [request.json for request in server.received] == [
        {"campaign": "c-1", "limit": 100},
        {"campaign": "c-1", "limit": 100, "starting_after": "l-1"},
    ]
    assert server.received[0].query == []


def test_a_page_that_is_too_large_is_taken_in_smaller_ones(new_client, server, answers):
    def too_large(*items, **rest):
        return answers.json(page(*items, padding="x" * 5000, **rest))

    server.will(
        too_large(cursor="never"),
        answers.json(page(tag(1), tag(2), cursor="c2")),
        too_large(cursor="never"),
        too_large(cursor="never"),
        answers.json(page(tag(3), cursor="c3")),
        answers.json(page(tag(4))),
    )
    found = new_client(max_body=1024).custom_tags()

    assert [item.id for item in found] == ["t-1", "t-2", "t-3", "t-4"]
    asked = [(query["limit"], query.get("starting_after")) for query in (dict(r.query) for r in server.received)]
    assert asked == [("100", None), ("10", None), ("100", "c2"), ("10", "c2"), ("1", "c2"), ("100", "c3")]
    assert found.requests == 6


def test_one_item_that_is_too_large_ends_the_listing(new_client, server, answers):
    server.always = answers.json(page(tag(1), padding="x" * 5000))
    found = new_client(max_body=1024).custom_tags()

    with pytest.raises(errors.BodyTooLarge):
        list(found)

    assert len(server.received) == 3
    assert not found.complete


def test_a_repeated_cursor_is_refused(client, server, answers):
    server.always = answers.json(page(tag(1), cursor="again"))
    found = client.custom_tags()

    with pytest.raises(errors.PaginationError, match="circle") as caught:
        list(found)

    assert not found.complete and not caught.value.retryable
    assert len(server.received) == 2


def test_cursors_going_round_in_a_circle_are_refused(client, server, answers):
    server.will(*(answers.json(page(tag(1), cursor=cursor)) for cursor in ("a", "b", "c", "a")))
    found = client.custom_tags()

    with pytest.raises(errors.PaginationError, match="circle"):
        list(found)

    assert len(server.received) == 4
    assert not found.complete


def counting(pages: int) -> Listing:
    from instantly.schemas import CustomTag

    def fetch(cursor):
        number = int(cursor or 1)
        return listing.Page([tag(number)], str(number + 1) if number < pages else None)

    return Listing("GET /api/v2/custom-tags", CustomTag, fetch, lambda: 0)


def test_ten_thousand_pages_are_walked_and_one_more_is_refused():
    just = counting(10_000)
    assert sum(1 for _ in just) == 10_000
    assert just.complete

    more = counting(10_001)
    with pytest.raises(errors.PaginationError, match="10,000 pages"):
        list(more)
    assert not more.complete


@pytest.mark.parametrize("cursor", [{"id": 1}, ["x"], True, 1.5])
def test_a_cursor_that_is_not_text_is_refused(client, server, answers, cursor):
    server.always = answers.json({"items": [tag(1)], "next_starting_after": cursor})

    with pytest.raises(errors.PaginationError, match="instead of text"):
        list(client.custom_tags())


@pytest.mark.parametrize(
    "answer", [{"items": None}, {}, {"items": {}}, {"items": "none"}, None, "text", 3, {"data": []}, {"message": "ok"}]
)
def test_an_answer_without_a_list_is_an_error_not_an_empty_listing(client, server, answers, answer):
    server.always = answers.json(answer)
    found = client.campaigns()

    with pytest.raises(errors.UnexpectedShape, match="no list of items"):
        list(found)

    assert not found.complete


def test_invalid_items_are_reported_and_the_others_kept(client, server, answers):
    server.will(
        answers.json(
            page(
                {"id": "c-1", "name": "Good", "status": 1},
                {"id": "c-2", "name": "No status"},
                {"id": "c-3", "name": "Bad", "status": 1, "daily_limit": {"secret": "value"}, "email_list": 7},
                {"name": "No id", "status": 1},
                "not an object",
                None,
                {"id": 17, "name": "Number for an id", "status": 1},
                cursor="next",
            )
        ),
        answers.json(page({"id": "c-9", "name": "Good too", "status": 1})),
    )
    found = client.campaigns()

    assert [campaign.id for campaign in found] == ["c-1", "17", "c-9"]
    assert found.complete
    assert found.listed == 8
    assert [(rejected.id, rejected.reason.split(":")[0]) for rejected in found.rejected] == [
        ("c-2", "status"),
        ("c-3", "email_list"),
        ("", "id"),
        ("", "it is a str, not an object"),
        ("", "it is a NoneType, not an object"),
    ]
    assert "secret" not in repr(found.rejected)


def test_an_invalid_email_account_is_named_by_its_address(client, server, answers):
    server.always = answers.json(page({"email": "a@x.example", "daily_limit": "lots\r\n"}))
    found = client.email_accounts()

    assert list(found) == []
    assert found.rejected[0].id == "a@x.example"
    assert found.rejected[0].reason.startswith("daily_limit")
    assert isinstance(found.rejected[0], Rejected)


def test_requests_count_repeats_and_those_of_a_page_that_failed(client, server, answers):
    server.will(answers.json(page(tag(1), cursor="c2")), answers.json({}, 500), answers.json({}, 404))
    found = client.custom_tags()

    with pytest.raises(errors.NotFound):
        list(found)

    assert (found.requests, client.requests_sent) == (3, 3)
    assert not found.complete


def test_a_listing_left_early_is_not_complete(client, server, answers):
    server.always = answers.json(page(tag(1), tag(2)))
    found = client.custom_tags()

    next(found)
    next(found)

    assert not found.complete
    assert list(found) == []
    assert found.complete


def test_bare_arrays_and_lists_without_pages_are_one_request(client, server, answers):
    server.will(
        answers.json([{"campaign_id": "c-1", "leads_count": 3}, {"leads_count": 4}]),
        answers.json({"event_types": [{"id": "email_sent"}]}),
        answers.json({"items": [{"date": "2026-01-01"}], "next_starting_after": "ignored"}),
    )

    analytics = client.campaign_analytics()
    assert [row.campaign_id for row in analytics] == ["c-1"]
    assert (len(analytics.rejected), analytics.complete) == (1, True)
    assert [kind.id for kind in client.webhook_event_types()] == ["email_sent"]
    assert [day.date for day in client.webhook_events_by_date()] == ["2026-01-01"]
    assert all("limit" not in dict(request.query) for request in server.received)
