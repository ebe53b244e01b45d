"""Erasure of a person: delete identifying data, keep aggregates (`service`); recognise the person later (`aliases`)."""
