"""Request bodies and responses of the API's staff actions: those that a job does, and promotions."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import ConnectionBrief, OrganizationBrief
from instantly.actions.assignment import MOST_MOVES
from instantly.actions.promotion.candidates import MOST
from instantly.choices import ActionState, PromotionState
from salesbrain.api.request_bodies import Body, Key


class ApplyBody(Body):
    """The workspace whose rules are applied; `campaign_ids`: of what they take, only these."""

    provider_connection_id = Key(help_text="The workspace: GET admin/connections shows them.")
    campaign_ids = serializers.ListField(
        child=Key(), required=False, max_length=MOST_MOVES, help_text="Without it, everything that the preview says."
    )


class ActionStep(serializers.Serializer):
    step = serializers.CharField()
    ok = serializers.BooleanField()
    detail = serializers.CharField(allow_blank=True)


class ActionSerializer(serializers.Serializer):
    """An action that a job does. Ask again until `state` is neither queued nor running."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    connection = ConnectionBrief(help_text="The workspace.")
    target_name = serializers.CharField()
    state = serializers.ChoiceField(choices=ActionState.values)
    outcome = serializers.CharField(allow_blank=True, help_text="A sentence; while it runs, how far it is.")
    moved = serializers.IntegerField(allow_null=True, help_text="Campaigns that an assignment moved. null: it is none.")
    steps = ActionStep(many=True, help_text="Of a check; empty for anything else, and while it runs.")
    may_undo = serializers.BooleanField(help_text="POST admin/actions/{action_id}/undo takes it back.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class CheckBody(Body):
    """The workspaces of a promotion, and the email accounts that would move."""

    provider_connection_id = Key(help_text="The shared workspace.")
    destination_connection_id = Key(help_text="The customer's own workspace.")
    admin_connection_id = Key(
        required=False, help_text="Has the key of the admin workspace of both; needed to move email accounts."
    )
    email_account_ids = serializers.ListField(
        child=Key(), required=False, default=list, max_length=MOST, help_text="Email accounts that move."
    )


class PromotionBody(CheckBody):
    """A promotion to begin: what moves into the customer's own workspace, and what is copied and paused."""

    organization_id = Key(help_text="The customer.")
    copied_campaign_ids = serializers.ListField(
        child=Key(), required=False, default=list, max_length=MOST, help_text="Get a draft of the same content there."
    )
    paused_campaign_ids = serializers.ListField(
        child=Key(), required=False, default=list, max_length=MOST, help_text="Are paused first, if they are active."
    )


class PromotedAccount(serializers.Serializer):
    address = serializers.CharField()
    state = serializers.CharField(help_text="waits, begun, done, left; after an undo back or kept.")


class PromotedCampaign(serializers.Serializer):
    campaign_id = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.CharField(help_text="As of an email account.")
    copy_id = serializers.UUIDField(allow_null=True, help_text="The copy. null: none, or it was only paused.")


class PromotionSerializer(serializers.Serializer):
    """A customer's move out of a shared workspace into one of their own. Ask again until `state` is not running."""

    id = serializers.UUIDField()
    organization = OrganizationBrief()
    connection = ConnectionBrief(help_text="The shared workspace.")
    destination = ConnectionBrief(help_text="The customer's own workspace.")
    state = serializers.ChoiceField(
        choices=PromotionState.values, help_text="done: it waits to be confirmed or undone."
    )
    is_undo = serializers.BooleanField(help_text="It is being, or was, taken back.")
    steps_done = serializers.IntegerField(min_value=0)
    steps = serializers.IntegerField(min_value=0)
    outcome = serializers.CharField(allow_blank=True, help_text="A sentence.")
    left = serializers.ListField(child=serializers.CharField(), help_text="What stayed as it was, and why.")
    email_accounts = PromotedAccount(many=True)
    copied = PromotedCampaign(many=True)
    paused = PromotedCampaign(many=True)
    created_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)


class PromotionsSerializer(serializers.Serializer):
    """The latest promotions, the newest first."""

    promotions = PromotionSerializer(many=True)


def brief(row: Any, *fields: str) -> dict[str, Any]:
    """Return some fields of a row as JSON has them."""
    return {name: getattr(row, name) for name in fields}
