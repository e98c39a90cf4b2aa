"""The road: a bundle is ingested, its media are shrunk, and it is published as finished bytes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sqlmodel import Session, select

from content_server.db import Database
from content_server.errors import BundleRejected, EncodeFailed
from content_server.jobs.queue import Job
from content_server.jobs.worker import Context, Task
from content_server.lessons.bundle import Bundle, Edition, find_bundles, read_bundle
from content_server.lessons.editions.catalog import numbers_of, shown_numbers
from content_server.lessons.editions.revisions import (
    latest_revision,
    open_edition,
    write_register,
    write_revision,
)
from content_server.lessons.editions.tables import EditionRow, EditionState, Origin, RegistryRow
from content_server.lessons.media_references import clips_of
from content_server.lessons.registries.entries import REGISTERS
from content_server.lessons.registries.registries import read_registries
from content_server.lessons.source.yaml_source import read_manuscript
from content_server.locales import SOURCE_FOLDER
from content_server.media.cached_analysis import foreknown
from content_server.media.ffmpeg.probe import probe
from content_server.media.media_kinds import MediaKind
from content_server.media.store import Store, digest_of_file
from content_server.media.tables import Source
from content_server.pipeline.publish import (
    LISTS,
    PUBLISH,
    lists_job,
    publish_every,
    publish_job,
    publish_what_shows,
)
from content_server.pipeline.transcode import (
    TRANSCODE,
    TRANSCODE_BACKGROUND,
    Transcoder,
    enqueue_again,
    enqueue_background,
    enqueue_required,
    write_source,
)
from content_server.settings import Settings
from content_server.site.downloads.pack_builder import PACK, Packer, renew
from content_server.site.downloads.usb_packs import STICK, Sticks
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.build_fingerprint import build_fingerprint
from content_server.site.tree.tree import Tree
from content_server.uploads.originals import forget_originals

BUILT_WITH = "pressed"  # the register of what pages were pressed with


@dataclass
class IngestReport:
    """What an ingest found: for a person to read."""

    written: list[str] = field(default_factory=list)  # slug/folder
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # an editor's own version, left as it is
    stale: list[str] = field(default_factory=list)  # slug/folder: steps older than their source
    rejected: dict[str, BundleRejected] = field(default_factory=dict)


@dataclass(frozen=True)
class Pipeline:
    """The road with everything it passes: settings, database, store, and the published tree."""

    settings: Settings
    database: Database
    store: Store
    tree: Tree

    @property
    def packer(self) -> Packer:
        return Packer(self.settings, self.database, self.store)

    @property
    def usb_packs(self) -> Sticks:
        return Sticks(SiteBuilder(self.settings, self.database, self.store, self.tree))

    @property
    def tasks(self) -> Mapping[str, Task]:
        """What must be done before a lesson is seen, and the packs people ask for."""
        return {
            TRANSCODE: self.transcoder.transcode_required,
            PUBLISH: self.publish,
            LISTS: self.lists,
            PACK: self.packer.pack,
            STICK: self.usb_packs.make,
        }

    @property
    def background_tasks(self) -> Mapping[str, Task]:
        """What makes published lessons lighter, when nothing else waits."""
        return {TRANSCODE_BACKGROUND: self.transcoder.transcode_background}

    @property
    def transcoder(self) -> Transcoder:
        return Transcoder(self.settings, self.database, self.store, publish_what_shows)

    def ingest(self, *, publish: bool = True) -> IngestReport:
        """Read the starter lessons and write down what is new; media and pages become jobs.

        Raises BundleRejected when the registers themselves cannot be read. A lesson with problems
        is refused whole and the others go on.
        """
        report = IngestReport()
        library = read_registries(self.settings.lessons_dir)
        registers_changed = self._ingest_registers()
        # What is shown already is pressed again first, so that what files bring is shown last.
        published = self._publish_every() if registers_changed else []
        bundles = find_bundles(self.settings.lessons_dir)
        numbers = self._numbers_beside(bundles)
        library = replace(library, numbers=numbers)
        length_of = partial(self._duration_ms, self._accepted())
        for slug, files in bundles.items():
            try:
                bundle = read_bundle(slug, files, library, self.settings.media_dir, length_of)
            except BundleRejected as rejected:
                report.rejected[slug] = rejected
                continue
            if bundle.source.number:
                numbers[bundle.source.number] = slug
            published += self._ingest_bundle(bundle, report, publish=publish)
        if published:
            with self.database.write() as session:
                lists_job(session, published)
        return report

    def _ingest_registers(self) -> bool:
        """Write down the registers, and what pages are pressed with; say if either has changed."""
        changed = False
        with self.database.write() as session:
            for name in REGISTERS:
                path = self.settings.lessons_dir / f"{name}.yaml"
                body = read_manuscript(path, path.name).value
                digest = digest_of_file(path)
                changed |= write_register(session, name, body, digest, Origin.FILE)
            stamp = build_fingerprint(self.settings)
            changed |= write_register(session, BUILT_WITH, {"with": stamp}, stamp, Origin.FILE)
        return changed

    def _numbers_beside(self, slugs: Collection[str]) -> dict[int, str]:
        """Return the numbers of lessons that are not among `slugs`: number → slug."""
        with self.database.read() as session:
            taken = numbers_of(session)
        return {number: slug for number, slug in taken.items() if slug not in slugs}

    def registers_changed(self) -> None:
        """Press all that is published again: an editor changed a register its pages name."""
        with self.database.write() as session:
            lists_job(session, publish_every(session))

    def _publish_every(self) -> list[int]:
        with self.database.write() as session:
            return publish_every(session)

    def _accepted(self) -> frozenset[str]:
        """Return the digests of all files that were accepted before."""
        with self.database.read() as session:
            return frozenset(session.exec(select(Source.digest)))

    def _duration_ms(self, accepted: Collection[str], path: Path) -> int | None:
        """Return how long a recording is; None when this very file was accepted before."""
        digest = digest_of_file(path)
        known = digest in accepted or foreknown(self.settings.media_dir, digest)
        try:
            return None if known else probe(path, MediaKind.VOICE).duration_ms
        except EncodeFailed:  # the machine's trouble, not the file's: its job will try again
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
                if (job := self._shrink_later(session, edition, file, digests[file]))
            ]
            numbers = {
                edition.folder: self._write_edition(session, bundle.slug, edition, digests, report)
                for edition in bundle.editions
            }
            wanted: dict[str, int] = {f: number for f, number in numbers.items() if number}
            if not publish or not wanted:
                return []
            needed = [need for need in needs if need is not None]
            return [publish_job(session, bundle.slug, wanted, needs=needed)]

    def _shrink_later(
        self, session: Session, edition: Edition, file: str, digest: str
    ) -> Job | None:
        medium, path = edition.media[file], self.settings.media_dir / file
        source = write_source(session, digest, medium, path, self.settings.media_dir)
        job = enqueue_required(session, file, source)
        if source.medium is MediaKind.CLIP:
            wanted = {clip.clip: clip.stills for clip in clips_of(edition.body)}.get(file)
            enqueue_background(session, file, source, job, wanted)
        return job

    def _write_edition(
        self,
        session: Session,
        slug: str,
        edition: Edition,
        digests: Mapping[str, str],
        report: IngestReport,
    ) -> int | None:
        """Write a revision if there is news; return the number to publish, if any."""
        name = f"{slug}/{edition.folder}"
        row = open_edition(session, slug, edition.folder)
        media = {file: digests[file] for file in edition.media}
        revision, new = write_revision(session, row, edition.body, media, Origin.FILE)
        if edition.stale:
            report.stale.append(f"{name}: {', '.join(edition.stale)}")
        if new:
            report.written.append(name)
        elif revision.origin is Origin.EDITOR:
            report.kept.append(name)
            return None
        else:
            report.same.append(name)
        waits = row.state in {EditionState.WITHDRAWN, EditionState.IN_REVIEW}
        return None if waits or row.published_revision == revision.number else revision.number

    def lost(self, session: Session, digest: str) -> None:
        """Have made again what was made: renditions of a source now, pages at the next ingest."""
        enqueue_again(session, digest)
        pressed = session.get(RegistryRow, BUILT_WITH)
        if pressed is not None:
            session.delete(pressed)

    def publish(self, context: Context) -> None:
        """Task: render one lesson in all its languages and show it, all at once."""
        slug = str(context.payload["slug"])
        numbers = {str(k): int(v) for k, v in context.payload["numbers"].items()}
        with self.database.read() as session:
            before = shown_numbers(session, slug).get(SOURCE_FOLDER)
        context.save(self._press().publishing(slug, numbers))
        context.save(lambda session: renew(session, slug))
        if numbers.get(SOURCE_FOLDER, before) != before:  # else its photos are still worked on
            originals_dir = self.settings.originals_dir
            context.save(lambda session: forget_originals(session, originals_dir, slug))

    def lists(self, context: Context) -> None:
        """Task: render the pages that name lessons: the lists, the search, the notices."""
        context.save(self._press().listing())

    def withdraw(self, slug: str, folder: str | None = None) -> None:
        """Take a lesson away from readers, in one language or all, and say so at its address.

        Raises LessonNotFound when it is not on the site.
        """
        press = self._press()
        withdrawing = press.withdrawing(slug, folder)
        with self.database.write() as session:
            withdrawing(session)
            left = shown_numbers(session, slug)
            lists_job(session, [publish_job(session, slug, left)] if left else [])

    def publish_later(self, slug: str, folder: str | None = None) -> None:
        """Enqueue the newest revisions of a lesson for publishing."""
        with self.database.write() as session:
            editions = session.exec(select(EditionRow).where(EditionRow.slug == slug)).all()
            numbers = {
                edition.folder: revision.number
                for edition in editions
                if folder in {None, edition.folder}
                and (revision := latest_revision(session, edition))
            }
            lists_job(session, [publish_job(session, slug, numbers)])

    def _press(self) -> SiteBuilder:
        return SiteBuilder(self.settings, self.database, self.store, self.tree)
