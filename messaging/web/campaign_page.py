"""`/campaigns/<id>`: page of one campaign: stats, chart, steps and variants, schedule."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.models import EmailAccount
from campaigns.models import Campaign
from campaigns.schedule import sending_times
from campaigns.sequence import steps
from messaging import stats
from messaging.campaign_figures import figures_of
from messaging.email_account_rows import AccountRow, with_health
from messaging.mail_text import html_to_text
from messaging.models import Message
from messaging.replies import replies
from messaging.stats_report import Question, report
from messaging.step_comparison import compared_steps
from messaging.web.comparison_words import comparison_sentence
from messaging.web.daily_chart import daily_chart
from messaging.web.periods import read_days
from messaging.web.schedule_words import schedule_lines
from messaging.web.scoped import OutreachView

CHARTED = ("sent", "replied")
TILES = ("sent", "replied", "positive_replies", "meetings", "bounced")
RATE_OF = {
    "replied": "reply_rate", "positive_replies": "positive_reply_rate", "meetings": "meeting_rate", "bounced": "bounce_rate",
}  # fmt: skip
LATEST = 5
MAX_BODY = 20_000


class CampaignView(OutreachView):
    template_name = "messaging/campaign.html"
    navigation_name = "campaigns"
    statements = 16
    example_arguments = {"campaign_id": UUID("00000000-0000-4000-8000-0000000000c1")}

    def get(self, request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
        campaign: Campaign = self.one(Campaign, campaign_id)
        period = read_days(request.GET, today=self.today)
        rows = figures_of(campaign.pk, campaign.organization_id)
        tracking = stats.tracking_of(campaign.open_tracking, campaign.link_tracking)
        answer = report(rows, Question(period.start, period.end, compares=True, by="step"), tracking=tracking)
        sequence = steps(campaign.sequences)
        messages = self.own(Message).filter(organization_id=campaign.organization_id, campaign=campaign)
        return self.render(
            {
                "title": campaign.name,
                "campaign": campaign,
                "period": period,
                "funnel": funnel(answer),
                "tiles": TILES,
                "figures": answer,
                "chart": daily_chart(_("Emails sent and answered by day"), CHARTED, rows, period),
                "steps": [(step, comparison_sentence(step)) for step in compared_steps(answer["rows"], sequence)],
                "sequence": [
                    (step, [(variant, body_text(variant.body)) for variant in step.variants]) for step in sequence
                ],
                "schedule": schedule_lines(sending_times(campaign.schedule)),
                "accounts": self.accounts(campaign),
                "replies": list(replies(messages)[:LATEST]),
            }
        )

    def accounts(self, campaign: Campaign) -> list[AccountRow]:
        """Return the senders that the reader may see, with the health of 7 days."""
        accounts = list(
            self.own(EmailAccount)
            .filter(
                connection_id=campaign.connection_id, address__in=[str(sender).lower() for sender in campaign.senders]
            )
            .defer("raw")
        )
        return with_health(accounts, today=self.today)


def funnel(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the stages from sent to meeting, each with its share of sent mails and its value in the preceding period."""
    before = answer["before"] or {}
    return [
        {
            "name": name,
            "value": answer[name],
            "rate": answer[RATE_OF[name]] if name in RATE_OF else None,
            "before": before.get(name),
        }
        for name in TILES
    ]


def body_text(html: str) -> str:
    """Return a step's HTML as plain text."""
    return html_to_text(html[:MAX_BODY])
