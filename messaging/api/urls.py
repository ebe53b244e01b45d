"""URL routes of messaging below /api/instantly/: messages, contacts, conversations, stats, exports."""

from typing import Any

from django.urls import path

from messaging.api import (
    assignment_views,
    contact_views,
    conversation_views,
    conversation_writes,
    event_views,
    export_views,
    finding_views,
    follow_up_settings_views,
    follow_up_views,
    goal_views,
    message_views,
    score_views,
    search_views,
    snippet_views,
    stats_views,
    triage_views,
)
from messaging.api.assignment_rule_views import RuleViewSet

GET: dict[str, Any] = {"get": "retrieve"}
LIST: dict[str, Any] = {"get": "list"}

urlpatterns = [
    path("stats", stats_views.OrganizationStatsViewSet.as_view(GET, basename="stats")),
    path("campaign/<str:campaign_id>/stats", stats_views.CampaignStatsViewSet.as_view(GET, basename="campaign_stats")),
    path(
        "email-account/<str:account_id>/stats",
        stats_views.EmailAccountStatsViewSet.as_view(GET, basename="email_account_stats"),
    ),
    path(
        "admin/campaign/<str:campaign_id>/stats",
        stats_views.StaffCampaignStatsViewSet.as_view(GET, basename="staff_campaign_stats"),
    ),
    path(
        "admin/email-account/<str:account_id>/stats",
        stats_views.StaffEmailAccountStatsViewSet.as_view(GET, basename="staff_email_account_stats"),
    ),
    path(
        "admin/campaign/<str:campaign_id>/assign",
        assignment_views.AssignViewSet.as_view({"post": "create"}, basename="staff_campaign_assign"),
    ),
    path(
        "admin/email-account/<str:account_id>/assign",
        assignment_views.EmailAccountAssignViewSet.as_view({"post": "create"}, basename="staff_email_account_assign"),
    ),
    path(
        "admin/assignment-rules",
        RuleViewSet.as_view({**LIST, "post": "create"}, basename="staff_assignment_rules"),
    ),
    path("admin/assignment-rules/preview", RuleViewSet.as_view({"get": "preview"}, basename="staff_assignment_rules")),
    path(
        "admin/assignment-rules/<str:rule_id>",
        RuleViewSet.as_view({"patch": "update", "delete": "destroy"}, basename="staff_assignment_rule"),
    ),
    path(
        "campaign/<str:campaign_id>/messages",
        message_views.CampaignMessagesViewSet.as_view(LIST, basename="campaign_messages"),
    ),
    path("contacts", contact_views.ContactViewSet.as_view(LIST, basename="contacts")),
    path("contacts/<str:contact_id>", contact_views.ContactViewSet.as_view(GET, basename="contact")),
    path("conversations", conversation_views.ConversationViewSet.as_view(LIST, basename="conversations")),
    path(
        "conversations/<str:conversation_id>",
        conversation_views.ConversationViewSet.as_view(GET, basename="conversation"),
    ),
    *(
        path(
            f"conversations/<str:conversation_id>/{action}",
            conversation_writes.ConversationChangeViewSet.as_view({"post": action}, basename="conversation"),
        )
        for action in conversation_writes.ConversationChangeViewSet.outside
    ),
    path(
        "conversations/<str:conversation_id>/reply",
        conversation_writes.ReplyViewSet.as_view({"post": "create"}, basename="reply"),
    ),
    path("replies/<str:outbox_id>", conversation_writes.ReplyViewSet.as_view(GET, basename="reply")),
    *(
        path(
            f"replies/<str:outbox_id>/{action}",
            conversation_writes.ReplyViewSet.as_view({"post": action}, basename="reply"),
        )
        for action in ("undo", "retry", "resolve")
    ),
    path("admin/findings", finding_views.FindingViewSet.as_view(LIST, basename="staff_findings")),
    path("follow-ups", follow_up_views.FollowUpViewSet.as_view(GET, basename="follow_ups")),
    path("follow-ups/switch-on", follow_up_views.FollowUpViewSet.as_view({"post": "switch_on"}, basename="follow_ups")),
    *(
        path(
            f"follow-ups/<str:contact_id>/{action.replace('_', '-')}",
            follow_up_views.FollowUpViewSet.as_view({"post": action}, basename="follow_up"),
        )
        for action in ("decide", "take_back")
    ),
    path(
        "follow-ups/settings",
        follow_up_settings_views.FollowUpSettingsViewSet.as_view(
            {**GET, "put": "update"}, basename="follow_up_settings"
        ),
    ),
    path("digest", follow_up_settings_views.DigestViewSet.as_view({**GET, "put": "update"}, basename="digest")),
    path("scores", score_views.ScoresViewSet.as_view({**GET, "put": "update"}, basename="scores")),
    path("triage", triage_views.TriageViewSet.as_view({**GET, "put": "update"}, basename="triage")),
    path(
        "triage/replays",
        triage_views.ReplayViewSet.as_view({**LIST, "post": "create"}, basename="triage_replays"),
    ),
    path("goals", goal_views.GoalViewSet.as_view({**GET, "put": "update"}, basename="goals")),
    path("snippets", snippet_views.SnippetViewSet.as_view({**LIST, "post": "create"}, basename="snippets")),
    path(
        "snippets/<str:snippet_id>",
        snippet_views.SnippetViewSet.as_view({"patch": "update", "delete": "destroy"}, basename="snippet"),
    ),
    path("search/messages", search_views.SearchViewSet.as_view(LIST, basename="search_messages")),
    path("export/<str:kind>", export_views.ExportViewSet.as_view(GET, basename="export")),
    path("events", event_views.EventFeedViewSet.as_view(LIST, basename="events")),
]
