"""Sentences of this app that are stored, by key (salesbrain/kernel/messages.py). A key is never given another meaning."""

from collections.abc import Mapping

from django.utils.translation import gettext_noop

from salesbrain.kernel import messages

SENTENCES: Mapping[str, str] = {
    "transfer.dedicated": gettext_noop(
        "%(what)s is in the workspace %(workspace)s, which is dedicated to another organization; only what is in a shared workspace can "
        "be assigned."
    ),
}
messages.register(SENTENCES)
