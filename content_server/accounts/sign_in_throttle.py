"""Sign-in throttle: each failure lengthens the delay before the next attempt; no lockout."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, delete

from content_server.accounts.tables import SignInFailureRow
from content_server.db import utc_now
from content_server.errors import TooManyTries
from content_server.phrases import Phrase, _

FREE_ATTEMPTS = 5  # docs/research/trust.md#limits
MIN_DELAY_S, MAX_DELAY_S = 1, 15 * 60
FAILURE_LIFETIME = timedelta(days=1)
MINUTE_S = 60


def retry_delay_s(failures: int) -> int:
    """Return the delay before the next attempt: 1 s after five failures, doubling to 15 min."""
    if failures < FREE_ATTEMPTS:
        return 0
    return min(MIN_DELAY_S << min(failures - FREE_ATTEMPTS, 20), MAX_DELAY_S)


def throttle_key(login: str, device: str = "") -> str:
    """Return the key under which failures are counted: one for the login, one a known device.

    Failures from unknown devices therefore never delay a device the account has used before.
    """
    return sha256(f"{login}\n{device}".encode()).hexdigest()


def count_attempt(session: Session, key: str, now: datetime | None = None) -> None:
    """Count an attempt as failed before it is verified; clear_failures undoes that.

    Counting first keeps attempts sent in parallel from all being free. Raises TooManyTries while
    the delay lasts.
    """
    now = now or utc_now()
    row = session.get(SignInFailureRow, key)
    left_s = 0.0
    if row:
        left_s = retry_delay_s(row.count) - (now - row.last_at).total_seconds()
    if 0 < left_s <= MAX_DELAY_S:  # a clock that was set back causes no longer wait
        raise TooManyTries(_wait_phrase(int(left_s) + 1))
    count = row.count if row and now - row.last_at < FAILURE_LIFETIME else 0
    session.merge(SignInFailureRow(key=key, count=count + 1, last_at=now))
    old = delete(SignInFailureRow).where(col(SignInFailureRow.last_at) < now - FAILURE_LIFETIME)
    session.exec(old)


def clear_failures(session: Session, key: str) -> None:
    """Delete the failures of `key`: the right passphrase was given."""
    session.exec(delete(SignInFailureRow).where(col(SignInFailureRow.key) == key))


def _wait_phrase(left_s: int) -> Phrase:
    if left_s < MINUTE_S:
        return _("Đã thử sai nhiều lần. Xin đợi {seconds} giây rồi thử lại.", seconds=left_s)
    minutes = -(-left_s // MINUTE_S)
    return _("Đã thử sai nhiều lần. Xin đợi {minutes} phút rồi thử lại.", minutes=minutes)
