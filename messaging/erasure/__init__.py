"""Erasure of a person: delete identifying data (`service`), recognise them later (`aliases`)."""
