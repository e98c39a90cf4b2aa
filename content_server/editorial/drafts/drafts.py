"""Drafts: an edition's working copy, saved change by change; two people at once lose nothing."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from content_server.db import utc_now
from content_server.editorial.drafts.snapshots import keep_now_and_then, kept_with, put_back
from content_server.editorial.drafts.step_order import KEEP_REMOVED
from content_server.editorial.edits import Body, Change, changed, clean, value_at
from content_server.editorial.tables import ConflictRow, DraftRow, DraftState, PresenceRow
from content_server.errors import ChangeRefused, LessonNotFound
from content_server.lessons.editions.revisions import find_edition, latest_revision
from content_server.lessons.editions.tables import EditionRow
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

ORDER = "/steps"  # the stamp of which steps there are, and in which order
HERE_S = 60  # who has not been heard of for this long has gone


@dataclass(frozen=True)
class Saved:
    """What came of a save: the draft's new number, conflicts left, and what others changed."""

    number: int
    conflicts: tuple[int, ...] = ()
    others: tuple[Change, ...] = ()  # since the number that was seen, by other pages


def draft_of(session: Session, slug: str, folder: str) -> DraftRow:
    """Return the draft of an edition; without one, a new one that is not yet written down.

    A new one is the newest revision's copy. Raises LessonNotFound.
    """
    edition = find_edition(session, slug, folder)
    row = session.exec(select(DraftRow).where(DraftRow.edition_id == edition.id)).first()
    if row:
        return row
    latest = latest_revision(session, edition)
    return DraftRow(
        edition_id=edition.id or 0,
        base=latest.number if latest else None,
        body=copy.deepcopy(latest.body) if latest else {},
        media=dict(latest.media) if latest else {},
        stamps={},
        removed=[],
        saved_at=latest.created_at if latest else utc_now(),
    )


def open_draft(session: Session, slug: str, folder: str) -> DraftRow:
    """Return the draft of an edition, written down, with its row held. Raises LessonNotFound."""
    edition = find_edition(session, slug, folder)
    held = select(EditionRow).where(EditionRow.id == edition.id).with_for_update()
    session.exec(held).one()  # one after another on PostgreSQL too; SQLite has one writer anyway
    row = draft_of(session, slug, folder)
    if row.id is None:
        session.add(row)
        session.flush()
    return row


def save(  # noqa: PLR0913, PLR0917  # a save is all of this
    session: Session,
    row: DraftRow,
    changes: Sequence[Change],
    seen: int,
    by_id: int | None,
    page: str = "",
) -> Saved:
    """Make changes that were typed while looking at number `seen`, on the open page `page`.

    A place that another page changed since keeps what is there; the newcomer's words wait beside
    it as a conflict. Raises ChangeRefused, and nothing is changed then.
    """
    body, number = row.body, row.number + 1
    stamps = dict(row.stamps)
    others = _others(row, seen, page)
    kept: list[ConflictRow] = []
    for change in changes:
        here = value_at(body, change.part, change.path)
        if here == clean(change.value) or (here is None and not change.value):
            continue
        if change.key in others:
            value = {"path": change.path, "value": clean(change.value)}
            kept.append(
                ConflictRow(draft_id=row.id or 0, part=change.part, value=value, by_id=by_id)
            )
            continue
        body = changed(body, change)
        stamps[change.key] = {"number": number, "by_id": by_id, "page": page}
    session.add_all(kept)
    if body is not row.body:
        row.stamps = stamps
        _write(session, row, body, by_id)
    session.flush()
    ids = tuple(conflict.id or 0 for conflict in kept)
    return Saved(row.number, ids, tuple(others.values()))


def _others(row: DraftRow, seen: int, page: str) -> dict[str, Change]:
    """Return what other pages changed since number `seen`, as it stands now."""
    found = {}
    for key, stamp in row.stamps.items():
        part, _slash, path = key.rpartition("/")
        if stamp["number"] > seen and (not page or stamp.get("page") != page):
            found[key] = Change(part, path, value_at(row.body, part, path))
    return found


def rewrite(
    session: Session, row: DraftRow, change: Callable[[Body], Body], by_id: int | None
) -> None:
    """Change a draft as a whole: its steps' order, a new step. Raises what `change` raises."""
    _write(session, row, change(copy.deepcopy(row.body)), by_id)
    _note_order(row, by_id)
    session.flush()


def remove_step(
    session: Session, row: DraftRow, take: Callable[[Body], tuple[Body, Body]], by_id: int | None
) -> None:
    """Take a step away and keep it, so that it can be brought back."""
    body, removed = take(row.body)
    row.removed = [*row.removed, removed][-KEEP_REMOVED:]
    _write(session, row, body, by_id)
    _note_order(row, by_id)


def bring_back(
    session: Session, row: DraftRow, put: Callable[[Body, Body], Body], by_id: int | None
) -> None:
    """Bring the step removed last back. Raises ChangeRefused when there is none."""
    if not row.removed:
        raise ChangeRefused(_("Không còn bước nào để lấy lại."))
    *left, last = row.removed
    _write(session, row, put(row.body, last), by_id)
    row.removed = left
    _note_order(row, by_id)


def _note_order(row: DraftRow, by_id: int | None) -> None:
    row.stamps = {**row.stamps, ORDER: {"number": row.number, "by_id": by_id}}


def attach(  # noqa: PLR0913, PLR0917  # what, where, and by whom
    session: Session,
    row: DraftRow,
    file: str,
    digest: str,
    change: Callable[[Body], Body],
    by_id: int | None,
) -> None:
    """Put a medium that is in the store into a draft; `file` is its name from now on."""
    row.media = {**row.media, file: digest}
    _write(session, row, change(copy.deepcopy(row.body)), by_id)
    session.flush()


def go_back(session: Session, row: DraftRow, kept_id: int, by_id: int | None) -> None:
    """Make a draft what it was when it was kept. Raises ChangeRefused when that is gone."""
    body = put_back(session, row, kept_with(session, row, kept_id), by_id)
    rewrite(session, row, lambda _now: body, by_id)


def _write(session: Session, row: DraftRow, body: Body, by_id: int | None) -> None:
    keep_now_and_then(session, row)
    row.body, row.number = body, row.number + 1
    row.saved_at, row.saved_by = utc_now(), by_id
    row.state = DraftState.WRITING  # what is changed is no longer what was handed in
    session.add(row)


def discard(session: Session, row: DraftRow) -> None:
    """Throw the draft away: what its editors see is the newest revision again."""
    if row.id is not None:
        session.delete(row)
        session.flush()


def conflicts_of(session: Session, row: DraftRow) -> list[ConflictRow]:
    query = select(ConflictRow).where(ConflictRow.draft_id == row.id).order_by(col(ConflictRow.id))
    return list(session.exec(query.limit(100)))


def settle(session: Session, row: DraftRow, conflict_id: int, *, mine: bool, by_id: int) -> None:
    """End a conflict: take what was kept aside (`mine`), or leave what stands there."""
    conflict = session.get(ConflictRow, conflict_id)
    if conflict is None or conflict.draft_id != row.id:
        raise ChangeRefused(_("Chỗ này đã có người chọn rồi."))
    if mine:
        change = Change(conflict.part, conflict.value["path"], conflict.value["value"])
        save(session, row, [change], row.number, by_id)
    session.delete(conflict)
    session.flush()


def be_here(session: Session, row: DraftRow, person_id: int, part: str) -> list[PresenceRow]:
    """Note that somebody has the draft open; return the others who have."""
    now = utc_now()
    session.exec(
        delete(PresenceRow).where(col(PresenceRow.seen_at) < now - timedelta(seconds=HERE_S))
    )
    session.merge(
        PresenceRow(draft_id=row.id or 0, person_id=person_id, part=part[:60], seen_at=now)
    )
    session.flush()
    others = select(PresenceRow).where(
        PresenceRow.draft_id == row.id, PresenceRow.person_id != person_id
    )
    return list(session.exec(others.limit(20)))


def check_source(folder: str) -> None:
    """Raise ChangeRefused unless `folder` is the language that owns the steps."""
    if folder != SOURCE_FOLDER:
        raise ChangeRefused(_("Chỉ bản tiếng Việt thêm bớt bước được."))


def check_there(session: Session, slug: str) -> None:
    """Raise LessonNotFound unless there is such a lesson, drafts included."""
    query = select(EditionRow).where(EditionRow.slug == slug).limit(1)
    if session.exec(query).first() is None:
        raise LessonNotFound(_("Không có bài {slug}.", slug=slug[:60]))
