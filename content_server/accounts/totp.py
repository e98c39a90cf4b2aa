"""TOTP (RFC 6238): six digits from an authenticator app as an optional second factor."""

import re

import pyotp
from sqlmodel import Session

from content_server.accounts.server_key import ServerKey
from content_server.accounts.tables import PersonRow
from content_server.db import utc_now

STEP_S = 30
STEP_OFFSETS = (0, -1, 1)  # in half-minutes: phone clocks are a little off
ISSUER = "Bai hoc mot phut"


def new_secret() -> str:
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Tell whether `text`, sent back by the form, has the form of new_secret."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def provisioning_uri(secret: str, login: str) -> str:
    """Return the otpauth:// address that the QR code carries to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def matching_step(secret: str, code: str, after: int = 0) -> int | None:
    """Return the time step (30 s) of `code` if it is later than `after`; None for a wrong code."""
    digits = re.sub(r"\s", "", code)
    totp, now = pyotp.TOTP(secret), int(utc_now().timestamp()) // STEP_S
    steps = (now + each for each in STEP_OFFSETS)
    right = [step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), digits)]
    return next((step for step in right if step > after), None)


def verify_code(session: Session, row: PersonRow, keys: ServerKey, code: str) -> bool:
    """Tell whether `code` is right and unused; store its step so that it works only once."""
    secret = keys.decrypt(row.totp_secret) if row.totp_secret else None
    step = matching_step(secret, code, row.totp_step) if secret else None
    if step is None:
        return False
    row.totp_step = step
    session.add(row)
    return True


def activate_totp(
    session: Session, row: PersonRow, keys: ServerKey, secret: str, code: str
) -> bool:
    """Store the encrypted secret if `code` belongs to it; tell whether it did."""
    step = matching_step(secret, code)
    if step is None:
        return False
    row.totp_secret, row.totp_step = keys.encrypt(secret), step
    session.add(row)
    return True


def deactivate_totp(session: Session, row: PersonRow) -> None:
    row.totp_secret, row.totp_step = None, 0
    session.add(row)
