"""Rate limits of invitation and password reset mails, per recipient and per requesting IP address."""

from rest_framework.exceptions import Throttled

from accounts.refusals import TooManyMails
from salesbrain.api import throttles
from salesbrain.kernel import request_origin
from salesbrain.kernel.rate_window import client_prefix


def count_mail(address: str) -> None:
    """Count a mail about to be sent to an address. Raises TooManyMails.

    Call it outside the transaction of the change: a rollback would undo the count.
    """
    origin = request_origin.address()
    try:
        throttles.count("mail", f"address:{address}")
        if origin:
            throttles.count("mail_origin", f"address:{client_prefix(origin)}")
    except Throttled as error:
        raise TooManyMails from error
