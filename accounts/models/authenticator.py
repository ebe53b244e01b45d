"""Second factor device of a staff member: django_otp's TOTP device, its secret encrypted at rest."""

import time
from base64 import b32encode
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from salesbrain.kernel.encryption import EncryptedTextField


def new_key() -> str:
    """Return a random TOTP secret of 160 bits (as RFC 4226 recommends) in hexadecimal."""
    return token_hex(20)


class Authenticator(TimestampMixin, ThrottlingMixin, Device):
    """TOTP device: codes of six digits that change every 30 seconds; each is accepted once, one step early or late.

    Not under row-level security, like User: a login happens before any scope exists. The library's own model would keep the
    secret readable in the table and in dumps, enough to make codes.
    """

    step, t0, digits, tolerance = 30, 0, 6, 1

    key = EncryptedTextField(default=new_key, help_text="Hexadecimal.")
    drift = models.SmallIntegerField(default=0, help_text="By how many steps the phone's clock is known to differ.")
    last_t = models.BigIntegerField(default=-1, help_text="Step of the last code that was accepted.")

    class Meta(Device.Meta):
        verbose_name = "authenticator"

    @property
    def bin_key(self) -> bytes:
        return bytes.fromhex(self.key)

    def verify_token(self, token: Any) -> bool:
        """Accept a code once. After wrong codes the waiting time until the next attempt grows. Saves the device."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        totp = TOTP(self.bin_key, self.step, self.t0, self.digits, self.drift)
        totp.time = time.time()
        if not (str(token).isdecimal() and totp.verify(int(token), self.tolerance, self.last_t + 1)):
            self.throttle_increment(commit=True)
            return False
        self.last_t, self.drift = totp.t(), totp.drift
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> float:
        return settings.OTP_TOTP_THROTTLE_FACTOR

    @property
    def config_url(self) -> str:
        """Return the content of the QR code in the format of authenticator apps (Key-Uri-Format)."""
        label = quote(f"{settings.OTP_TOTP_ISSUER}:{self.user.get_username()}")
        facts = {
            "secret": b32encode(self.bin_key).decode().rstrip("="),
            "issuer": settings.OTP_TOTP_ISSUER,
            "algorithm": "SHA1",
            "digits": self.digits,
            "period": self.step,
        }
        return f"otpauth://totp/{label}?{urlencode(facts, quote_via=quote)}"
