"""Shrinking as part of the road: what a source still lacks, and the tasks that make it.

What a lesson needs to be published is made at once; what only makes it lighter (stills, lean) is
made by workers of its own when nothing else waits, and its lessons are then pressed again.
"""

import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, delete, select

from content_server.db import Database
from content_server.errors import AppError
from content_server.jobs.queue import Job, enqueue
from content_server.jobs.tables import ENDED
from content_server.jobs.worker import Context
from content_server.media.cached_analysis import foreknown
from content_server.media.clip_ladder import clip_rung
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.ffmpeg.probe import probe
from content_server.media.ladder import recipe_of
from content_server.media.media_kinds import ClipKind, EncodedFile, MediaKind
from content_server.media.required_renditions import shrink
from content_server.media.store import Store
from content_server.media.tables import CachedAnalysis, Rendition, Source
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.clip_renditions import LOOK, make_rung
from content_server.media.video.still_edits import NO_WISHES, WantedStills
from content_server.media.video.stills import LeftOut
from content_server.settings import Settings

TRANSCODE, TRANSCODE_BACKGROUND = "shrink", "lighten"
PRIORITY = {  # small before long
    MediaKind.CAPTIONS: 10,
    MediaKind.IMAGE: 20,
    MediaKind.VOICE: 30,
    MediaKind.CLIP: 60,
}
LATER = {"stills": 110, "lean": 130}  # rung → priority: the cheapest gain first
LARGE_BYTES = 5_000_000  # a source of each so many bytes more waits behind the smaller ones
LATER_AT_MOST = 19  # and never behind what another medium's work may wait for

Changed = Callable[[Session, str], None]  # told the digest of a source that has new renditions


class FindingStore(dict[str, dict[str, Any]]):
    """What was found out about one source: read at once, every new finding written at once.

    A finding is a fact about bytes that never change: it is kept even when work is cut short.
    """

    def __init__(self, database: Database, digest: str) -> None:
        self._database, self._digest = database, digest
        with database.read() as session:
            query = select(CachedAnalysis).where(CachedAnalysis.source_digest == digest)
            super().__init__({row.name: row.found for row in session.exec(query)})

    def __setitem__(self, name: str, found: dict[str, Any]) -> None:
        super().__setitem__(name, found)
        with self._database.write() as session:
            session.merge(CachedAnalysis(source_digest=self._digest, name=name, found=found))


@dataclass(frozen=True)
class Transcoder:
    """Does the work; `changed` is told, in the same transaction, that a source looks new."""

    settings: Settings
    database: Database
    store: Store
    changed: Changed

    def transcode_required(self, context: Context) -> None:
        """Task: make what a lesson needs of one source, and write it down together."""
        digest, medium = str(context.payload["digest"]), MediaKind(context.payload["medium"])
        with self.job_folder(context) as folder:
            source = self._source(digest, folder)
            memory, length_s = FindingStore(self.database, digest), _length_s(source, medium)
            made = shrink(
                medium,
                source,
                folder,
                memory=memory,
                threads=self.settings.tool_threads,
                on_progress=lambda share: context.report(share * 100, length_s),
                is_cancelled=context.is_cancelled,
            )
            recipe = _recipe(medium, memory, "compat")
            rows = self._kept(digest, recipe, made)
        context.save(lambda session: self._replace(session, digest, rows))

    def transcode_background(self, context: Context) -> None:
        """Task: make one rung of a clip that only makes it lighter, or note why it is left out."""
        digest, rung = str(context.payload["digest"]), str(context.payload["rung"])
        wanted = WantedStills.model_validate(context.payload.get("wanted", {}))
        with self.job_folder(context) as folder:
            bench = open_job_directory(
                self._source(digest, folder),
                folder,
                threads=self.settings.tool_threads,
                on_progress=lambda share: context.report(share * 100),
                is_cancelled=context.is_cancelled,
            )
            context.report(0, bench.info.duration_ms / 1000)
            memory = FindingStore(self.database, digest)
            with self.database.read() as session:
                before = {row.rung: row.bytes for row in _rows(session, digest)}
            made = make_rung(bench, rung, memory, before, wanted)
            recipe = _recipe(MediaKind.CLIP, memory, rung)
            if isinstance(made, LeftOut):
                memory[_done_name(recipe, rung, wanted)] = {"why": str(made.why)}
                return
            rows = self._kept(digest, recipe, made)
        context.save(lambda session: self._replace(session, digest, rows))

    @contextmanager
    def job_folder(self, context: Context) -> Iterator[Path]:
        """Give a job a folder of its own, empty even after an attempt cut short."""
        folder = self.settings.data_dir / "work" / f"{context.job_id}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _source(self, digest: str, folder: Path) -> Path:
        source = folder / "source"
        self.store.fetch_to(digest, source)
        return source

    def _kept(self, digest: str, recipe: str, made: Sequence[EncodedFile]) -> list[Rendition]:
        """Put what was made into the store; return the rows that say so."""
        return [
            Rendition(
                source_digest=digest,
                recipe=recipe,
                rung=each.rung,
                digest=self.store.put_file(each.path),
                content_type=each.content_type,
                bytes=each.path.stat().st_size,
                width_px=each.width_px,
                height_px=each.height_px,
                duration_ms=each.duration_ms,
                note=str(each.note) if each.note else None,
            )
            for each in made
        ]

    def _replace(self, session: Session, digest: str, rows: Sequence[Rendition]) -> None:
        """Write the rows; older ones of the same rungs go, by whatever recipe they were made."""
        families = {_family(row.rung) for row in rows}
        for old in _rows(session, digest):
            if _family(old.rung) in families:
                session.delete(old)
        session.flush()
        session.add_all(rows)
        session.flush()
        self.changed(session, digest)


def write_source(
    session: Session, digest: str, medium: MediaKind, path: Path, media_dir: Path
) -> Source:
    """Write down a file of `media_dir` once, with what is known of it already."""
    source = session.get(Source, digest)
    if source is None:
        source = Source(digest=digest, medium=medium, bytes=path.stat().st_size, name=path.name)
        session.add(source)
        session.flush()
        session.add_all(foreknown(media_dir, digest))
        session.flush()
    return source


def enqueue_required(session: Session, file: str, source: Source) -> Job | None:
    """Enqueue what must be made of a source before its lesson is published; None when it is there.

    Call it in the transaction that writes the source down.
    """
    found = _found(session, source.digest) if source.medium is MediaKind.CLIP else {}
    recipe = _recipe(source.medium, found, "compat")
    made = select(Rendition).where(
        Rendition.source_digest == source.digest, Rendition.recipe == recipe
    )
    if session.exec(made.limit(1)).first():
        return None
    payload = {"digest": source.digest, "medium": source.medium.value}
    key = f"{TRANSCODE}:{recipe}:{source.digest}"
    priority = PRIORITY[source.medium] + _heaviness(source)
    return enqueue(session, TRANSCODE, payload, key=key, priority=priority, label=file)


def required_jobs(session: Session, digests: Collection[str]) -> list[int]:
    """Return the ids of the jobs that will make the first renditions of these sources."""
    made = select(Rendition.source_digest).where(col(Rendition.source_digest).in_(digests))
    lacking = set(digests).difference(session.exec(made).all())
    jobs = select(Job).where(Job.task == TRANSCODE, col(Job.state).not_in(ENDED))
    found = session.exec(jobs).all() if lacking else ()
    return [job.id for job in found if job.id and job.payload["digest"] in lacking]


def enqueue_again(session: Session, digest: str) -> None:
    """Enqueue all that was made of the sources of a lost rendition."""
    rows = select(Source).join(Rendition).where(Rendition.digest == digest).distinct()
    for source in session.exec(rows).all():
        session.exec(delete(Rendition).where(col(Rendition.source_digest) == source.digest))
        job = enqueue_required(session, source.name, source)
        if source.medium is MediaKind.CLIP:
            enqueue_background(session, source.name, source, job, None)


def enqueue_background(
    session: Session, file: str, source: Source, first: Job | None, wanted: WantedStills | None
) -> None:
    """Enqueue what makes a clip lighter and is not there, after `first` has made what it needs."""
    found = _found(session, source.digest)
    kind = ClipKind(found[LOOK]["kind"]) if LOOK in found else None
    for name, priority in LATER.items():
        if kind and clip_rung(kind, name) is None:
            continue
        wishes = (wanted or NO_WISHES) if name == "stills" else NO_WISHES
        done = _done_name(_recipe(MediaKind.CLIP, found, name), name, wishes)
        if done in found or done in {f"{r.recipe}/{r.rung}" for r in _rows(session, source.digest)}:
            continue
        payload: dict[str, Any] = {"digest": source.digest, "rung": name}
        if wishes.name:
            payload["wanted"] = wishes.model_dump(mode="json")
        enqueue(
            session,
            TRANSCODE_BACKGROUND,
            payload,
            key=f"{TRANSCODE_BACKGROUND}:{done}:{source.digest}",
            priority=priority + _heaviness(source),
            needs=[first.id] if first and first.id is not None else [],
            label=f"{file} ({name})",
        )


def _recipe(medium: MediaKind, found: dict[str, dict[str, Any]], name: str) -> str:
    """Return the recipe that makes this rung today, of a clip by what it shows."""
    if medium is not MediaKind.CLIP:
        return recipe_of(medium)
    kind = ClipAnalysis.from_json(found[LOOK]).kind if LOOK in found else ClipKind.SCREEN
    rung = clip_rung(kind, name)
    return rung.recipe if rung else f"{name}-0"


def _done_name(recipe: str, rung: str, wanted: WantedStills) -> str:
    return f"{recipe}/{rung}-{wanted.name}" if wanted.name else f"{recipe}/{rung}"


def _found(session: Session, digest: str) -> dict[str, dict[str, Any]]:
    query = select(CachedAnalysis).where(CachedAnalysis.source_digest == digest)
    return {row.name: row.found for row in session.exec(query)}


def _rows(session: Session, digest: str) -> Sequence[Rendition]:
    return session.exec(select(Rendition).where(col(Rendition.source_digest) == digest)).all()


def _family(rung: str) -> str:
    """Return what a rung is replaced together with: all stills of one strip, else itself."""
    return re.sub(r"-\d-[a-z]+$", "", rung)


def _heaviness(source: Source) -> int:
    return min(LATER_AT_MOST, source.bytes // LARGE_BYTES)


def _length_s(source: Path, medium: MediaKind) -> float | None:
    """Return how long a clip is, so that people see how fast it goes; the rest is done at once."""
    try:
        return probe(source, medium).duration_ms / 1000 if medium is MediaKind.CLIP else None
    except AppError:  # the work itself will say what is wrong
        return None
