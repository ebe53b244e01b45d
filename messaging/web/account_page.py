"""`/email-accounts/<id>`: page of one mailbox: its health, its sends, and its campaigns."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.models import EmailAccount
from messaging.email_account_rows import with_health
from messaging.stats_report import Question, account_report, rows_of_account
from messaging.web.daily_chart import daily_chart
from messaging.web.periods import read_days
from messaging.web.scoped import OutreachView

CHARTED = ("sent", "replied", "bounced")
TILES = ("sent", "replied", "bounced", "complaints")
RATE_OF = {"replied": "reply_rate", "bounced": "bounce_rate", "complaints": "complaint_rate"}


class AccountView(OutreachView):
    template_name = "messaging/account.html"
    navigation_name = "email_accounts"
    statements = 16
    example_arguments = {"account_id": UUID("00000000-0000-4000-8000-0000000000a1")}

    def get(self, request: HttpRequest, account_id: UUID) -> HttpResponseBase:
        account: EmailAccount = self.one(EmailAccount, account_id)
        period = read_days(request.GET, today=self.today)
        rows = rows_of_account(account).filter(organization__in=self.organizations)
        answer = account_report(account, rows, Question(period.start, period.end, compares=True), today=self.today)
        before = answer["before"] or {}
        return self.render(
            {
                "title": account.address,
                "account": account,
                "row": with_health([account], today=self.today)[0],
                "period": period,
                "usage": answer["usage"],
                "campaigns": sorted(answer["campaigns"], key=lambda row: -row["sent"]),
                "tiles": [
                    {
                        "name": name,
                        "value": answer[name],
                        "rate": answer.get(RATE_OF.get(name, "")),
                        "before": before.get(name),
                    }
                    for name in TILES
                ],
                "figures": TILES,
                "chart": daily_chart(_("Emails sent, answered and bounced by day"), CHARTED, rows, period),
            }
        )
