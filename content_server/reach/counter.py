"""The counter: takes beacons without waiting, and writes their sums at most every two seconds.

What is lost when the process is killed is what came in since the last writing: LOST_AT_MOST_S.
"""

import logging
import time
from collections import Counter as Sums
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from threading import Lock, Timer

from sqlalchemy.exc import SQLAlchemyError

from content_server.db import Database
from content_server.errors import AppError
from content_server.reach.beacons import Beacon
from content_server.reach.daily_totals import (
    Key,
    add_up,
    forget_tokens,
    new_tokens,
    open_codes,
    token_digest,
)
from content_server.reach.periods import today
from content_server.reach.rate_limit import LINK_A_MINUTE, OPEN_A_MINUTE, RateLimiter

LOST_AT_MOST_S = 2.0  # promised
WRITE_AFTER_S = 1.0  # the rest is for the writing itself
MOST_WAITING = 50_000  # beacons held while the database does not answer; then none more

log = logging.getLogger(__name__)
Waiting = list[tuple[date, Beacon]]


class Counter:
    """Beacons in, daily sums out. Safe to use from several threads; `take` never waits long."""

    def __init__(self, database: Database, now_s: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._now_s = now_s
        self._pace = RateLimiter()
        self._waiting: Waiting = []
        self._timer: Timer | None = None
        self._lock = Lock()
        self._writing = Lock()

    def take(self, beacon: Beacon) -> None:
        """Hold a beacon until the next writing, which this starts the clock for."""
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append((today(), beacon))
            if self._timer is None:
                self._timer = Timer(WRITE_AFTER_S, self._write_when_due)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write down what is waiting, all in one transaction.

        Raises what the database raises, and goes on holding everything then.
        """
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, []
            try:
                self._write(waiting)
            except BaseException:
                with self._lock:
                    self._waiting = (waiting + self._waiting)[:MOST_WAITING]
                raise

    def stop(self) -> None:
        """Write what is left; the server is going down."""
        with suppress(AppError, SQLAlchemyError):
            self.write()

    def _write_when_due(self) -> None:
        with self._lock:
            self._timer = None
        try:
            self.write()
        except (AppError, SQLAlchemyError):
            log.warning("counts could not be written yet; they are kept", exc_info=True)
            self._try_again()

    def _try_again(self) -> None:
        with self._lock:
            if self._waiting and self._timer is None:
                self._timer = Timer(WRITE_AFTER_S, self._write_when_due)
                self._timer.daemon = True
                self._timer.start()

    def _write(self, waiting: Waiting) -> None:
        if not waiting:
            return
        once = {token_digest(beacon.once): (day, beacon) for day, beacon in waiting if beacon.once}
        rest = [(day, beacon) for day, beacon in waiting if not beacon.once]
        with self._database.write() as session:
            codes = open_codes(session, {beacon.link for _day, beacon in waiting})
            fresh = new_tokens(session, once, today())
            counted = rest + [once[digest] for digest in fresh]
            add_up(session, self._believed(counted, codes))
            forget_tokens(session, today())

    def _believed(self, counted: Waiting, codes: set[str]) -> Sums[Key]:
        """Return the sums to add: codes nobody has made count for none, and all at a human pace."""
        sums: Sums[Key] = Sums()
        for day, beacon in counted:
            link = beacon.link if beacon.link in codes else ""
            sums[day, link, beacon.lesson, beacon.lang, beacon.what] += beacon.count
        now_s = self._now_s()
        for key in sums:
            most = LINK_A_MINUTE if key[1] else OPEN_A_MINUTE
            sums[key] = self._pace.allowed(key, sums[key], most, now_s)
        return +sums
