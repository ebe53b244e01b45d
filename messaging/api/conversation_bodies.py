"""Request bodies of the API's changes of conversations: snooze, done, assign, label, note, reply."""

from rest_framework import serializers

from messaging.inbox import outbox, services, snippets
from messaging.intelligence.triage.classes import Category
from salesbrain.api.parameters import Moment
from salesbrain.api.request_bodies import Body, Key, StrictBoolean, StrictInteger, Text

SEEN = "`seen` of the conversation's answer: what came after it was not seen. Without it: everything there is."


def seen() -> StrictInteger:
    return StrictInteger(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**63 - 1, help_text=SEEN
    )


class SnoozeBody(Body):
    until = Moment(required=True)
    seen = seen()


class DoneBody(Body):
    reason = serializers.ChoiceField(
        choices=[reason.value for reason in services.BY_PEOPLE], required=False, default=services.BY_PEOPLE[0].value
    )
    seen = seen()


class SeenBody(Body):
    seen = seen()


class AssigneeBody(Body):
    assignee_id = Key(
        allow_null=True,
        help_text="Somebody who may answer: a member or owner of the organization, an operator or admin of the agency; null: nobody.",
    )


class LabelBody(Body):
    name = Text(max_length=services.LONGEST_LABEL)


class CategoryBody(Body):
    category = serializers.ChoiceField(choices=[category.value for category in Category])
    message_id = Key(
        required=False, allow_null=True, default=None, help_text="A received email. Without it: the one that decides."
    )


class NoteBody(Body):
    text = Text(max_length=services.LONGEST_NOTE)


class ReplyBody(Body):
    """A reply, and the version of the conversation that its author saw."""

    text = Text(max_length=outbox.LONGEST_TEXT, help_text="Plain text. Line breaks are kept.")
    version = StrictInteger(min_value=0, max_value=2**31 - 1, help_text="`version` of the conversation.")
    cc = serializers.ListField(child=Text(max_length=320), required=False, default=list, max_length=outbox.MOST_COPIES)
    send_at = Moment(required=False, allow_null=True, default=None, help_text="null: as soon as it cannot be undone.")
    undo_seconds = StrictInteger(
        required=False, default=outbox.UNDO_SECONDS, min_value=outbox.SHORTEST_UNDO, max_value=outbox.LONGEST_UNDO
    )
    anyway = StrictBoolean(
        required=False,
        default=False,
        help_text="Send it although another reply is on its way, with the `version` that was answered.",
    )


class RetryBody(Body):
    version = StrictInteger(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**31 - 1,
        help_text="`version` of the conversation. Without it: as its author saw it.",
    )  # fmt: skip


class ResolveBody(Body):
    was_sent = StrictBoolean(help_text="Is the reply in the Sent folder of the email account?")


class SnippetBody(Body):
    name = Text(max_length=snippets.LONGEST_NAME)
    text = Text(
        max_length=snippets.LONGEST_TEXT,
        help_text="With variables in braces: " + ", ".join(f"{{{name}}}" for name in snippets.VARIABLES) + ".",
    )


class SnippetChangeBody(Body):
    name = Text(max_length=snippets.LONGEST_NAME, required=False)
    text = Text(max_length=snippets.LONGEST_TEXT, required=False)
