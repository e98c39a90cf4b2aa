"""Consents: who agreed to be heard or seen, and every edition a voice or face is in."""

from collections.abc import Iterable, Iterator
from datetime import date

from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.editorial.edits import Body, clean, dict_of
from content_server.editorial.review.workflow import Actor
from content_server.editorial.status.staleness import steps_of
from content_server.editorial.tables import ConsentKind, ConsentRow, DraftRow, SnapshotRow
from content_server.errors import ChangeRefused
from content_server.lessons.editions.tables import EditionRow, RevisionRow
from content_server.phrases import _


def note_consent(  # noqa: PLR0913  # a consent is all of this
    session: Session,
    digest: str,
    likeness: ConsentKind,
    who: str,
    *,
    scope: str,
    given_on: date,
    by: Actor,
    is_take: bool = False,
) -> ConsentRow:
    """Write down that a person agreed; `is_take`: as they send what they just spoke.

    Raises ChangeRefused without a name: silence is no yes.
    """
    who = str(clean(who))[:80]
    if not who:
        raise ChangeRefused(_("Viết tên người đồng ý."))
    row = ConsentRow(digest=digest, likeness=likeness, who=who, given_on=given_on, by_id=by.id)
    row.scope = str(clean(scope))[:200]
    row.spoken_by = by.id if is_take else None
    session.add(row)
    session.flush()
    return row


def consents(session: Session) -> list[ConsentRow]:
    """Return the newest consents first."""
    return list(session.exec(select(ConsentRow).order_by(col(ConsentRow.id).desc()).limit(500)))


def takes_of(session: Session, person_id: int) -> list[ConsentRow]:
    """Return what a person has recorded, newest first."""
    query = select(ConsentRow).where(ConsentRow.spoken_by == person_id)
    return list(session.exec(query.order_by(col(ConsentRow.id).desc()).limit(2_000)))


def speakers_of(session: Session, digests: Iterable[str]) -> dict[str, int]:
    """Return digest → who sent this voice from the recorder."""
    query = select(ConsentRow).where(
        col(ConsentRow.digest).in_(list(digests)), col(ConsentRow.spoken_by).is_not(None)
    )
    return {row.digest: row.spoken_by for row in session.exec(query) if row.spoken_by}


def taken_back(session: Session, consent_id: int) -> ConsentRow:
    """Mark a consent as taken back. Raises ChangeRefused when there is none."""
    row = session.get(ConsentRow, consent_id)
    if row is None:
        raise ChangeRefused(_("Không có lời đồng ý này."))
    row.taken_down_at = row.taken_down_at or utc_now()
    session.add(row)
    return row


def uses_of(session: Session, digest: str) -> Iterator[tuple[EditionRow, RevisionRow]]:
    """Yield every edition whose newest or published revision uses a source."""
    for edition in session.exec(select(EditionRow)).all():
        query = select(RevisionRow).where(RevisionRow.edition_id == edition.id)
        rows = session.exec(query.order_by(col(RevisionRow.number).desc())).all()
        newest = rows[0].number if rows else None
        for row in rows:
            shown = row.number in {newest, edition.published_revision}
            if shown and digest in row.media.values():
                yield edition, row


def drafts_with(session: Session, digest: str) -> list[DraftRow]:
    """Return every draft that uses a source."""
    return [row for row in session.exec(select(DraftRow)) if digest in row.media.values()]


def kept_holding(session: Session, digest: str) -> list[SnapshotRow]:
    """Return every kept version of a draft that uses a source."""
    return [row for row in session.exec(select(SnapshotRow)) if digest in row.media.values()]


def without_source(body: Body, media: dict[str, str], digest: str) -> tuple[Body, dict[str, str]]:
    """Return a body that neither plays nor shows a source, and its media without it."""
    files = {file for file, source in media.items() if source == digest}
    left = {file: source for file, source in media.items() if source != digest}
    body = {k: v for k, v in body.items() if k not in _VOICES or v not in files}
    steps = {name: _without(step, files) for name, step in steps_of(body).items()}
    if isinstance(body.get("steps"), list):
        return {**body, "steps": list(steps.values())}, left
    return {**body, "steps": steps}, left


_VOICES = {"voice", "ending_voice"}


def _without(step: Body, files: set[str]) -> Body:
    kept = {k: v for k, v in step.items() if not (k == "voice" and v in files)}
    if dict_of(kept.get("photo")).get("file") in files:
        del kept["photo"]
    return kept
