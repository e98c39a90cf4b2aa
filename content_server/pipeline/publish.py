"""Publish: which jobs build a lesson's pages and the lists, what they wait for, and their tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from content_server.jobs.context import JobContext
from content_server.jobs.queue import enqueue
from content_server.lessons.editions.catalog import (
    published_revision_numbers,
    published_revision_numbers_of,
    source_digests_of,
)
from content_server.lessons.editions.revisions import latest_revision
from content_server.lessons.editions.tables import EditionRow, RegistryRow
from content_server.locales import SOURCE_FOLDER
from content_server.pipeline.transcode import enqueue_remake, pending_required_jobs
from content_server.site.downloads.pack_builder import rebuild_packs
from content_server.site.site_builder import SiteBuilder
from content_server.uploads.originals import delete_originals

PUBLISH, PUBLISH_LISTS = "publish", "publish_lists"
PRIORITY, LISTS_PRIORITY = 80, 90
BUILT_WITH = "built_with"  # name of the registry that holds the fingerprint of the published pages


def enqueue_publish(
    session: Session,
    slug: str,
    numbers: Mapping[str, int],
    *,
    priority: int = PRIORITY,
    needs: Sequence[int] = (),
) -> int:
    """Enqueue the publishing of a lesson in the caller's transaction; return the job's id.

    `numbers` are folder → revision. `needs` are ids of jobs that must succeed first; the job also
    waits for the first renditions of the lesson's media.
    """
    job = enqueue(
        session,
        PUBLISH,
        {"slug": slug, "revisions": dict(numbers)},
        key=f"{PUBLISH}:{slug}",
        priority=priority,
        needs=needs,
        after=pending_required_jobs(session, source_digests_of(session, slug, numbers)),
        label=slug,
        even_if_running=True,
    )
    if job.id is None:
        raise TypeError(slug)
    return job.id


def enqueue_publish_all(session: Session) -> list[int]:
    """Enqueue a rebuild of every published lesson; return the jobs' ids."""
    every = published_revision_numbers(session).items()
    return [enqueue_publish(session, slug, numbers) for slug, numbers in every]


def enqueue_publish_using(session: Session, digest: str) -> None:
    """Enqueue a rebuild of the published lessons that use the source with this digest."""
    for slug, numbers in published_revision_numbers(session).items():
        if digest in source_digests_of(session, slug, numbers):
            enqueue_publish(session, slug, numbers)


def enqueue_lists(
    session: Session, after: Sequence[int], *, priority: int = LISTS_PRIORITY
) -> None:
    """Enqueue the pages that list lessons; they wait for the jobs with the ids `after`."""
    enqueue(
        session,
        PUBLISH_LISTS,
        {},
        key=PUBLISH_LISTS,
        priority=priority,
        after=after,
        label="lists",
        even_if_running=True,
    )


@dataclass(frozen=True)
class Publisher:
    """Publishes, withdraws and rebuilds lessons."""

    builder: SiteBuilder

    def publish(self, context: JobContext) -> None:
        """Task: render one lesson in all its languages and make all of them visible together."""
        slug = str(context.payload["slug"])
        numbers = {str(k): int(v) for k, v in context.payload["revisions"].items()}
        with self.builder.database.read() as session:
            before = published_revision_numbers_of(session, slug).get(SOURCE_FOLDER)
        context.save(self.builder.prepare_publish(slug, numbers))
        context.save(lambda session: rebuild_packs(session, slug))
        if numbers.get(SOURCE_FOLDER, before) != before:  # otherwise its photos are still in work
            originals_dir = self.builder.settings.originals_dir
            context.save(lambda session: delete_originals(session, originals_dir, slug))

    def publish_lists(self, context: JobContext) -> None:
        """Task: render the pages that list lessons: home pages, search, notices."""
        context.save(self.builder.prepare_lists())

    def withdraw(self, slug: str, folder: str | None = None) -> None:
        """Withdraw a lesson, in one language or all; its address answers with a notice.

        Raises LessonNotFound when it is not published.
        """
        withdrawing = self.builder.prepare_withdrawal(slug, folder)
        with self.builder.database.write() as session:
            withdrawing(session)
            left = published_revision_numbers_of(session, slug)
            enqueue_lists(session, [enqueue_publish(session, slug, left)] if left else [])

    def publish_latest(self, slug: str, folder: str | None = None) -> None:
        """Enqueue the newest revisions of a lesson, in one language or all, for publishing."""
        with self.builder.database.write() as session:
            editions = session.exec(select(EditionRow).where(EditionRow.slug == slug)).all()
            numbers = {
                edition.folder: revision.number
                for edition in editions
                if folder in {None, edition.folder}
                and (revision := latest_revision(session, edition))
            }
            enqueue_lists(session, [enqueue_publish(session, slug, numbers)])

    def rebuild_all(self) -> None:
        """Enqueue a rebuild of all published pages: a registry that they name has changed."""
        with self.builder.database.write() as session:
            enqueue_lists(session, enqueue_publish_all(session))


def remake_rendition(session: Session, digest: str) -> None:
    """Make a lost rendition again now, and all pages at the next ingest."""
    enqueue_remake(session, digest)
    built_with = session.get(RegistryRow, BUILT_WITH)
    if built_with is not None:
        session.delete(built_with)
