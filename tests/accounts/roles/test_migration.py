"""Migration of memberships that were created before roles existed."""

import importlib

import pytest
from django.db import connections

from accounts.models import Membership, Organization, User

MIGRATION = importlib.import_module("accounts.migrations.0015_members_become_owners")
WITHOUT_CONSTRAINT = "ALTER TABLE accounts_membership DROP CONSTRAINT membership_role"


@pytest.mark.django_db(databases=["owner"])
def test_existing_members_become_owners_and_later_roles_stay():
    organization = Organization.objects.using("owner").create(name="Hooli", slug="hooli")
    users = [User.objects.db_manager("owner").create_user(f"{name}@hooli.example") for name in ("old", "new")]
    with connections["owner"].cursor() as cursor:
        cursor.execute(WITHOUT_CONSTRAINT)
        for user, role in zip(users, ("customer", "observer"), strict=True):
            Membership.objects.using("owner").create(user=user, organization=organization, role=role)
        cursor.execute(MIGRATION.FILL)
    roles = Membership.objects.using("owner").filter(organization=organization).values_list("user__email", "role")
    assert dict(roles) == {"old@hooli.example": "owner", "new@hooli.example": "observer"}
