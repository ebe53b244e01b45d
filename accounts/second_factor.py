"""Second factor at login: verify TOTP codes, and recovery codes that work once each.

The TOTP secret is encrypted and recovery codes are keyed hashes, so the database alone is not enough to log in. Changing SECRET_KEY
invalidates recovery codes; TOTP devices keep working.
"""

import re
import secrets
from base64 import b32encode

import qrcode  # type: ignore[import-untyped]
import qrcode.image.svg  # type: ignore[import-untyped]
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice

from accounts.models import Authenticator, User

CODES = 10
"""Number of recovery codes in a set."""

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Characters of recovery codes, without those that are easily confused on paper."""

TOTP_CODE = re.compile(r"\d{6}")


def is_on(user: User) -> bool:
    """Return whether this user has set up a second factor."""
    return Authenticator.objects.filter(user=user, confirmed=True).exists()


def is_required(user: User) -> bool:
    """Return whether this user must have a second factor: staff must, if the installation requires it."""
    return settings.SECOND_FACTOR_REQUIRED and user.is_staff


def must_set_up(user: User) -> bool:
    """Return whether this user must set up a second factor before anything else."""
    return is_required(user) and not is_on(user)


def is_satisfied(user: User) -> bool:
    """Return whether this user's session has passed the second factor, or needs none. `user` as the middleware prepared it."""
    return not settings.SECOND_FACTOR_REQUIRED or user.is_verified()  # type: ignore[attr-defined]


def verify(user: User, typed: str) -> Device | None:
    """Return the device that accepts the typed code, or None. A code is accepted once; after wrong ones the waiting time grows."""
    code = re.sub(r"[\s-]", "", typed).lower()
    if not code:
        return None
    model, token = (Authenticator, code) if TOTP_CODE.fullmatch(code) else (StaticDevice, _stored_form(code))
    with transaction.atomic():
        for device in model.objects.filter(user=user, confirmed=True).select_for_update():
            if device.verify_token(token):
                return device
    return None


def begin(user: User) -> Authenticator:
    """Return the device this user is setting up, created at the first call; it is of no use before `confirm`."""
    device, _ = Authenticator.objects.get_or_create(user=user, confirmed=False, defaults={"name": "authenticator"})
    return device


def confirm(device: Authenticator, typed: str) -> list[str] | None:
    """Activate the device if the code is right, and return new recovery codes; None for a wrong code."""
    if not device.verify_token(re.sub(r"\s", "", typed)):
        return None
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return new_recovery_codes(device.user)


def new_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes of a user and return the new ones, to be shown once."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes", confirmed=True)
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(CODES)]
    device.token_set.bulk_create([device.token_set.model(device=device, token=_stored_form(code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    return sum(device.token_set.count() for device in StaticDevice.objects.filter(user=user))


def reset(user: User) -> bool:
    """Remove the second factor, so that the user sets up a new one at the next login. Return whether there was one."""
    removed, _ = Authenticator.objects.filter(user=user).delete()
    more, _ = StaticDevice.objects.filter(user=user).delete()
    return bool(removed + more)


def secret(device: Authenticator) -> str:
    """Return the TOTP secret in the form that a person types: base32 in groups of four."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def picture(device: Authenticator) -> str:
    """Return the QR code for authenticator apps as an SVG of plain paths, which the content security policy allows."""
    image = qrcode.make(device.config_url, image_factory=qrcode.image.svg.SvgPathImage, box_size=9, border=2)
    return str(image.to_string(encoding="unicode"))


def _stored_form(code: str) -> str:
    """Return the stored form of a recovery code: 64 bits of a hash under SECRET_KEY (the column holds 16 characters)."""
    return salted_hmac("accounts.second_factor", code, algorithm="sha256").hexdigest()[:16]
