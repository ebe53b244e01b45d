"""Translatable sentences that messaging stores in rows (reasons, results), by key.

See salesbrain/kernel/messages.py. A key is never given another meaning.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_noop

from salesbrain.kernel import messages

SENTENCES: Mapping[str, str] = {
    "transfer.removed": gettext_noop(
        "%(what)s was of an organization that was removed: nothing of it is recorded any more. Make a new campaign in Instantly instead."
    ),
    "transfer.being_removed": gettext_noop("%(organization)s is being removed: nothing can be assigned to it."),
    "transfer.dedicated": gettext_noop(
        "%(what)s is in the workspace %(workspace)s, which is dedicated to another organization; only what is in a shared workspace can "
        "be assigned."
    ),
    # why a reply cannot be sent
    "reply.nothing_received": gettext_noop(
        "This person has not written yet, and Instantly can only answer a mail that was received."
    ),
    "reply.no_id_yet": gettext_noop(
        "Instantly has not told the id of their mail yet, without which it cannot be answered. Try again in a few minutes."
    ),
    "reply.workspace_off": gettext_noop(
        "The workspace this mail came to is not connected any more, so nothing can be sent from it. Connect it again, or answer from "
        "your mail program."
    ),
    "reply.suppressed": gettext_noop(
        "%(address)s must not be written to: they unsubscribed, complained or were put on the list of suppressions."
    ),
    "reply.account_missing": gettext_noop(
        "The email account %(address)s is not in the workspace any more, so nothing can be sent from it. Answer from your mail program."
    ),
    "reply.account_paused": gettext_noop("The email account %(address)s is paused. Resume it, then send the reply."),
    "reply.account_maintenance": gettext_noop(
        "The email account %(address)s is paused for maintenance and resumes by itself. Send the reply later."
    ),
    "reply.account_suspended": gettext_noop(
        "The email account %(address)s is suspended, so nothing can be sent from it. Have it unlocked, then send the reply."
    ),
    "reply.account_error": gettext_noop(
        "The email account %(address)s reports an error, so nothing can be sent from it. Reconnect it in Instantly, then send the reply."
    ),
    # why a reply came back, failed or is unknown
    "reply.mail_came": gettext_noop("%(who)s wrote while your reply waited to be sent. Read it, then send your reply."),
    "reply.colleague_replied": gettext_noop(
        "%(who)s replied while your reply waited to be sent. Read it, then send yours if it is still needed."
    ),
    "reply.moved": gettext_noop("The mail you answer is not this organization's any more. Nothing was sent."),
    "reply.answered_gone": gettext_noop("Instantly does not have the mail you answer any more. Nothing was sent."),
    "reply.not_received": gettext_noop("Instantly says that the mail you answer is one of ours. Nothing was sent."),
    "reply.refused": gettext_noop("Nothing was sent. %(reason)s"),
    "reply.broken": gettext_noop(
        "Something broke on our side before anything was sent, and was logged. Try again, and tell us if it happens again."
    ),
    "reply.retrying": gettext_noop("Not sent yet, and tried again by itself: %(reason)s"),
    "reply.given_up": gettext_noop("Not sent after %(count)s tries. %(reason)s"),
    "reply.unknown": gettext_noop(
        "The connection broke before Instantly answered, so nobody knows yet whether the reply was sent. It is being looked for."
    ),
    "reply.decide": gettext_noop(
        "Nobody knows whether this reply was sent: the connection broke, and Instantly does not list it. Look into the Sent folder of "
        "%(address)s, then say whether it is there."
    ),
}
messages.register(SENTENCES)
