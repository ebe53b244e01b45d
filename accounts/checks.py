"""Django system checks of the mail settings, which invitations and password resets need."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def check_mail_settings(**_: Any) -> list[Error]:
    """Report an error if mails are enabled without a sender address, or without the site's address for links."""
    problems: list[Error] = []
    if not settings.EMAIL_URL:
        return problems
    if not settings.PUBLIC_URL:
        problems.append(
            Error(
                "EMAIL_URL is set and PUBLIC_URL is not: links in mails would lead nowhere.",
                hint="Set PUBLIC_URL to the address people open, such as https://salesbrain.example.com",
                id="accounts.E002",
            )
        )
    if "@" not in parseaddr(settings.DEFAULT_FROM_EMAIL)[1]:
        problems.append(
            Error(
                "EMAIL_URL is set and DEFAULT_FROM_EMAIL names no sender.",
                hint="Set DEFAULT_FROM_EMAIL, such as Salesbrain <salesbrain@example.com>",
                id="accounts.E003",
            )
        )
    return problems
