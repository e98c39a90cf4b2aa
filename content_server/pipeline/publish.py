"""Publishing as part of the road: which jobs press a lesson and the lists, and what they wait for.

Every function works in the caller's transaction, as those of the queue do.
"""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from content_server.jobs.queue import enqueue
from content_server.lessons.editions.catalog import media_of_versions, published_numbers
from content_server.pipeline.transcode import required_jobs

PUBLISH, LISTS = "publish", "lists"
PRIORITY, LISTS_PRIORITY = 80, 90


def publish_job(
    session: Session,
    slug: str,
    numbers: Mapping[str, int],
    *,
    priority: int = PRIORITY,
    needs: Sequence[int] = (),
) -> int:
    """Enqueue the pressing of a lesson, behind what was never made of its media; return its id.

    `numbers` are folder → revision. `needs` are jobs without which it must not be shown.
    """
    job = enqueue(
        session,
        PUBLISH,
        {"slug": slug, "numbers": dict(numbers)},
        key=f"{PUBLISH}:{slug}",
        priority=priority,
        needs=needs,
        after=required_jobs(session, media_of_versions(session, slug, numbers)),
        label=slug,
        again=True,
    )
    if job.id is None:
        raise TypeError(slug)
    return job.id


def publish_every(session: Session) -> list[int]:
    """Enqueue all that is published: its pages name registers, or are pressed otherwise."""
    every = published_numbers(session).items()
    return [publish_job(session, slug, numbers) for slug, numbers in every]


def publish_what_shows(session: Session, digest: str) -> None:
    """Enqueue the published lessons that show this source: it has new renditions."""
    for slug, numbers in published_numbers(session).items():
        if digest in media_of_versions(session, slug, numbers):
            publish_job(session, slug, numbers)


def lists_job(session: Session, after: Sequence[int], *, priority: int = LISTS_PRIORITY) -> None:
    """Enqueue the pages that name lessons, behind the lessons they name."""
    enqueue(session, LISTS, {}, key=LISTS, priority=priority, after=after, label=LISTS, again=True)
