"""The work on one source: when its turn is, and how its renditions come to be, all or none."""

import shutil
from pathlib import Path

from sqlmodel import Session, col, delete

from content_server.errors import Refused
from content_server.jobs.context import Context
from content_server.media.medium import Made, Medium
from content_server.media.probe import probe
from content_server.media.shrink import recipe_of, shrink
from content_server.media.store import Store
from content_server.media.tables import Rendition

PRIORITY = {  # small before long
    Medium.CAPTIONS: 10,
    Medium.IMAGE: 20,
    Medium.VOICE: 30,
    Medium.CLIP: 60,
}

LARGE_BYTES = 5_000_000  # a source of each so many bytes more waits behind the smaller ones
LATER_AT_MOST = 19  # and never behind what another medium's work may wait for


def priority_of(medium: Medium, size_bytes: int) -> int:
    """Return when a source's turn is: small media first, and among clips the small ones."""
    return PRIORITY[medium] + min(LATER_AT_MOST, size_bytes // LARGE_BYTES)


def make_renditions(context: Context, store: Store, work: Path) -> None:
    """Task: make every rendition of one source in a folder of its own below `work`.

    The rows that name them are written together with the job's end.
    """
    digest, medium = str(context.payload["digest"]), Medium(context.payload["medium"])
    folder = work / f"{context.job_id}"
    shutil.rmtree(folder, ignore_errors=True)  # what an attempt cut short may have left
    folder.mkdir(parents=True)
    try:
        source = folder / "source"
        store.fetch_to(digest, source)
        length_s = _length_s(source, medium)
        made = shrink(
            medium,
            source,
            folder,
            on_progress=lambda part: context.report(part * 100, length_s),
            is_cancelled=context.is_cancelled,
        )
        rows = [_row(each, store, digest, recipe_of(medium)) for each in made]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    context.save(lambda session: _replace_renditions(session, digest, rows))


def _length_s(source: Path, medium: Medium) -> float | None:
    """Return how long a clip is, so that people see how fast it goes; the rest is done at once."""
    try:
        return probe(source, medium).duration_ms / 1000 if medium is Medium.CLIP else None
    except Refused:  # the work itself will say what is wrong
        return None


def _row(made: Made, store: Store, source: str, recipe: str) -> Rendition:
    return Rendition(
        source_digest=source,
        recipe=recipe,
        rung=made.rung,
        digest=store.put_file(made.path),
        content_type=made.content_type,
        bytes=made.path.stat().st_size,
        width_px=made.width_px,
        height_px=made.height_px,
        duration_ms=made.duration_ms,
        note=str(made.note) if made.note else None,
    )


def _replace_renditions(session: Session, digest: str, rows: list[Rendition]) -> None:
    """Write the renditions of a source; those of the same recipe from an earlier try go."""
    old = delete(Rendition).where(
        col(Rendition.source_digest) == digest, col(Rendition.recipe) == rows[0].recipe
    )
    session.exec(old)
    session.add_all(rows)
