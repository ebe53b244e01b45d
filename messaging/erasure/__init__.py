"""Erasure of a person: delete identifying data (`service`), recognize the address later (`aliases`)."""
