"""Base models of tables under row-level security, and foreign keys that stay inside an organization."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django_rls.models import RLSModel

from salesbrain.rls.policies import staff_policies_2, tenant_policies_2


class TenantModel(RLSModel):
    """A table whose rows belong to an organization: customers read their own, staff by role.

    To add one: inherit, give every ForeignKey to another tenant table `db_constraint=False` and a CompositeForeignKey in
    Meta.constraints, and call `protect(model, tenant_policies_2())` in the migration. A system check says what is missing.

    `customer_may` names what a customer's own request may do beside reading: insert, update, delete. Only for tables that only people write
    (docs/decisions, "Customers write in two ways"). Grants and the isolation proof's expectations follow from it; the policy's WITH CHECK
    keeps new rows inside the organization. Where the worker writes too, or the change needs the event log, leave it empty and write a
    service (accounts.customer_services). `append_only` tables cannot be changed or deleted by the application.
    """

    organization_column = "organization_id"
    customer_may: ClassVar[frozenset[str]] = frozenset()
    append_only: ClassVar[bool] = False

    class Meta:
        abstract = True
        rls_policies = tenant_policies_2()


class StaffModel(RLSModel):
    """Base model of tables of which customers see no row. The application cannot change or delete rows of `append_only` ones."""

    append_only = False

    class Meta:
        abstract = True
        rls_policies = staff_policies_2()


class CompositeForeignKey(models.BaseConstraint):
    """Constraint FOREIGN KEY (organization_id, x_id) REFERENCES x (organization_id, id): a row can refer only to rows of its own
    organization.

    Foreign keys and unique constraints ignore row-level security, so only this constraint prevents references across organizations. Django
    5.2 has no composite foreign keys; the ORM has an ordinary ForeignKey(db_constraint=False) on the same column beside it.
    """

    def __init__(
        self,
        *,
        field: str,
        to: str,
        name: str,
        on_delete: str = "NO ACTION",
        deferred: bool = False,
        violation_error_message: str | None = None,
    ) -> None:
        self.field, self.to, self.on_delete, self.deferred = field, to, on_delete, deferred
        super().__init__(name=name, violation_error_message=violation_error_message)

    def _sql(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        target = model._meta.apps.get_model(self.to)._meta.db_table
        own = ", ".join(editor.quote_name(column) for column in self._columns(model))
        initially = "DEFERRED" if self.deferred else "IMMEDIATE"
        return (
            f"CONSTRAINT {editor.quote_name(self.name)} FOREIGN KEY ({own}) REFERENCES {editor.quote_name(target)} "
            f"(organization_id, id) ON DELETE {self.on_delete} DEFERRABLE INITIALLY {initially}"
        )

    def _columns(self, model: Any) -> Sequence[str]:
        return "organization_id", model._meta.get_field(self.field).column

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self._sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)} ADD {self._sql(model, schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)} DROP CONSTRAINT {schema_editor.quote_name(self.name)}"

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Do nothing: PostgreSQL checks the constraint."""

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs.update(field=self.field, to=self.to)
        if self.on_delete != "NO ACTION":
            kwargs["on_delete"] = self.on_delete
        if self.deferred:
            kwargs["deferred"] = True
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CompositeForeignKey):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)
