"""The beacon counter: collects beacons in memory and adds them to the daily totals every second.

A killed process loses the beacons since the last write: those of MAX_LOSS_S at most.
"""

import logging
import time
from collections import Counter as Tally
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from threading import Lock, Timer

from sqlalchemy.exc import SQLAlchemyError

from content_server.db import Database
from content_server.errors import AppError
from content_server.reach.beacons import Beacon
from content_server.reach.daily_totals import (
    CountKey,
    add_to_totals,
    delete_old_tokens,
    insert_new_tokens,
    load_open_codes,
    token_digest,
)
from content_server.reach.periods import today_in_vietnam
from content_server.reach.rate_limit import (
    MAX_PER_MINUTE_WITH_LINK,
    MAX_PER_MINUTE_WITHOUT_LINK,
    RateLimiter,
)

MAX_LOSS_S = 2.0  # promised in docs/promises.md
WRITE_DELAY_S = 1.0  # the rest of MAX_LOSS_S is for the write itself
MAX_PENDING_BEACONS = 50_000  # held while the database does not answer; more are dropped

log = logging.getLogger(__name__)
PendingBeacons = list[tuple[date, Beacon]]


class BeaconCounter:
    """Adds beacons to the daily totals. Thread-safe; `add` does not wait for the database."""

    def __init__(self, database: Database, now_s: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._now_s = now_s
        self._limiter = RateLimiter()
        self._pending: PendingBeacons = []
        self._timer: Timer | None = None
        self._lock = Lock()
        self._flush_lock = Lock()

    def add(self, beacon: Beacon) -> None:
        """Hold a beacon until the next flush, and start the timer for it."""
        with self._lock:
            if len(self._pending) < MAX_PENDING_BEACONS:
                self._pending.append((today_in_vietnam(), beacon))
            if self._timer is None:
                self._timer = Timer(WRITE_DELAY_S, self._flush_on_timer)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write all pending beacons in one transaction.

        Raises the errors of Database.write; the beacons stay pending then.
        """
        with self._flush_lock:
            with self._lock:
                beacons, self._pending = self._pending, []
            try:
                self._write_pending(beacons)
            except BaseException:
                with self._lock:
                    self._pending = (beacons + self._pending)[:MAX_PENDING_BEACONS]
                raise

    def stop(self) -> None:
        """Flush a last time at shutdown; errors of the database are ignored."""
        with suppress(AppError, SQLAlchemyError):
            self.flush()

    def _flush_on_timer(self) -> None:
        with self._lock:
            self._timer = None
        try:
            self.flush()
        except (AppError, SQLAlchemyError):
            log.warning("counts could not be written yet; they stay in memory", exc_info=True)
            self._retry_later()

    def _retry_later(self) -> None:
        with self._lock:
            if self._pending and self._timer is None:
                self._timer = Timer(WRITE_DELAY_S, self._flush_on_timer)
                self._timer.daemon = True
                self._timer.start()

    def _write_pending(self, beacons: PendingBeacons) -> None:
        if not beacons:
            return
        once = {
            token_digest(beacon.token): (day, beacon) for day, beacon in beacons if beacon.token
        }
        rest = [(day, beacon) for day, beacon in beacons if not beacon.token]
        with self._database.write() as session:
            codes = load_open_codes(session, {beacon.link for _day, beacon in beacons})
            fresh = insert_new_tokens(session, once, today_in_vietnam())
            accepted = rest + [once[digest] for digest in fresh]
            add_to_totals(session, self._accepted_counts(accepted, codes))
            delete_old_tokens(session, today_in_vietnam())

    def _accepted_counts(self, accepted: PendingBeacons, codes: set[str]) -> Tally[CountKey]:
        """Return the counts to add: unknown codes count as no link, and rate limits apply."""
        counts: Tally[CountKey] = Tally()
        for day, beacon in accepted:
            link = beacon.link if beacon.link in codes else ""
            counts[day, link, beacon.lesson, beacon.lang, beacon.event] += beacon.count
        now_s = self._now_s()
        for key in counts:
            most = MAX_PER_MINUTE_WITH_LINK if key[1] else MAX_PER_MINUTE_WITHOUT_LINK
            counts[key] = self._limiter.grant(key, counts[key], most, now_s)
        return +counts
