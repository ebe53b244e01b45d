"""Run every example of the API guides docs/en/api.md and docs/de/api.md; each operation has one.

The examples are run by bash and curl against a served product.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts import invitations
from accounts.access_log import record_access
from accounts.choices import AccessAction
from accounts.models import Membership
from instantly.models import StaffAction
from messaging import identity, search
from messaging.models import Contact, ContactVariables, Goal
from salesbrain import rls
from tests import factories
from tests.acceptance import recorded
from tests.instantly.conftest import fake, instantly, workspace  # noqa: F401  the emulator on a real socket

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = re.compile(r"```sh\n(.*?)```", re.S)


def examples(language: str) -> list[str]:
    return EXAMPLE.findall((DOCS / language / "api.md").read_text(encoding="utf-8"))


def test_both_languages_have_the_same_examples():
    assert examples("en") == examples("de")


def test_every_operation_has_an_example():
    document = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    text = "\n".join(examples("en"))
    missing = []
    for path, item in document["paths"].items():
        address = re.escape(path).replace(r"\{kind\}", "[a-z]+")
        address = re.sub(r"\\{\w+\\}", r"\\$\\w+", address)
        for method in item:
            verb = "" if method == "get" else f"-X {method.upper()} "
            if not re.search(rf'curl -fsS (?:-G )?{verb}"\$BASE{address}["?]', text):
                missing.append(f"{method} {path}")
    assert missing == []


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed: apt install curl")
@pytest.mark.django_db(transaction=True)
def test_every_example_works(
    live_server,
    customer,
    operator,
    admin,
    acme,
    acme_connection,
    shared_connection,
    workspace,  # noqa: F811
):
    space = workspace(acme_connection)
    campaign = factories.campaign(acme_connection, provider_id=next(iter(space.campaigns))["id"])
    account = factories.email_account(acme_connection, next(iter(space.accounts))["email"])
    message = factories.message(campaign)
    factories.event(campaign, 10**15, "reply_received", contact=message.contact, message=message, position=10**15)
    factories.conversation(message.contact)
    factories.finding(campaign)
    conversation, failed = (
        answerable(campaign, f"{name}@lead.example", account.address) for name in ("answers", "failed")
    )
    snippet = factories.snippet(acme, "Greeting")
    with rls.scope(rls.SYSTEM):
        search.rebuild()
        ContactVariables.objects.create(
            id=message.contact_id,
            organization=acme,
            campaign=campaign,
            variables={"industry": "Logistics", "employees": 120},
            left_out=[{"name": "signInToken", "reason": "secret"}],
            told_at=timezone.now(),
        )
        Goal.objects.create(organization=acme, month="2026-12-01", metric="meetings", target=30)
    search.index_pending()
    colleague, now = factories.customer("member@acme.example", acme, role="member"), timezone.now()
    with rls.scope(rls.SYSTEM):
        membership = Membership.objects.get(user=colleague)
    invited = invitations.invite(customer.scope_for(), by=customer, email="late@acme.example", role="member", now=now)
    record_access(organization_id=acme.pk, user=operator, conversation_id=message.pk, action=AccessAction.READ, now=now)
    factories.campaign(shared_connection, "Winter outreach")  # a rule takes it
    old, other = factories.token(customer), factories.token(customer)
    promoted = {name: promotion_in(shared_connection, name) for name in ("stopped", "done", "confirmable")}
    theirs = factories.campaign(shared_connection, "Summer outreach", acme)
    assigned = StaffAction(
        connection=shared_connection,
        kind="campaigns_assign",
        target_name="shared",
        actor_name="operator@agency.example",
    )
    assigned.state, assigned.finished_at = "done", now
    assigned.result = {
        "moved": [{"campaign": str(theirs.pk), "before": str(factories.house().pk), "organization": str(acme.pk)}], "kept": 0,
    }  # fmt: skip
    with rls.scope(rls.SYSTEM):
        assigned.save()
    variables = {
        "BASE": live_server.url,
        "PASSWORD": "customer-password",
        "TOKEN": factories.token(customer),
        "OLD_TOKEN_ID": old[:15],
        "OTHER_TOKEN": other,
        "STAFF_TOKEN": factories.token(operator),
        "ADMIN_TOKEN": factories.token(admin),
        "CAMPAIGN": str(campaign.pk),
        "SHARED_CAMPAIGN": str(factories.campaign(shared_connection).pk),
        "SHARED_ACCOUNT": str(factories.email_account(shared_connection, "s@shared.example").pk),
        "ORGANIZATION": str(acme.pk),
        "LEAD": "ada@engines.example",
        "ACCOUNT": str(account.pk),
        "CONTACT": str(identity.contact_id(acme_connection.organization_id, "lead@lead.example")),
        "CONVERSATION": str(conversation.pk),
        "REPLY": str(factories.outbox_message(message.contact, customer).pk),
        "FAILED": str(factories.outbox_message(failed, customer, state="failed").pk),
        "UNKNOWN": str(factories.outbox_message(message.contact, customer, state="unknown", sending_at=now).pk),
        "SNIPPET": str(snippet.pk),
        "SUGGESTION": f"answer:{factories.NOON.isoformat()}",
        "MEMBER": str(membership.pk),
        "INVITATION": str(invited.invitation.pk),
        "CONNECTION": str(acme_connection.pk),
        "SHARED_CONNECTION": str(shared_connection.pk),
        "RULE": str(factories.assignment_rule(shared_connection, acme, "Winter", priority=10).pk),
        "ACTION": str(assigned.pk),
        "PROMOTED_CAMPAIGN": str(factories.campaign(shared_connection, "Autumn outreach", acme).pk),
        "STOPPED": promoted["stopped"],
        "PROMOTION": promoted["done"],
        "CONFIRMABLE": promoted["confirmable"],
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    held: set[str] = set()
    for example in examples("en"):
        done = subprocess.run(["bash", "-eu", "-c", example], env=variables, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{example}\n{done.stderr}\n{done.stdout}"
        if done.stdout:
            first = json.loads(done.stdout.splitlines()[0])
            assert first.get("success") is True or "manifest" in first, example
        operation = operation_of(example)
        if operation not in held:  # the first example of an operation is the schema's
            hold_examples(operation, example, done.stdout, variables)
        held.add(operation)


def promotion_in(shared, name: str) -> str:
    """Create a promotion of a customer of its own, stopped or done; return its id."""
    organization = factories.organization(f"Promoted {name}")
    own = factories.connection(f"own-{name}", organization)
    state = "stopped" if name == "stopped" else "done"
    return str(factories.promotion(organization, shared, own, state=state).pk)


def answerable(campaign, email: str, account: str) -> Contact:
    """Create a conversation with a received mail that can be answered."""
    mail = factories.message(campaign, email, id=uuid4(), direction="in", email_id=str(uuid4()), email_account=account)
    factories.event(campaign, 10**15 + mail.pk.int % 10**9, "reply_received", contact=mail.contact, message=mail)
    factories.conversation(mail.contact)
    return mail.contact


def hold_examples(operation: str, example: str, answer: str, variables: dict[str, str]) -> None:
    """Check that the schema's example of this operation matches what was sent and answered here."""
    if body := re.search(r""" -d ("(?:[^"\\]|\\.)*"|'{[^']*')""", example):
        sent = subprocess.run(
            ["bash", "-eu", "-c", f"printf %s {body[1]}"], env=variables, capture_output=True, text=True, check=True
        )
        told = json.loads(sent.stdout)
        recorded.hold("bodies", operation, told | ({"password": "…"} if "password" in told else {}))
    if not answer:
        return
    url = variables["BASE"]
    if "manifest" in answer.splitlines()[0]:
        recorded.hold("answers", operation, recorded.tidied(answer, url=url))
    elif answer:
        recorded.hold("answers", operation, recorded.tidied(json.loads(answer), url=url))


def operation_of(example: str) -> str:
    """Return the operationId of the request an example makes."""
    asked = re.search(r'curl -fsS (?:-G )?(?:-X ([A-Z]+) )?"\$BASE(/[^"?]*)', example)
    assert asked, example
    for path, item in json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))["paths"].items():
        address = re.sub(r"\\{kind\\}", "[a-z]+", re.escape(path))
        if re.fullmatch(re.sub(r"\\{\w+\\}", r"\\$\\w+", address), asked[2]):
            return str(item[(asked[1] or "GET").lower()]["operationId"])
    raise AssertionError(f"no operation of the document is asked by: {example}")
