"""Translatable sentences that instantly stores in rows (alerts, errors of runs), by key.

See salesbrain/kernel/messages.py. A key is never given another meaning. Logs and commands have them in English; admin, API and pages in
the reader's language.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_noop

from instantly.client import sentences
from salesbrain.kernel import messages

SENTENCES: Mapping[str, str] = {
    # connections
    "connection.off": gettext_noop("The connection %(name)s is switched off; switch it on in the admin first."),
    "connection.no_key": gettext_noop(
        "The connection %(name)s has no API key; store one: manage.py connect_workspace %(name)s"
    ),
    "connection.unusable": gettext_noop("The connection %(name)s cannot be used: %(reason)s"),
    "connection.key_of_another": gettext_noop(
        "The key of %(name)s opens the workspace %(workspace)s, which another connection has already; one workspace is connected once."
    ),
    "webhook.none": gettext_noop(
        "%(name)s has no webhook at %(address)s; make it: manage.py register_webhook --connection %(name)s"
    ),
    "webhook.unreachable": gettext_noop(
        "Instantly cannot reach %(address)s: it is an address of this machine only. Set INSTANTLY_WEBHOOK_URL to the public https "
        "address that leads here (a tunnel will do)."
    ),
    "webhook.insecure": gettext_noop(
        "INSTANTLY_WEBHOOK_URL is %(address)s: it must begin with https://. Over %(scheme)s the secret that proves a delivery, and what "
        "people wrote, could be read on the way. Nothing was registered."
    ),
    "webhook.created": gettext_noop("Webhook created."),
    "webhook.updated": gettext_noop("Webhook updated."),
    "webhook.unchanged": gettext_noop("Webhook unchanged."),
    "webhook.resumed": gettext_noop("%(done)s Instantly had switched it off; it is on again."),
    "webhook.others": gettext_noop(
        "%(done)s Further subscriptions at the same address deliver everything twice, delete them: %(ids)s."
    ),
    # syncs and gap repair
    "sync.running": gettext_noop("A sync of %(name)s is already running; wait for it to end, then try again."),
    "reconcile.running": gettext_noop(
        "A gap repair of %(name)s is already running; wait for it to end, then try again."
    ),
    "sync.killed": gettext_noop("The process ended before the sync did."),
    "sync.no_campaigns": gettext_noop(
        "Instantly lists no campaigns in %(name)s, where we know %(known)s. Nothing was marked missing; if it is true, say so: manage.py "
        "sync_workspace --connection %(name)s --believe-empty"
    ),
    "sync.no_email_accounts": gettext_noop(
        "Instantly lists no email accounts in %(name)s, where we know %(known)s. Nothing was marked missing; if it is true, say so: "
        "manage.py sync_workspace --connection %(name)s --believe-empty"
    ),
    "reconcile.killed": gettext_noop("The process ended before the run did."),
    "reconcile.broke_off": gettext_noop("The run broke off: %(reason)s"),
    "reconcile.no_webhook": gettext_noop(
        "There is no webhook; make it: manage.py register_webhook --connection %(name)s"
    ),
    "reconcile.partial_webhook": gettext_noop(
        "The webhook brings some events only, or brings them to another address; correct it: manage.py register_webhook --connection "
        "%(name)s"
    ),
    "reconcile.webhook_off": gettext_noop("the webhook is off"),
    "reconcile.was_off": gettext_noop("It was off; the next reconcile_feed fills the gap."),
    "reconcile.unread_log": gettext_noop(
        "%(count)s rows of Instantly's delivery log could not be read; what only they tell is missing."
    ),
    "reconcile.unread_mails": gettext_noop(
        "%(count)s mails of the inbox could not be read; what only they tell is missing."
    ),
    "reconcile.unread_leads": gettext_noop("%(count)s leads could not be read; what only they tell is missing."),
    "reconcile.manual_unknown": gettext_noop("Which mails were written by hand is not known of all: %(reason)s"),
    "reconcile.read_state_unknown": gettext_noop("Which mails are unread is not known: %(reason)s"),
    # alerts
    "alert.of_connection": gettext_noop("%(name)s: %(what)s"),
    "alert.webhook_off_again": gettext_noop(
        "Instantly switched the webhook of %(name)s off again after %(count)s resumes today. See why deliveries fail: manage.py "
        "send_test_webhook --connection %(name)s"
    ),
    "alert.queue_stalled": gettext_noop(
        "%(pending)s deliveries are pending, the oldest for %(seconds)s s. Is a worker running (manage.py process_deliveries)? Its log "
        "says what it is doing; manage.py hold_delivery takes one out of its way."
    ),
    "alert.step_failing": gettext_noop("%(step)s failed %(count)s times: %(reason)s"),
    "alert.other_workspace": gettext_noop(
        "Deliveries of workspace %(detail)s came with this connection's secret."
    ),
    "alert.given_up": gettext_noop("A delivery was given up: %(detail)s"),
    "alert.over_budget": gettext_noop(
        "A delivery is held because its mail costs too much to read: %(detail)s. Replay or dismiss it."
    ),
    # held deliveries
    "held.unreadable": gettext_noop("unreadable: %(reason)s"),
    "held.pruned": gettext_noop("its body was removed by retention or an erasure"),
    "held.removed": gettext_noop("its campaign's organization was removed"),
    "held.text": gettext_noop("its text cannot be read: %(reason)s"),
    "held.no_address": gettext_noop("its %(field)s is no address. %(reason)s"),
    "held.no_timestamp": gettext_noop("its timestamp is %(value)s"),
    "held.timestamp": gettext_noop("its timestamp %(value)s %(why)s"),
    "held.to_come": gettext_noop("is still to come"),
    "held.too_early": gettext_noop("is before %(year)s, when there was nothing to report"),
    "held.before_campaign": gettext_noop("is before its campaign was made (%(made)s)"),
    # staff actions
    "action.interrupted": gettext_noop(
        "The process that did this was stopped in the middle, so nobody knows whether Instantly carried it out. Look at it in Instantly "
        "before you ask again; a sync is queued and brings what did happen."
    ),
    "action.unknown_here": gettext_noop(
        "The release that runs this job does not know such an action; nothing was done. Ask for it again when all processes run the same "
        "release."
    ),
    "action.broken": gettext_noop(
        "Something broke on our side and was logged; nothing more will happen by itself."
    ),
    "action.cancelled": gettext_noop("It was cancelled before it began; nothing was changed."),
    "action.target_gone": gettext_noop("What this is about is not there any more."),
    "action.campaign_made": gettext_noop("%(name)s was made, as a draft."),
    "action.campaign_changed": gettext_noop("%(name)s: %(fields)s changed."),
    "action.campaign_deleted": gettext_noop("%(name)s is gone at Instantly; what happened in it stays here."),
    "action.state": gettext_noop("%(name)s is %(status)s now."),
    "action.theirs_already": gettext_noop("It was theirs already."),
    "action.assigned": gettext_noop("Assigned."),
    "action.assigned_with": gettext_noop(
        "Assigned, with %(contacts)s contacts, %(messages)s messages, %(events)s events."
    ),
    "action.campaigns_assigned": gettext_noop(
        "Campaigns assigned: %(moved)s. Left where they are, because they or their rule had changed meanwhile: %(kept)s."
    ),
    "action.campaigns_assigned_but": gettext_noop(
        "Campaigns assigned: %(moved)s, left where they are: %(kept)s, could not be moved: %(failed)s. The log says why; assign these "
        "again."
    ),
    "action.progress": gettext_noop("%(done)s of %(count)s done."),
    "action.leads_dry": gettext_noop("Nothing was sent. %(unsent)s would be, %(left_out)s would be left out."),
    "action.leads_sent": gettext_noop("%(sent)s sent (%(uploaded)s new), %(left_out)s left out."),
    "action.leads_failed": gettext_noop("%(done)s %(unsent)s not sent, %(uncertain)s unknown: %(error)s"),
    "action.no_lead": gettext_noop("The campaign has no such lead at Instantly; nothing was deleted."),
    "action.lead_deleted": gettext_noop(
        "The lead is gone from the campaign at Instantly; what happened with them stays here."
    ),
    "action.synced": gettext_noop(
        "%(campaigns_listed)s campaigns (%(campaigns_imported)s new, %(campaigns_updated)s changed), %(accounts_listed)s email accounts "
        "(%(accounts_imported)s new, %(accounts_updated)s changed)."
    ),
    "action.synced_but": gettext_noop("%(done)s %(problem)s"),
    "action.steps_passed": gettext_noop("All %(count)s steps passed."),
    "action.steps_failed": gettext_noop("%(failed)s of %(count)s steps failed. %(steps)s"),
    "action.totals": gettext_noop("%(differ)s of %(count)s campaigns differ."),
    "action.domain_checked": gettext_noop("%(domain)s: %(good)s of %(count)s checks are in order."),
    "action.listing": gettext_noop("Reading from Instantly: %(campaigns)s campaigns, %(email_accounts)s email accounts so far."),
    # promotion of a customer out of a shared workspace
    "promotion.running": gettext_noop(
        "A promotion out of %(name)s is already running; wait for it to end, then try again."
    ),
    "promotion.unknown": gettext_noop(
        "There is no such customer or workspace. Choose a customer, the shared workspace and their own one."
    ),
    "promotion.no_customer": gettext_noop("%(name)s is the agency itself; only a customer can be promoted."),
    "promotion.inactive": gettext_noop("%(name)s is switched off or being removed, so nothing is moved for them."),
    "promotion.not_shared": gettext_noop("%(name)s is no shared workspace: everything in it is one customer's already."),
    "promotion.not_theirs": gettext_noop(
        "%(name)s is not dedicated to %(organization)s. Connect their own workspace first: manage.py connect_workspace NAME "
        "--organization %(slug)s"
    ),
    "promotion.not_synced": gettext_noop("%(name)s was not synced yet, so its workspace is not known. Sync it first."),
    "promotion.not_movable": gettext_noop(
        "%(count)s of what was chosen cannot be taken: it is not %(organization)s's any more, or somebody else's campaign uses it. "
        "Nothing was changed; look at the list again."
    ),
    "promotion.nothing": gettext_noop("Choose at least one email account or one campaign to copy."),
    "promotion.too_many": gettext_noop("Choose at most %(most)s of a kind; promote the rest afterwards."),
    "promotion.no_admin_key": gettext_noop(
        "Email accounts move only with the key of the admin workspace. Choose the connection that has it, or move no email account."
    ),
    "promotion.other_group": gettext_noop(
        "Not in the workspace group of %(admin)s: %(names)s. Invite these workspaces into the group in Instantly and accept there, "
        "then try again."
    ),
    "promotion.open": gettext_noop("%(organization)s has a promotion that is still open; confirm or undo that one first."),
    "promotion.not_waiting": gettext_noop("Only a promotion that waits for confirmation can be confirmed."),
    "promotion.not_undoable": gettext_noop("This promotion runs, or is confirmed or undone already; it cannot be undone now."),
    "promotion.not_stopped": gettext_noop("This promotion is not stopped, so there is nothing to continue."),
    "promotion.many_named": gettext_noop(
        "%(count)s campaigns called %(name)s are new in %(workspace)s, so nobody knows which one is the copy. Rename or delete the "
        "others in Instantly, then continue."
    ),
    "promotion.done": gettext_noop(
        "Campaigns paused: %(paused)s. Email accounts moved: %(accounts)s. Campaigns copied as drafts: %(copies)s. Left as they are: "
        "%(left)s."
    ),
    "promotion.undone": gettext_noop(
        "Copies deleted: %(copies)s. Email accounts moved back: %(accounts)s. Campaigns active again: %(paused)s. Left as they are: "
        "%(left)s."
    ),
    "promotion.accounts_there": gettext_noop("all %(count)s are there"),
    "promotion.account_changed": gettext_noop(
        "%(address)s stays: it was assigned to somebody else, or somebody else's campaign uses it now."
    ),
    "promotion.account_gone": gettext_noop("%(address)s is not in %(workspace)s at Instantly any more."),
    "promotion.account_kept": gettext_noop(
        "%(address)s stays in %(workspace)s: a person moved it there, or a copy that stays sends from it."
    ),
    "promotion.campaign_gone": gettext_noop("%(name)s is not there at Instantly any more."),
    "promotion.campaign_moved": gettext_noop("%(name)s is another organization's meanwhile; it was left alone."),
    "promotion.not_active": gettext_noop("%(name)s was not active, so it was not paused."),
    "promotion.not_paused": gettext_noop("%(name)s is not paused any more as this promotion left it; it was left alone."),
    "promotion.copy_kept": gettext_noop("The copy %(name)s stays: it was activated, or has leads."),
    "leads.not_there": gettext_noop("The lead %(lead)s is not in the campaign %(campaign)s; nothing was deleted."),
    # status of what was switched, in the middle of a sentence
    "status.active": gettext_noop("active"),
    "status.paused": gettext_noop("paused"),
    "status.other": gettext_noop("“%(status)s”"),
    # steps of the connection test
    "step.client": gettext_noop("client"),
    "step.connection": gettext_noop("connection"),
    "step.workspace": gettext_noop("workspace"),
    "step.campaigns": gettext_noop("campaigns"),
    "step.email accounts": gettext_noop("email accounts"),
    "step.webhook": gettext_noop("webhook"),
    "step.scopes": gettext_noop("scopes"),
    "step.source": gettext_noop("shared workspace"),
    "step.destination": gettext_noop("customer's workspace"),
    "step.group": gettext_noop("workspace group"),
    "step.latency": gettext_noop("latency"),
    "test.client": gettext_noop("for %(client)s"),
    "test.key_accepted": gettext_noop("key …%(end)s is accepted; %(whose)s"),
    "test.short_key_accepted": gettext_noop("the key is accepted, and too short to show its end; %(whose)s"),
    "test.shared": gettext_noop("shared"),
    "test.workspace": gettext_noop("%(name)s (%(id)s)"),
    "test.workspace_not_pinned": gettext_noop("%(name)s (%(id)s), not pinned yet: the first sync does that"),
    "test.listed": gettext_noop("%(count)s %(what)s"),
    "test.listed_or_more": gettext_noop("%(count)s or more %(what)s"),
    "test.misfits": gettext_noop("%(listed)s, %(count)s that do not fit"),
    "test.webhook_off": gettext_noop(
        "Instantly switched it off at %(at)s; resume it: manage.py resume_webhook --connection %(name)s"
    ),
    "test.webhook": gettext_noop("%(events)s to %(address)s"),
    "test.scopes_lacking": gettext_noop(
        "The key lacks %(scopes)s; give them to it in Instantly, or make a new key."
    ),
    "test.scopes": gettext_noop("the key may read all %(count)s that are needed"),
    "test.latency": gettext_noop(
        "%(ms)s ms, median of 3; rate budget %(used)s of %(limit)s used in %(seconds)s s"
    ),
}  # fmt: skip
messages.register(SENTENCES)
messages.register(sentences.SENTENCES)
