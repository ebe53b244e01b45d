"""Translatable words for states, stats and health findings shown on pages."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.choices import EmailAccountStatus, WarmupStatus
from campaigns.choices import CampaignStatus, NotSending
from messaging.choices import SuppressionReason
from messaging.contact_variables import Reason
from messaging.email_account_rows import Finding
from messaging.event_words import EVENTS, MESSAGE_STATUS, UNSORTED, Words, category, interest
from messaging.event_words import event_in_words as event
from messaging.events import EventType
from messaging.intelligence.triage.classes import Category

__all__ = [
    "ACCOUNT_STATUS", "CAMPAIGN_STATUS", "CAMPAIGN_TONE", "CATEGORY_TONES", "EVENTS", "EVENT_TONES", "FIGURES", "FINDINGS", "LEFT_OUT",
    "MESSAGE_STATUS", "MESSAGE_TONES", "SUPPRESSIONS", "UNSORTED", "WAITS", "WARMUP", "campaign_status", "category", "event", "interest",
    "sends",
]  # fmt: skip

CAMPAIGN_STATUS: Words = {
    CampaignStatus.DRAFT: _("Draft"),
    CampaignStatus.ACTIVE: _("Sending"),
    CampaignStatus.PAUSED: _("Paused"),
    CampaignStatus.COMPLETED: _("Completed"),
    CampaignStatus.RUNNING_SUBSEQUENCES: _("Follow-ups only"),
    CampaignStatus.ACCOUNT_SUSPENDED: _("Email account suspended"),
    CampaignStatus.ACCOUNTS_UNHEALTHY: _("Email accounts unhealthy"),
    CampaignStatus.BOUNCE_PROTECT: _("Stopped: too many bounces"),
    CampaignStatus.UNKNOWN: _("Unknown"),
}
CAMPAIGN_TONE: Mapping[str, str] = {
    CampaignStatus.ACTIVE: "good", CampaignStatus.RUNNING_SUBSEQUENCES: "good", CampaignStatus.ACCOUNT_SUSPENDED: "bad",
    CampaignStatus.ACCOUNTS_UNHEALTHY: "bad", CampaignStatus.BOUNCE_PROTECT: "bad",
}  # fmt: skip
WAITS: Words = {
    NotSending.OUTSIDE_SCHEDULE: _("Outside its sending times"),
    NotSending.WAITING_FOR_LEAD: _("Waiting for new contacts"),
    NotSending.DAILY_LIMIT: _("Daily limit reached"),
    NotSending.ACCOUNTS_DAILY_LIMIT: _("Email accounts at their daily limit"),
    NotSending.ERROR: _("Error at the provider"),
    NotSending.UNKNOWN: _("Not sending, reason unknown"),
}
ACCOUNT_STATUS: Words = {
    EmailAccountStatus.ACTIVE: _("Active"),
    EmailAccountStatus.PAUSED: _("Paused"),
    EmailAccountStatus.MAINTENANCE: _("Paused for maintenance"),
    EmailAccountStatus.CONNECTION_ERROR: _("Connection error"),
    EmailAccountStatus.SOFT_BOUNCE_ERROR: _("Soft bounces"),
    EmailAccountStatus.SENDING_ERROR: _("Sending error"),
    EmailAccountStatus.ERROR: _("Error"),
    EmailAccountStatus.SUSPENDED: _("Suspended"),
    EmailAccountStatus.UNKNOWN: _("Unknown"),
}
WARMUP: Words = {
    WarmupStatus.PAUSED: _("Warm-up paused"),
    WarmupStatus.ACTIVE: _("Warming up"),
    WarmupStatus.BANNED: _("Warm-up banned"),
    WarmupStatus.SPAM_FOLDER_UNKNOWN: _("Spam folder unknown"),
    WarmupStatus.PERMANENTLY_SUSPENDED: _("Warm-up suspended"),
    WarmupStatus.UNKNOWN: _("Warm-up unknown"),
}
FINDINGS: Mapping[Finding, tuple[str | Promise, str | Promise]] = {
    Finding.GONE: (_("Gone"), _("The provider no longer lists this email account.")),
    Finding.SUSPENDED: (_("Suspended"), _("The provider has suspended it: it sends nothing.")),
    Finding.ERROR: (_("Error"), _("It cannot send until the error is fixed.")),
    Finding.BOUNCES: (_("Bounces"), _("More than 5 % of the last 7 days came back. Above that, mailbox providers slow a sender down.")),
    Finding.COMPLAINTS: (_("Complaints"), _("More than 0.3 % of the last 7 days were reported as spam, Google's limit for senders.")),
    Finding.WARMUP_BANNED: (_("Warm-up banned"), _("The provider has ended its warm-up.")),
    Finding.WARMUP_LOW: (_("Warm-up low"), _("Its warm-up score is below 70 of 100: too many warm-up mails land in spam.")),
    Finding.SILENT: (_("No replies"), _("200 or more sends in 7 days without one reply: mails probably land in spam.")),
    Finding.PAUSED: (_("Paused"), _("It was paused and sends nothing.")),
    Finding.UNKNOWN: (_("Unknown"), _("Nothing has been read of it from the provider yet.")),
    Finding.GOOD: (_("Healthy"), _("Bounces at most 5 %, complaints at most 0.3 % of the last 7 days, warm-up score at least 70.")),
}  # fmt: skip
"""Words of each finding on an email account, with its rule (messaging.email_account_rows)."""

LEFT_OUT: Words = {
    Reason.NOT_PLAIN: _("no plain value"),
    Reason.LONG_NAME: _("name too long"),
    Reason.LONG_VALUE: _("value too long"),
    Reason.TOO_MANY: _("too many variables"),
    Reason.SECRET: _("looks like a secret"),
}
"""Labels of the reasons why a contact's variable was left out."""

EVENT_TONES: Mapping[str, str] = {
    EventType.REPLY_RECEIVED: "accent", EventType.LEAD_INTERESTED: "good", EventType.LEAD_MEETING_BOOKED: "good",
    EventType.LEAD_MEETING_COMPLETED: "good", EventType.LEAD_CLOSED: "good", EventType.EMAIL_BOUNCED: "bad",
    EventType.EMAIL_SPAM_REPORT: "bad", EventType.EMAIL_UNSUBSCRIBED: "warn", EventType.LEAD_NOT_INTERESTED: "warn",
    EventType.ACCOUNT_ERROR: "bad", EventType.ACCOUNT_SUSPENDED: "bad", "message_received": "accent",
}  # fmt: skip
MESSAGE_TONES: Mapping[str, str] = {"received": "accent", "replied": "good", "bounced": "bad"}
SUPPRESSIONS: Words = {
    SuppressionReason.UNSUBSCRIBE: _("Unsubscribed"),
    SuppressionReason.COMPLAINT: _("Reported us as spam"),
    SuppressionReason.MANUAL: _("Blocked by the agency"),
    SuppressionReason.IMPORT: _("On an imported list"),
    SuppressionReason.ERASED: _("Erased on request"),
}
CATEGORY_TONES: Mapping[str, str] = {
    Category.MEETING: "good", Category.INTERESTED: "good", Category.QUESTION: "accent", Category.COMPLAINT: "bad",
    Category.UNSUBSCRIBE: "warn", Category.NOT_INTERESTED: "warn",
}  # fmt: skip
FIGURES: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "sent": (_("Sent"), _("Emails sent.")),
    "delivered": (_("Delivered"), _("Emails sent that did not bounce.")),
    "opened": (_("Opened"), _("Sent emails opened at least once, by people or by machines.")),
    "opens": (_("Opens"), _("Opens in total: one email opened three times counts three.")),
    "clicked": (_("Clicked"), _("Sent emails in which a link was clicked at least once.")),
    "clicks": (_("Clicks"), _("Clicks in total.")),
    "machine_opened": (_("Opened by machines"), _("Of the opened emails: every open looks like a mail filter's, from its time alone.")),
    "machine_opens": (_("Machine opens"), _("Of the opens: those that look like a mail filter's, from their time alone.")),
    "machine_clicked": (_("Clicked by machines"), _("Of the clicked emails: every click looks like a mail filter's.")),
    "machine_clicks": (_("Machine clicks"), _("Of the clicks: those that look like a mail filter's.")),
    "human_opened": (_("Opened by people"), _("Opened emails without those opened by machines only.")),
    "human_clicked": (_("Clicked by people"), _("Clicked emails without those clicked by machines only.")),
    "replied": (_("Answered"), _("Sent emails that a person answered at least once.")),
    "replies": (_("Replies"), _("Answers by people; automatic ones are not among them.")),
    "auto_replies": (_("Automatic replies"), _("Automatic answers, such as out of office.")),
    "positive_replies": (_("Positive replies"), _("How often somebody was marked as interested.")),
    "negative_replies": (_("Negative replies"), _("How often somebody was marked as not interested.")),
    "meetings": (_("Meetings"), _("Meetings booked.")),
    "bounced": (_("Bounces"), _("Emails that came back. The provider does not tell hard bounces from soft ones.")),
    "unsubscribed": (_("Unsubscribed"), _("People who unsubscribed.")),
    "complaints": (_("Complaints"), _("People who reported an email as spam, as far as the provider tells.")),
    "delivery_rate": (_("Delivery rate"), _("Delivered, of the emails sent.")),
    "open_rate": (_("Open rate"), _("Opened, of the emails sent by campaigns that track opens.")),
    "click_rate": (_("Click rate"), _("Clicked, of the emails sent by campaigns that track links.")),
    "human_open_rate": (_("Open rate, people"), _("Opened by people, of the emails sent by campaigns that track opens.")),
    "human_click_rate": (_("Click rate, people"), _("Clicked by people, of the emails sent by campaigns that track links.")),
    "reply_rate": (_("Reply rate"), _("Answered, of the emails sent.")),
    "positive_reply_rate": (_("Positive rate"), _("Positive replies, of the emails sent.")),
    "bounce_rate": (_("Bounce rate"), _("Bounces, of the emails sent.")),
    "unsubscribe_rate": (_("Unsubscribe rate"), _("Unsubscribed, of the emails sent.")),
    "complaint_rate": (_("Complaint rate"), _("Complaints, of the emails sent.")),
    "auto_reply_rate": (_("Automatic reply rate"), _("Automatic replies, of the emails sent.")),
    "meeting_rate": (_("Meeting rate"), _("Meetings, of the emails sent.")),
}  # fmt: skip
"""Label and definition of each figure and rate of messaging.stats."""


def campaign_status(campaign: Any) -> tuple[str | Promise, str]:
    """Return the status of a campaign in words, and the colour of its badge."""
    if campaign.missing_since:
        return _("Gone at the provider"), "bad"
    if campaign.status == CampaignStatus.ACTIVE and campaign.not_sending:
        tone = "bad" if campaign.not_sending == NotSending.ERROR else "warn"
        return WAITS.get(campaign.not_sending, WAITS[NotSending.UNKNOWN]), tone
    return CAMPAIGN_STATUS.get(campaign.status, CAMPAIGN_STATUS[CampaignStatus.UNKNOWN]), CAMPAIGN_TONE.get(
        campaign.status, ""
    )


def sends(count: int) -> str:
    return ngettext("%(count)s send", "%(count)s sends", count) % {"count": count}
