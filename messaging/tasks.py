"""Scheduled jobs of this app. Arguments are ids only: they are logged in full."""

from contextlib import suppress
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.mails import MailNotSent
from messaging.follow_ups import digest
from messaging.intelligence.triage import replay
from messaging.scores import scoring
from salesbrain.kernel.jobs import close_connection_after

DIGEST_CRON = "*/15 * * * *"
SCORE_CRON = "*/10 * * * *"
LATER = RetryStrategy(max_attempts=5, exponential_wait=5, retry_exceptions=[MailNotSent])


@app.periodic(cron=DIGEST_CRON)
@app.task(queueing_lock="send_digests")
@close_connection_after
def send_digests(timestamp: int) -> None:
    """Send the due digests, like `manage.py send_digests`: a job for each reader, so that one failing mail does not delay the others."""
    for id in digest.due(now=timezone.now()):
        send_digest.defer(subscription_id=str(id))


@app.task(retry=LATER)
@close_connection_after
def send_digest(subscription_id: str) -> None:
    """Send one digest, unless there is nothing to do or the subscription has ended."""
    digest.send(UUID(subscription_id), now=timezone.now())


@app.periodic(cron=SCORE_CRON)
@app.task(queueing_lock="score_contacts")
@close_connection_after
def score_contacts(timestamp: int) -> None:
    """Score contacts, like `manage.py score_contacts`: a job for each organization whose scores are due."""
    for id in scoring.due(now=timezone.now()):
        with suppress(AlreadyEnqueued):  # the one before has not ended
            score_organization.configure(queueing_lock=f"score {id}").defer(organization_id=str(id))


@app.task
@close_connection_after
def score_organization(organization_id: str) -> None:
    """Score the contacts of one organization anew."""
    scoring.score_organization(UUID(organization_id), now=timezone.now())


@app.task
@close_connection_after
def replay_triage(replay_id: str) -> None:
    """Run a replay of the reply lab."""
    replay.run(UUID(replay_id), now=timezone.now())
