"""Consents: who agreed to be heard or seen, and where their voice or face is used."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.editorial.edits import DraftBody, as_dict, clean_value
from content_server.editorial.review.workflow import Actor
from content_server.editorial.status.staleness import steps_of
from content_server.editorial.tables import ConsentKind, ConsentRow, DraftRow, SnapshotRow
from content_server.errors import ChangeRejected
from content_server.lessons.editions.tables import EditionRow, RevisionRow
from content_server.phrases import _


@dataclass(frozen=True)
class NewConsent:
    """A consent to be stored: a person agreed to the use of a source, a voice or a face.

    `is_take`: whoever stores it recorded it themselves.
    """

    digest: str
    kind: ConsentKind
    person_name: str
    scope: str
    given_on: date
    is_take: bool = False


def record_consent(session: Session, consent: NewConsent, actor: Actor) -> ConsentRow:
    """Store a consent. Raises ChangeRejected without a person's name."""
    person_name = str(clean_value(consent.person_name))[:80]
    if not person_name:
        raise ChangeRejected(_("Viết tên người đồng ý."))
    row = ConsentRow(
        digest=consent.digest,
        kind=consent.kind,
        person_name=person_name,
        given_on=consent.given_on,
        scope=str(clean_value(consent.scope))[:200],
        actor_id=actor.id,
        recorded_by=actor.id if consent.is_take else None,
    )
    session.add(row)
    session.flush()
    return row


def list_consents(session: Session) -> list[ConsentRow]:
    """Return the newest 500 consents, newest first."""
    return list(session.exec(select(ConsentRow).order_by(col(ConsentRow.id).desc()).limit(500)))


def takes_of(session: Session, person_id: int) -> list[ConsentRow]:
    """Return the consents of a person's own recordings, newest first."""
    query = select(ConsentRow).where(ConsentRow.recorded_by == person_id)
    return list(session.exec(query.order_by(col(ConsentRow.id).desc()).limit(2_000)))


def speakers_of(session: Session, digests: Iterable[str]) -> dict[str, int]:
    """Return digest → id of the person who recorded it."""
    query = select(ConsentRow).where(
        col(ConsentRow.digest).in_(list(digests)), col(ConsentRow.recorded_by).is_not(None)
    )
    return {row.digest: row.recorded_by for row in session.exec(query) if row.recorded_by}


def mark_consent_withdrawn(session: Session, consent_id: int) -> ConsentRow:
    """Mark a consent as withdrawn. Raises ChangeRejected when it does not exist."""
    row = session.get(ConsentRow, consent_id)
    if row is None:
        raise ChangeRejected(_("Không có lời đồng ý này."))
    row.taken_down_at = row.taken_down_at or utc_now()
    session.add(row)
    return row


def editions_using(session: Session, digest: str) -> Iterator[tuple[EditionRow, RevisionRow]]:
    """Yield (edition, revision) for each newest or published revision that uses a source."""
    for edition in session.exec(select(EditionRow)).all():
        query = select(RevisionRow).where(RevisionRow.edition_id == edition.id)
        rows = session.exec(query.order_by(col(RevisionRow.number).desc())).all()
        newest = rows[0].number if rows else None
        for row in rows:
            is_current = row.number in {newest, edition.published_revision}
            if is_current and digest in row.media.values():
                yield edition, row


def drafts_using(session: Session, digest: str) -> list[DraftRow]:
    """Return every draft that uses a source."""
    return [row for row in session.exec(select(DraftRow)) if digest in row.media.values()]


def snapshots_using(session: Session, digest: str) -> list[SnapshotRow]:
    """Return every snapshot that uses a source."""
    return [row for row in session.exec(select(SnapshotRow)) if digest in row.media.values()]


def without_source(
    body: DraftBody, media: dict[str, str], digest: str
) -> tuple[DraftBody, dict[str, str]]:
    """Return a body without the voices and photos of a source, and its media without the source."""
    files = {file for file, source in media.items() if source == digest}
    remaining = {file: source for file, source in media.items() if source != digest}
    body = {k: v for k, v in body.items() if k not in _VOICE_KEYS or v not in files}
    steps = {name: _step_without(step, files) for name, step in steps_of(body).items()}
    if isinstance(body.get("steps"), list):
        return {**body, "steps": list(steps.values())}, remaining
    return {**body, "steps": steps}, remaining


_VOICE_KEYS = {"voice", "ending_voice"}


def _step_without(step: DraftBody, files: set[str]) -> DraftBody:
    remaining = {k: v for k, v in step.items() if not (k == "voice" and v in files)}
    if as_dict(remaining.get("photo")).get("file") in files:
        del remaining["photo"]
    return remaining
