"""Ingest: starter lessons and their media become sources, revisions and the jobs they need."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sqlmodel import Session, select

from content_server.db import Database
from content_server.errors import BundleRejected, EncodeFailed
from content_server.jobs.queue import Job
from content_server.lessons.bundle import Bundle, Edition, find_bundles, read_bundle
from content_server.lessons.editions.catalog import lesson_numbers
from content_server.lessons.editions.revisions import get_or_create_edition, write_revision
from content_server.lessons.editions.stored_registries import write_registry
from content_server.lessons.editions.tables import EditionRef, EditionState, Origin
from content_server.lessons.media_references import clips_of
from content_server.lessons.registries.entries import REGISTRY_NAMES
from content_server.lessons.registries.registries import read_registries
from content_server.lessons.source.yaml_source import read_yaml_source
from content_server.media.cached_analysis import load_cached_analyses
from content_server.media.ffmpeg.probe import probe
from content_server.media.ffmpeg.runner import ToolPriority
from content_server.media.media_kinds import MediaKind, StoredFile
from content_server.media.store import Store, digest_of_file
from content_server.media.tables import Source
from content_server.pipeline.publish import (
    BUILT_WITH,
    enqueue_lists,
    enqueue_publish,
    enqueue_publish_all,
)
from content_server.pipeline.transcode import register_source
from content_server.settings import Settings
from content_server.site.tree.build_fingerprint import build_fingerprint


@dataclass
class IngestReport:
    """What an ingest did; names are "slug/folder"."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    edited_here: list[str] = field(
        default_factory=list
    )  # an editor's own revision was not replaced
    stale: list[str] = field(default_factory=list)  # with the steps older than their source
    rejected: dict[str, BundleRejected] = field(default_factory=dict)  # by slug


@dataclass(frozen=True)
class Ingest:
    """Reads the starter lessons and writes down what is new."""

    settings: Settings
    database: Database
    store: Store

    def ingest(self, *, publish: bool = True) -> IngestReport:
        """Write new revisions of the starter lessons and enqueue their media and pages.

        A lesson with problems is rejected whole and the others are ingested. Raises BundleRejected
        when a registry cannot be read.
        """
        report = IngestReport()
        registries = read_registries(self.settings.lessons_dir)
        # Published lessons are rebuilt before the new revisions, so that the new ones show last.
        jobs = self._rebuild_all() if self.ingest_registries() else []
        bundles = find_bundles(self.settings.lessons_dir)
        numbers = self._numbers_beside(bundles)
        registries = replace(registries, numbers=numbers)
        length_of = partial(self._duration_ms, self._known_digests())
        for slug, files in bundles.items():
            try:
                bundle = read_bundle(slug, files, registries, self.settings.media_dir, length_of)
            except BundleRejected as rejected:
                report.rejected[slug] = rejected
                continue
            if bundle.source.number:
                numbers[bundle.source.number] = slug
            jobs += self._ingest_bundle(bundle, report, publish=publish)
        if jobs:
            with self.database.write() as session:
                enqueue_lists(session, jobs)
        return report

    def ingest_registries(self) -> bool:
        """Write the registries and the build fingerprint; return whether one of them changed."""
        changed = False
        with self.database.write() as session:
            for name in REGISTRY_NAMES:
                path = self.settings.lessons_dir / f"{name}.yaml"
                body = read_yaml_source(path, path.name).value
                digest = digest_of_file(path)
                changed |= write_registry(session, name, body, digest, Origin.FILE)
            fingerprint = build_fingerprint(self.settings)
            body = {"with": fingerprint}
            changed |= write_registry(session, BUILT_WITH, body, fingerprint, Origin.FILE)
        return changed

    def _numbers_beside(self, slugs: Collection[str]) -> dict[int, str]:
        """Return the numbers of lessons that are not among `slugs`: number → slug."""
        with self.database.read() as session:
            taken = lesson_numbers(session)
        return {number: slug for number, slug in taken.items() if slug not in slugs}

    def _rebuild_all(self) -> list[int]:
        with self.database.write() as session:
            return enqueue_publish_all(session)

    def _known_digests(self) -> frozenset[str]:
        """Return the digests of all sources that were accepted before."""
        with self.database.read() as session:
            return frozenset(session.exec(select(Source.digest)))

    def _duration_ms(self, known_digests: Collection[str], path: Path) -> int | None:
        """Return how long a recording is; None when this very file was accepted before."""
        digest = digest_of_file(path)
        if digest in known_digests or load_cached_analyses(self.settings.media_dir, digest):
            return None
        try:
            priority = ToolPriority.from_settings(self.settings)
            return probe(path, MediaKind.VOICE, priority).duration_ms
        except EncodeFailed:  # the machine failed, not the file: its job will try again
            return None

    def _ingest_bundle(self, bundle: Bundle, report: IngestReport, *, publish: bool) -> list[int]:
        """Write one bundle in one transaction; return the ids of the jobs that publish it."""
        digests = {
            file: self.store.put_file(self.settings.media_dir / file)
            for edition in bundle.editions
            for file in edition.media
        }
        with self.database.write() as session:
            needs = [
                job.id
                for edition in bundle.editions
                for file in edition.media
                if (job := self._register_source(session, edition, file, digests[file]))
            ]
            numbers = {
                edition.folder: self._write_edition(session, bundle.slug, edition, digests, report)
                for edition in bundle.editions
            }
            new_numbers: dict[str, int] = {f: number for f, number in numbers.items() if number}
            if not publish or not new_numbers:
                return []
            needed = [need for need in needs if need is not None]
            return [enqueue_publish(session, bundle.slug, new_numbers, needs=needed)]

    def _register_source(
        self, session: Session, edition: Edition, file: str, digest: str
    ) -> Job | None:
        media_dir = self.settings.media_dir
        path = media_dir / file
        stored = StoredFile(digest, edition.media[file], path.name, path.stat().st_size)
        still_edits = {clip.clip: clip.stills for clip in clips_of(edition.body)}.get(file)
        return register_source(
            session, stored, label=file, still_edits=still_edits, media_dir=media_dir
        )

    def _write_edition(
        self,
        session: Session,
        slug: str,
        edition: Edition,
        digests: Mapping[str, str],
        report: IngestReport,
    ) -> int | None:
        """Write a revision if the edition changed; return the number to publish, if any."""
        name = f"{slug}/{edition.folder}"
        row = get_or_create_edition(session, EditionRef(slug, edition.folder))
        media = {file: digests[file] for file in edition.media}
        revision, new = write_revision(session, row, edition.body, media, Origin.FILE)
        if edition.stale:
            report.stale.append(f"{name}: {', '.join(edition.stale)}")
        if new:
            report.written.append(name)
        elif revision.origin is Origin.EDITOR:
            report.edited_here.append(name)
            return None
        else:
            report.unchanged.append(name)
        waits = row.state in {EditionState.WITHDRAWN, EditionState.IN_REVIEW}
        return None if waits or row.published_revision == revision.number else revision.number
