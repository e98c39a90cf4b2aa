"""Delays: who failed to sign in waits longer each time; nobody is ever locked out."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, delete

from content_server.accounts.tables import FailureRow
from content_server.db import utc_now
from content_server.errors import TooManyTries
from content_server.phrases import Phrase, _

FREE_TRIES = 5  # research: trust §1.2
FIRST_DELAY_S, LONGEST_DELAY_S = 1, 15 * 60
FORGOTTEN_AFTER = timedelta(days=1)
A_MINUTE_S = 60


def delay_s(failures: int) -> int:
    """Return how long the next try has to wait: 1 s after five failures, doubling to 15 min."""
    if failures < FREE_TRIES:
        return 0
    return min(FIRST_DELAY_S << min(failures - FREE_TRIES, 20), LONGEST_DELAY_S)


def key_of(login: str, device: str = "") -> str:
    """Return the key failures are counted under; a device known to the account has its own.

    So a stranger who fails on purpose delays other strangers, never the person's own phone.
    """
    return sha256(f"{login}\n{device}".encode()).hexdigest()


def take_turn(session: Session, key: str, now: datetime | None = None) -> None:
    """Count a try as failed before it is looked at. Raises TooManyTries when it came too early.

    Counting first means that tries sent at once cannot all be free.
    """
    now = now or utc_now()
    row = session.get(FailureRow, key)
    left_s = 0.0
    if row:
        left_s = delay_s(row.count) - (now - row.last_at).total_seconds()
    if 0 < left_s <= LONGEST_DELAY_S:  # a clock set back makes nobody wait for years
        raise TooManyTries(_waiting(int(left_s) + 1))
    count = row.count if row and now - row.last_at < FORGOTTEN_AFTER else 0
    session.merge(FailureRow(key=key, count=count + 1, last_at=now))
    old = delete(FailureRow).where(col(FailureRow.last_at) < now - FORGOTTEN_AFTER)
    session.exec(old)


def forgive(session: Session, key: str) -> None:
    """Forget the failures: the right passphrase was given."""
    session.exec(delete(FailureRow).where(col(FailureRow.key) == key))


def _waiting(left_s: int) -> Phrase:
    if left_s < A_MINUTE_S:
        return _("Đã thử sai nhiều lần. Xin đợi {seconds} giây rồi thử lại.", seconds=left_s)
    minutes = -(-left_s // A_MINUTE_S)
    return _("Đã thử sai nhiều lần. Xin đợi {minutes} phút rồi thử lại.", minutes=minutes)
