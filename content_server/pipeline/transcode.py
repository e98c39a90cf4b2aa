"""Transcode: which renditions a source lacks, the jobs that make them, and their tasks.

Required renditions are made before a lesson is published. Background renditions (stills, lean)
only make it smaller: a worker of their own makes them when nothing else waits, and the lessons that
use the source are then rebuilt.
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
from content_server.jobs.tables import END_STATES
from content_server.jobs.worker import JobContext
from content_server.media.cached_analysis import load_cached_analyses
from content_server.media.clip_ladder import clip_rung
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.ffmpeg.probe import probe
from content_server.media.ffmpeg.runner import ToolPriority
from content_server.media.ladder import recipe_of
from content_server.media.media_kinds import ClipKind, EncodedFile, MediaKind, StoredFile
from content_server.media.required_renditions import make_required_renditions
from content_server.media.store import Store
from content_server.media.tables import CachedAnalysis, Rendition, Source
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.clip_renditions import CLIP_ANALYSIS, make_background_rung
from content_server.media.video.still_edits import NO_EDITS, StillEdits
from content_server.media.video.stills import SkippedRendition
from content_server.settings import Settings

TRANSCODE, TRANSCODE_BACKGROUND = "transcode", "transcode_background"
PRIORITY = {  # lower runs first: small media before long ones
    MediaKind.CAPTIONS: 10,
    MediaKind.IMAGE: 20,
    MediaKind.VOICE: 30,
    MediaKind.CLIP: 60,
}
BACKGROUND_PRIORITY = {"stills": 110, "lean": 130}  # by rung: the cheapest gain first
SIZE_STEP_BYTES = 5_000_000  # each step of source size adds one to the priority
MAX_SIZE_PENALTY = 19  # stays below the distance to the next kind of media

OnChanged = Callable[[Session, str], None]  # (session, digest of a source with new renditions)


class AnalysisCache(dict[str, dict[str, Any]]):
    """The cached analyses of one source by name; every assignment is written in a transaction.

    The bytes of a source never change, so an analysis stays valid when its job is interrupted.
    """

    def __init__(self, database: Database, digest: str) -> None:
        self._database, self._digest = database, digest
        with database.read() as session:
            query = select(CachedAnalysis).where(CachedAnalysis.source_digest == digest)
            super().__init__({row.name: row.value for row in session.exec(query)})

    def __setitem__(self, name: str, value: dict[str, Any]) -> None:
        super().__setitem__(name, value)
        with self._database.write() as session:
            session.merge(CachedAnalysis(source_digest=self._digest, name=name, value=value))


@dataclass(frozen=True)
class Transcoder:
    """Runs the transcode jobs.

    Calls `on_changed` in the transaction that stores new renditions of a source.
    """

    settings: Settings
    database: Database
    store: Store
    on_changed: OnChanged

    def transcode_required(self, context: JobContext) -> None:
        """Task: make the required renditions of one source and record them together."""
        digest, kind = str(context.payload["digest"]), MediaKind(context.payload["kind"])
        with self.job_folder(context) as folder:
            source = self._fetch_source(digest, folder)
            analyses = AnalysisCache(self.database, digest)
            priority = ToolPriority.from_settings(self.settings)
            length_s = _length_s(source, kind, priority)
            encoded = make_required_renditions(
                kind,
                source,
                folder,
                analyses=analyses,
                threads=self.settings.tool_threads,
                on_progress=lambda share: context.report(share * 100, length_s),
                is_cancelled=context.is_cancelled,
                priority=priority,
            )
            recipe = _recipe(kind, analyses, "compat")
            rows = self._store_renditions(digest, recipe, encoded)
        context.save(lambda session: self._replace_renditions(session, digest, rows))

    def transcode_background(self, context: JobContext) -> None:
        """Task: make one background rung of a clip, or record why it is skipped."""
        digest, rung = str(context.payload["digest"]), str(context.payload["rung"])
        still_edits = StillEdits.model_validate(context.payload.get("still_edits", {}))
        with self.job_folder(context) as folder:
            job_directory = open_job_directory(
                self._fetch_source(digest, folder),
                folder,
                threads=self.settings.tool_threads,
                on_progress=lambda share: context.report(share * 100),
                is_cancelled=context.is_cancelled,
                priority=ToolPriority.from_settings(self.settings),
            )
            context.report(0, job_directory.info.duration_ms / 1000)
            analyses = AnalysisCache(self.database, digest)
            with self.database.read() as session:
                sizes_bytes = {row.rung: row.bytes for row in _renditions_of(session, digest)}
            encoded = make_background_rung(job_directory, rung, analyses, sizes_bytes, still_edits)
            recipe = _recipe(MediaKind.CLIP, analyses, rung)
            if isinstance(encoded, SkippedRendition):
                analyses[_rendition_name(recipe, rung, still_edits)] = {"why": str(encoded.why)}
                return
            rows = self._store_renditions(digest, recipe, encoded)
        context.save(lambda session: self._replace_renditions(session, digest, rows))

    @contextmanager
    def job_folder(self, context: JobContext) -> Iterator[Path]:
        """Give a job an empty folder of its own, also after an interrupted attempt."""
        folder = self.settings.data_dir / "work" / f"{context.job_id}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _fetch_source(self, digest: str, folder: Path) -> Path:
        source = folder / "source"
        self.store.fetch_to(digest, source)
        return source

    def _store_renditions(
        self, digest: str, recipe: str, made: Sequence[EncodedFile]
    ) -> list[Rendition]:
        """Put encoded files into the store; return their rows."""
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

    def _replace_renditions(self, session: Session, digest: str, rows: Sequence[Rendition]) -> None:
        """Write the rows in place of older renditions of the same rungs, whatever their recipe."""
        families = {_rung_family(row.rung) for row in rows}
        for old in _renditions_of(session, digest):
            if _rung_family(old.rung) in families:
                session.delete(old)
        session.flush()
        session.add_all(rows)
        session.flush()
        self.on_changed(session, digest)


def register_source(
    session: Session,
    file: StoredFile,
    *,
    label: str = "",
    still_edits: StillEdits | None = None,
    media_dir: Path | None = None,
) -> Job | None:
    """Record a stored file as a source once and enqueue its missing renditions.

    Return the job of the required renditions; None when they exist. `label` names the jobs to
    people. With `media_dir`, the repository's analyses of the file are recorded too.
    """
    source = session.get(Source, file.digest)
    if source is None:
        source = Source(
            digest=file.digest, kind=file.kind, bytes=file.size_bytes, name=file.name[:255]
        )
        session.add(source)
        session.flush()
        if media_dir:
            session.add_all(load_cached_analyses(media_dir, file.digest))
            session.flush()
    return enqueue_renditions(session, source, label or file.name, still_edits)


def enqueue_renditions(
    session: Session, source: Source, label: str, still_edits: StillEdits | None = None
) -> Job | None:
    """Enqueue the missing renditions of a source; return the job of the required ones, if any.

    Call it in the transaction that records the source.
    """
    job = _enqueue_required(session, label[:200], source)
    if source.kind is MediaKind.CLIP:
        _enqueue_background(session, label[:200], source, job, still_edits)
    return job


def _enqueue_required(session: Session, label: str, source: Source) -> Job | None:
    analyses = _load_analyses(session, source.digest) if source.kind is MediaKind.CLIP else {}
    recipe = _recipe(source.kind, analyses, "compat")
    made = select(Rendition).where(
        Rendition.source_digest == source.digest, Rendition.recipe == recipe
    )
    if session.exec(made.limit(1)).first():
        return None
    payload = {"digest": source.digest, "kind": source.kind.value}
    key = f"{TRANSCODE}:{recipe}:{source.digest}"
    priority = PRIORITY[source.kind] + _size_penalty(source)
    return enqueue(session, TRANSCODE, payload, key=key, priority=priority, label=label)


def pending_required_jobs(session: Session, digests: Collection[str]) -> list[int]:
    """Return the ids of pending jobs that make the first renditions of these sources."""
    made = select(Rendition.source_digest).where(col(Rendition.source_digest).in_(digests))
    lacking = set(digests).difference(session.exec(made).all())
    jobs = select(Job).where(Job.task == TRANSCODE, col(Job.state).not_in(END_STATES))
    jobs_found = session.exec(jobs).all() if lacking else ()
    return [job.id for job in jobs_found if job.id and job.payload["digest"] in lacking]


def enqueue_remake(session: Session, digest: str) -> None:
    """Enqueue all renditions of every source that has the lost rendition `digest`."""
    rows = select(Source).join(Rendition).where(Rendition.digest == digest).distinct()
    for source in session.exec(rows).all():
        session.exec(delete(Rendition).where(col(Rendition.source_digest) == source.digest))
        enqueue_renditions(session, source, source.name)


def _enqueue_background(
    session: Session, label: str, source: Source, first: Job | None, still_edits: StillEdits | None
) -> None:
    """Enqueue the missing background renditions of a clip, to run after the job `first`."""
    analyses = _load_analyses(session, source.digest)
    kind = ClipKind(analyses[CLIP_ANALYSIS]["kind"]) if CLIP_ANALYSIS in analyses else None
    for name, priority in BACKGROUND_PRIORITY.items():
        if kind and clip_rung(kind, name) is None:
            continue
        edits = (still_edits or NO_EDITS) if name == "stills" else NO_EDITS
        name_when_done = _rendition_name(_recipe(MediaKind.CLIP, analyses, name), name, edits)
        if name_when_done in analyses or name_when_done in {
            f"{r.recipe}/{r.rung}" for r in _renditions_of(session, source.digest)
        }:
            continue
        payload: dict[str, Any] = {"digest": source.digest, "rung": name}
        if edits.fingerprint:
            payload["still_edits"] = edits.model_dump(mode="json")
        enqueue(
            session,
            TRANSCODE_BACKGROUND,
            payload,
            key=f"{TRANSCODE_BACKGROUND}:{name_when_done}:{source.digest}",
            priority=priority + _size_penalty(source),
            needs=[first.id] if first and first.id is not None else [],
            label=f"{label} ({name})",
        )


def _recipe(kind_of_media: MediaKind, analyses: dict[str, dict[str, Any]], name: str) -> str:
    """Return the present recipe of a rung; a clip's recipe depends on its kind."""
    if kind_of_media is not MediaKind.CLIP:
        return recipe_of(kind_of_media)
    kind = (
        ClipAnalysis.from_json(analyses[CLIP_ANALYSIS]).kind
        if CLIP_ANALYSIS in analyses
        else ClipKind.SCREEN
    )
    rung = clip_rung(kind, name)
    return rung.recipe if rung else f"{name}-0"


def _rendition_name(recipe: str, rung: str, still_edits: StillEdits) -> str:
    return (
        f"{recipe}/{rung}-{still_edits.fingerprint}"
        if still_edits.fingerprint
        else f"{recipe}/{rung}"
    )


def _load_analyses(session: Session, digest: str) -> dict[str, dict[str, Any]]:
    query = select(CachedAnalysis).where(CachedAnalysis.source_digest == digest)
    return {row.name: row.value for row in session.exec(query)}


def _renditions_of(session: Session, digest: str) -> Sequence[Rendition]:
    return session.exec(select(Rendition).where(col(Rendition.source_digest) == digest)).all()


def _rung_family(rung: str) -> str:
    """Return the name that rungs replaced together share: stills of one strip have one."""
    return re.sub(r"-\d-[a-z]+$", "", rung)


def _size_penalty(source: Source) -> int:
    return min(MAX_SIZE_PENALTY, source.bytes // SIZE_STEP_BYTES)


def _length_s(source: Path, kind: MediaKind, priority: ToolPriority) -> float | None:
    """Return a clip's length in seconds for the progress report; other media take no time."""
    try:
        if kind is not MediaKind.CLIP:
            return None
        return probe(source, kind, priority).duration_ms / 1000
    except AppError:  # the encode reports what is wrong
        return None
