"""Order of the resolvers that compare a batch of events with the database."""

from typing import Any

from instantly.processing import resolvers


def test_every_resolver_gets_what_the_one_before_it_returned(monkeypatch: Any) -> None:
    def adds(name: str) -> Any:
        return lambda batch, unresolved: [*batch, name]

    monkeypatch.setattr(resolvers, "RESOLVERS", (adds("first"), adds("second"), adds("third")))
    monkeypatch.setattr(resolvers, "lock_mail_ids", lambda batch: None)
    assert resolvers.resolve_batch([], []) == ["first", "second", "third"]


def test_the_resolvers_run_in_the_order_that_erasure_and_variants_need(monkeypatch: Any) -> None:
    called: list[str] = []
    for name in ("match_replies", "distinguish_replies", "anonymize_erased", "match_variants"):
        monkeypatch.setattr(resolvers, name, lambda batch, *rest, name=name: called.append(name) or batch)
    monkeypatch.setattr(resolvers, "lock_mail_ids", lambda batch: None)
    resolvers.resolve_batch([], [])
    assert called == ["match_replies", "distinguish_replies", "anonymize_erased", "match_variants"]
