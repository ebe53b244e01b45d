"""Limits of an API token in addition to its user's role: a token may be read-only."""

from django.db import models


class TokenAccess(models.Model):
    """Limits of one API token. A token without this row may do what its user's role includes at the time of the request.

    Not under row-level security, like knox's own table: a token is looked up before any scope exists.
    """

    token = models.OneToOneField("knox.AuthToken", primary_key=True, on_delete=models.CASCADE, related_name="access")
    read_only = models.BooleanField()

    class Meta:
        verbose_name_plural = "token access"

    def __str__(self) -> str:
        return "read-only" if self.read_only else "as its user"
