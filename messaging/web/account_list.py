"""`/email-accounts`: page of all mailboxes with health, sends, bounces, replies and warm-up."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import EmailAccount
from accounts.models.email_account import EmailAccountQuerySet
from messaging.email_account_rows import ORDERS, AccountRow, account_rows
from messaging.web import words
from messaging.web.scoped import OutreachView
from salesbrain.kernel import fast_reads
from salesbrain.web.lists import MOST_ROWS, Column, ListView

STATES = (("", _("Any status")), ("unhealthy", _("Not sending")), ("healthy", _("Active")))


class AccountFilter(forms.Form):
    query = forms.CharField(
        label=_("Address"), max_length=200, required=False, widget=forms.TextInput({"type": "search"})
    )
    status = forms.ChoiceField(label=_("Status"), choices=STATES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["query"].widget.attrs["placeholder"] = self.fields["query"].label


def filtered(accounts: EmailAccountQuerySet, filters: dict[str, Any]) -> EmailAccountQuerySet:
    if query := filters.get("query"):
        accounts = accounts.filter(address__icontains=query.lower())
    if status := filters.get("status"):
        accounts = accounts.healthy() if status == "healthy" else accounts.unhealthy()
    return accounts


class AccountListView(OutreachView, ListView):
    template_name = "messaging/accounts.html"
    title = _("Email accounts")
    navigation_name = "email_accounts"
    form_class = AccountFilter
    orders = tuple(ORDERS)
    file_name = "email-accounts"
    owner_path = "account.organization_id"
    columns = (
        Column(_("Address"), "account.address"), Column(_("Health"), "finding_words"), Column(_("Status"), "status_words"),
        Column(_("Sent today"), "health.sent_today"), Column(_("Daily limit"), "account.daily_limit"),
        Column(_("Sent in 7 days"), "health.sent"),
        Column(words.FIGURES["bounce_rate"][0], "bounce_rate"), Column(words.FIGURES["reply_rate"][0], "reply_rate"),
        Column(_("Warm-up score"), "account.warmup_score"),
    )  # fmt: skip

    def rows(self, filters: dict[str, Any], order: str, offset: int, limit: int) -> Iterable[Any]:
        accounts = filtered(self.own(EmailAccount), filters)  # type: ignore[arg-type]  # the model's manager is of this queryset
        found = account_rows(accounts, today=self.today, order=order, offset=offset, limit=limit)
        return [Written(row) for row in found] if self.writes_csv else found

    def count(self, filters: dict[str, Any]) -> int:
        return fast_reads.count(filtered(self.own(EmailAccount), filters), up_to=MOST_ROWS + 1)  # type: ignore[arg-type]


class Written:
    """Row of the CSV file, with states in words."""

    def __init__(self, row: AccountRow) -> None:
        self.account, self.health, self.bounce_rate, self.reply_rate = (
            row.account,
            row.health,
            row.bounce_rate,
            row.reply_rate,
        )
        self.finding_words = str(words.FINDINGS[row.finding][0])
        self.status_words = str(words.ACCOUNT_STATUS.get(row.account.status, row.account.status))
