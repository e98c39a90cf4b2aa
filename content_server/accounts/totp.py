"""The second key: six digits from an app on the phone (TOTP, RFC 6238), for who wants it."""

import re

import pyotp
from sqlmodel import Session

from content_server.accounts.server_key import KeyFile
from content_server.accounts.tables import PersonRow
from content_server.db import utc_now

STEP_S = 30
NEIGHBOURS = (0, -1, 1)  # clocks of phones are a little off
ISSUER = "Bai hoc mot phut"


def fresh_secret() -> str:
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Tell whether `text`, come back from a form, is a secret as we make them."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def address_of(secret: str, login: str) -> str:
    """Return what the QR says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(secret: str, code: str, after: int = 0) -> int | None:
    """Return the half-minute `code` belongs to, later than `after`; None when it is wrong."""
    digits = re.sub(r"\s", "", code)
    totp, now = pyotp.TOTP(secret), int(utc_now().timestamp()) // STEP_S
    steps = (now + each for each in NEIGHBOURS)
    right = [step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), digits)]
    return next((step for step in right if step > after), None)


def take_code(session: Session, row: PersonRow, keys: KeyFile, code: str) -> bool:
    """Tell whether `code` is right and was not used before; it never works again."""
    secret = keys.decrypt(row.second_key) if row.second_key else None
    step = step_of(secret, code, row.second_key_step) if secret else None
    if step is None:
        return False
    row.second_key_step = step
    session.add(row)
    return True


def put_on(session: Session, row: PersonRow, keys: KeyFile, secret: str, code: str) -> bool:
    """Start to use a second key, once its first code was typed rightly."""
    step = step_of(secret, code)
    if step is None:
        return False
    row.second_key, row.second_key_step = keys.encrypt(secret), step
    session.add(row)
    return True


def take_off(session: Session, row: PersonRow) -> None:
    row.second_key, row.second_key_step = None, 0
    session.add(row)
