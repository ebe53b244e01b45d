"""API serializers of an organization's members, invitations and access log."""

from rest_framework import serializers

from accounts.choices import MembershipRole
from accounts.models import AccessEntry, Invitation, Membership, User
from salesbrain.api.request_bodies import Body


class UserBrief(serializers.ModelSerializer):
    class Meta:
        model = User
        fields: tuple[str, ...] = ("id", "email", "name")

    email = serializers.CharField()


class MemberSerializer(serializers.ModelSerializer):
    """A member of the team. `id` is the membership's."""

    class Meta:
        model = Membership
        fields: tuple[str, ...] = ("id", "organization_id", "user", "role", "created_at")

    organization_id = serializers.UUIDField()
    user = UserBrief()
    role = serializers.CharField(help_text="owner, member or observer.")
    created_at = serializers.DateTimeField()


class InvitationSerializer(serializers.ModelSerializer):
    """An open invitation: neither accepted nor revoked."""

    class Meta:
        model = Invitation
        fields: tuple[str, ...] = (
            "id", "organization_id", "email", "role", "language", "invited_by_name", "created_at", "expires_at", "sent_at",
        )  # fmt: skip

    organization_id = serializers.UUIDField()
    email = serializers.CharField()
    role = serializers.CharField(help_text="The role it leads to.")
    language = serializers.CharField()
    created_at = serializers.DateTimeField()


class InvitedSerializer(serializers.Serializer):
    """A new invitation, with its link where this installation sends no mails."""

    invitation = InvitationSerializer()
    link = serializers.CharField(allow_null=True, help_text="Shown once, and only where no mail is sent: pass it on.")


class AccessEntrySerializer(serializers.ModelSerializer):
    """An entry of the access log: a person read a conversation, or answered in it."""

    class Meta:
        model = AccessEntry
        fields: tuple[str, ...] = (
            "id", "organization_id", "at", "actor_id", "actor_name", "party", "action", "conversation_id",
        )  # fmt: skip

    organization_id = serializers.UUIDField()
    actor_id = serializers.UUIDField()
    party = serializers.CharField(help_text="agency or team.")
    action = serializers.CharField(help_text="read or answered.")


class InvitationBody(Body):
    """The email address to invite, and the role in the organization."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=MembershipRole.values)


class RoleBody(Body):
    role = serializers.ChoiceField(choices=MembershipRole.values)
