"""Migration operations that put a table under row-level security or change its policies."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation
from django_rls.migration_operations import AlterPolicy, CreatePolicy, EnableRLS, RLSOperation

from .policies import SqlPolicy


class ForceRLS(RLSOperation):
    """Apply the policies to the table's owner too (FORCE ROW LEVEL SECURITY), which django-rls does not do."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.force_rls(to_state.apps.get_model(app_label, self.model_name))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(f"ALTER TABLE {schema_editor.quote_name(table)} NO FORCE ROW LEVEL SECURITY")


class RestatePolicy(AlterPolicy):
    """Change a policy's condition in one statement, so that the table is never without it; django-rls cannot revert that."""

    def __init__(self, model_name: str, policy: SqlPolicy, before: SqlPolicy) -> None:
        super().__init__(model_name, policy)
        self.before = before

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.alter_policy(to_state.apps.get_model(app_label, self.model_name), self.before)


def protect(model: str, policies: Sequence[SqlPolicy]) -> list[Operation]:
    """Return the operations that enable and force row-level security on a model's table and create its policies."""
    return [EnableRLS(model), ForceRLS(model), *(CreatePolicy(model, policy) for policy in policies)]


def restate(model: str, policies: Sequence[SqlPolicy], *, before: Sequence[SqlPolicy]) -> list[Operation]:
    """Return the operations that change the conditions of a model's existing policies."""
    known = {policy.name: policy for policy in before}
    return [
        RestatePolicy(model, policy, known[policy.name])
        for policy in policies
        if policy.condition != known[policy.name].condition
    ]
