"""URL routes of messaging's pages (campaigns, contacts, inbox, stats), and of the poll."""

from django.urls import path

from messaging.web.access_log import AccessLogView
from messaging.web.account_list import AccountListView
from messaging.web.account_page import AccountView
from messaging.web.campaign_list import CampaignListView
from messaging.web.campaign_page import CampaignView
from messaging.web.contact_list import ContactListView
from messaging.web.contact_page import ContactView
from messaging.web.conversation_earlier import EarlierReplyView
from messaging.web.conversation_page import ConversationView
from messaging.web.conversation_presence import PresenceView
from messaging.web.conversation_reply import ReplyView
from messaging.web.conversation_similar import SimilarRepliesView
from messaging.web.digest_off import DigestOffView
from messaging.web.follow_up_list import FollowUpActView, FollowUpListView
from messaging.web.follow_up_settings_page import FollowUpSettingsView
from messaging.web.goals_page import GoalsView
from messaging.web.inbox import InboxView
from messaging.web.inbox_actions import ActView
from messaging.web.message_body import MessageBodyView
from messaging.web.message_list import MessageListView
from messaging.web.overview import OverviewView
from messaging.web.poll import poll
from messaging.web.scores_page import ScoresView
from messaging.web.snippets_page import SnippetsView
from messaging.web.stats_page import StatsView
from messaging.web.triage_page import TriageView

urlpatterns = [
    path("", OverviewView.as_view(), name="overview"),
    path("poll", poll, name="poll"),
    path("inbox", InboxView.as_view(), name="inbox"),
    path("inbox/act", ActView.as_view(), name="inbox_act"),
    path("inbox/<uuid:conversation_id>", ConversationView.as_view(), name="conversation"),
    path("inbox/<uuid:conversation_id>/earlier", EarlierReplyView.as_view(), name="conversation_earlier"),
    path("inbox/<uuid:conversation_id>/reply", ReplyView.as_view(), name="conversation_reply"),
    path("inbox/<uuid:conversation_id>/similar", SimilarRepliesView.as_view(), name="conversation_similar"),
    path("inbox/<uuid:conversation_id>/presence", PresenceView.as_view(), name="conversation_presence"),
    path("follow-ups", FollowUpListView.as_view(), name="follow_ups"),
    path("follow-ups/act", FollowUpActView.as_view(), name="follow_up_act"),
    path("digest/off/<str:token>", DigestOffView.as_view(), name="digest_off"),
    path("campaigns", CampaignListView.as_view(), name="campaigns"),
    path("campaigns/<uuid:campaign_id>", CampaignView.as_view(), name="campaign"),
    path("email-accounts", AccountListView.as_view(), name="email_accounts"),
    path("email-accounts/<uuid:account_id>", AccountView.as_view(), name="email_account"),
    path("contacts", ContactListView.as_view(), name="contacts"),
    path("contacts/<uuid:contact_id>", ContactView.as_view(), name="contact"),
    path("messages", MessageListView.as_view(), name="messages"),
    path("messages/<uuid:message_id>/body", MessageBodyView.as_view(), name="message_body"),
    path("stats", StatsView.as_view(), name="stats"),
    path("settings/goals", GoalsView.as_view(), name="goals"),
    path("settings/scores", ScoresView.as_view(), name="scores"),
    path("settings/triage", TriageView.as_view(), name="triage"),
    path("settings/follow-ups", FollowUpSettingsView.as_view(), name="follow_up_settings"),
    path("settings/snippets", SnippetsView.as_view(), name="snippets"),
    path("settings/access-log", AccessLogView.as_view(), name="access_log"),
]
