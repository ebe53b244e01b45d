"""Admin page of messages (mails sent and received); opening a text is written to the audit log.

A message's page begins with its present state in a sentence, and ends with its events.
"""

from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import LOOKED_AT, MergedPaginator, ReadOnlyAdmin, badge, link, read_only_fields
from accounts.admin.readable import ReadableMixin, joined, plain_link
from accounts.models import EmailAccount, Organization
from messaging import identity, machine_opens, search
from messaging import mail_documents as bodies
from messaging.event_words import MESSAGE_STATUS, category, event_in_words
from messaging.models import Conversation, Event, Message, MessageCategory, MessageSearch, SearchPending
from messaging.search import SearchQuery
from salesbrain.kernel.addresses import searched
from salesbrain.web.figures import moment

TONES = {"bounced": "bad", "replied": "good", "received": "good", "auto_reply": "quiet"}
STATUSES = {
    "bounced": Q(bounced_at__isnull=False),
    "replied": Q(replied_at__isnull=False, bounced_at__isnull=True),
    "clicked": Q(clicked_at__isnull=False, replied_at__isnull=True, bounced_at__isnull=True),
    "opened": Q(opened_at__isnull=False, clicked_at__isnull=True, replied_at__isnull=True, bounced_at__isnull=True),
    "sent": Q(opened_at__isnull=True, clicked_at__isnull=True, replied_at__isnull=True, bounced_at__isnull=True),
}
"""Same result as Message.status; a test compares both."""

EVENTS_SHOWN = 50
PARTS = {"html": _("As sent"), "text": _("Text"), "reply": _("Reply without the quoted thread")}


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(word, str(MESSAGE_STATUS[word])) for word in (*STATUSES, "received", "auto_reply")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message] | None:
        word = self.value()
        if word in ("received", "auto_reply"):
            return queryset.filter(direction="in", is_auto_reply=word == "auto_reply")
        return queryset.filter(STATUSES[word], direction="out") if word in STATUSES else None


class LatestPaginator(MergedPaginator):
    order = ("-happened_at", "-id")


@admin.register(Message)
class MessageAdmin(ReadableMixin, ReadOnlyAdmin):
    names_people = True
    list_display = ["happened_at", "way", "state", "subject_line", "contact", "organization", "campaign"]
    list_display_links = ["subject_line"]
    list_filter = ["organization", "direction", StatusFilter, "happened_at"]
    linked_by = ("campaign", "contact")
    windowed = ("direction", "status", "happened_at")
    list_select_related = ["organization", "campaign", "contact"]
    search_fields = ["contact"]  # see get_search_results
    search_help_text = _(
        "A contact's whole address, a message id, or words of a subject (among the newest 1,000 mails with them)."
    )
    paginator = LatestPaginator
    sortable_by = ()  # by anything but the latest a table of millions is read whole
    fieldsets = [
        (None, {"fields": ["state", "sorted_as", "subject_line", "contact", "campaign", "organization", "sender", "look", "body"]}),
        (_("What happened"), {"fields": ["history", "sent_at", "opened_at", "clicked_at", "replied_at", "bounced_at"]}),
        (_("Opens and clicks"), {
            "fields": ["open_count", "machine_open_count", "click_count", "machine_click_count"],
            "description": machine_opens.RULE_SHOWN,
        }),
        (_("Details"), {
            "classes": ["collapse"],
            "fields": [
                "step", "variant", "is_auto_reply", "is_unread", "email_id", "thread_id", "id", "happened_at",
                "created_at", "updated_at",
            ],
        }),
    ]  # fmt: skip
    readonly_fields = [
        *read_only_fields(Message, without=["body_text", "body_html", "reply_text"]),
        "state",
        "subject_line",
        "body",
        "sorted_as",
        "sender",
        "look",
        "history",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return (
            super()
            .get_queryset(request)
            .defer("body_text", "body_html", "reply_text", "campaign__raw", "campaign__sequences")
        )

    def newest(self, params: dict[str, Any]) -> Q:
        """Return the condition for the newest messages, by the index of organization, campaign or (for all) the search rows."""
        names = {"organization": "organization__id__exact", "campaign": "campaign__id__exact"}
        of = {f"{name}_id": params[key] for name, key in names.items() if key in params}
        if "organization_id" in of:
            return Q(pk__in=Message.objects.filter(**of).order_by("-happened_at", "-id").values("pk")[:LOOKED_AT])
        found = MessageSearch.objects.filter(pk__gt=UUID(int=0)).order_by("-sent_at", "-pk").values("pk")[:LOOKED_AT]
        return Q(pk__in=found.union(SearchPending.objects.values("pk")[:LOOKED_AT]))  # and what has no place there yet

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Search only by indexed columns: a table of millions is not searched for a fragment."""
        term = search_term.strip()[:300]
        if not term:
            return queryset, False
        try:
            return queryset.filter(pk=UUID(term)), False
        except ValueError:
            pass
        if "@" in term:  # contact ids are computed, so the address is looked up by key in every organization
            places = Organization.objects.values_list("pk", flat=True)
            pairs = [Q(organization=pk, contact=identity.contact_id(pk, searched(term))) for pk in places]
            return queryset.filter(reduce(or_, pairs)) if pairs else queryset.none(), False
        hits = search.newest(SearchQuery(term), limit=search.COUNTED)  # an index knows words, not beginnings
        words = [Q(subject__icontains=word) for word in term.split()]
        return queryset.filter(*words, pk__in=[hit.id for hit in hits]), False

    def get_urls(self) -> list[URLPattern]:
        body = self.admin_site.admin_view(self.body_view)
        return [path("<uuid:pk>/body/<slug:part>/", body, name="messaging_message_body"), *super().get_urls()]

    def body_view(self, request: HttpRequest, pk: UUID, part: str) -> HttpResponseBase:
        """Show one part of the text in a sandbox, with an audit entry."""
        if not self.has_view_permission(request) or part not in PARTS:
            return HttpResponse(status=404)
        message = get_object_or_404(Message, pk=pk)
        self.audit(request, "read", message, part=part)
        if part == "reply":
            return bodies.document(text=message.reply_text)
        if part == "text":
            return bodies.document(text=message.body_text)
        return bodies.document(html=message.body_html, text=message.body_text)

    def sentence(self, message: Message) -> SafeString:
        """Return sentences on the mail: sender, recipient, time, and what followed (opened, answered, bounced …)."""
        at = message.sent_at or message.happened_at
        said = {
            "person": message.contact.email,
            "mailbox": message.email_account or gettext("an unknown mailbox"),
            "time": moment(at),
        }
        if message.direction == "in":
            words = gettext("Received from %(person)s at %(mailbox)s on %(time)s.") % said
            return joined(words, gettext("A program wrote it.") if message.is_auto_reply else "")
        steps = ((message.bounced_at, gettext("It came back.")), (message.replied_at, gettext("It was answered.")))
        became = next((words for happened, words in steps if happened), gettext("No answer yet."))
        where = {"step": message.step, "variant": message.variant}
        of = gettext("Step %(step)s, variant %(variant)s of the sequence.") % where if message.step else ""
        return joined(gettext("Sent to %(person)s from %(mailbox)s on %(time)s.") % said, of, became)  # fmt: skip

    @admin.display(description=_("category"))
    def sorted_as(self, message: Message) -> SafeString | str:
        """Return the category of a received mail; an empty text for a sent one, which has none."""
        if message.direction != "in":
            return ""
        found = (
            MessageCategory.objects.filter(organization=message.organization_id, pk=message.pk).only("category").first()
        )
        return badge(category(found.category if found else None), "quiet")

    @admin.display(description=_("email account"))
    def sender(self, message: Message) -> SafeString | str:
        """Return a link to the agency's mailbox that sent or received the mail, if that mailbox is synced."""
        if not message.email_account:
            return ""
        where = (
            {"connection": message.campaign.connection_id}
            if message.campaign
            else {"organization": message.organization_id}
        )
        found = EmailAccount.objects.filter(address=message.email_account, **where).only("address").first()
        return link(found) or message.email_account

    @admin.display(description=_("look at"))
    def look(self, message: Message) -> SafeString:
        """Return links to the other mails with this person, and to the conversation if there is one."""
        own = f"?organization__id__exact={message.organization_id}&contact__id__exact={message.contact_id}"
        others = plain_link(reverse("admin:messaging_message_changelist") + own, _("All mails with this person"))
        talks = Conversation.objects.filter(organization=message.organization_id, pk=message.contact_id).exists()
        inbox = plain_link(reverse("conversation", args=[message.contact_id]), _("Conversation in the inbox"))
        return format_html("{} · {}", others, inbox) if talks else others

    @admin.display(description=_("events"))
    def history(self, message: Message) -> SafeString | str:
        """Show the events of this mail, each with a link."""
        own: dict[str, Any] = {
            "organization": message.organization_id,
            "contact": message.contact_id,
            "message": message.pk,
        }
        rows = Event.objects.filter(**own).defer("payload").order_by("happened_at", "id")[:EVENTS_SHOWN]
        said = ((f"{row.happened_at:%Y-%m-%d %H:%M:%S}", _event(row)) for row in rows)
        table = format_html_join("", "<tr><td>{}</td><td>{}</td></tr>", said)
        return format_html('<table class="sb-timeline"><tbody>{}</tbody></table>', table) if table else ""

    @admin.display(description="")
    def way(self, message: Message) -> SafeString:
        incoming = message.direction == "in"
        return format_html(
            '<span class="sb-way" title="{}">{}</span>', message.get_direction_display(), "←" if incoming else "→"
        )

    @admin.display(description=_("status"))
    def state(self, message: Message) -> SafeString:
        return badge(MESSAGE_STATUS[message.status], TONES.get(message.status, "quiet"))

    @admin.display(description=_("subject"), ordering="subject")
    def subject_line(self, message: Message) -> str:
        subject = message.subject or gettext("(no subject)")
        return subject if len(subject) <= 120 else f"{subject[:119]}…"

    @admin.display(description=_("text"))
    def body(self, message: Message) -> SafeString:
        def url(part: str) -> str:
            return reverse("admin:messaging_message_body", args=[message.pk, part])

        return format_html(
            '<div class="sb-parts">{}</div><iframe class="sb-body" name="sb-body" title="{}" src="{}" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"></iframe>'
            '<p class="sb-quiet-text">{}</p>',
            format_html_join(
                " ", '<a href="{}" target="sb-body">{}</a>', ((url(part), words) for part, words in PARTS.items())
            ),
            gettext("Text of the message"),
            url("html"),
            gettext("Pictures are left out. Reading is recorded in the audit log."),
        )


def _event(event: Event) -> SafeString:
    words = event_in_words(event.type, event.detail)
    return plain_link(reverse("admin:messaging_event_change", args=[event.pk]), words)
