"""Builds packs of published lessons as jobs and stores them."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, select

from content_server.errors import LessonNotFound, PackUnavailable, StoreUnavailable
from content_server.jobs.context import JobContext
from content_server.jobs.queue import Job, enqueue
from content_server.lessons.editions.catalog import (
    load_editions,
    published_revision_numbers,
    published_revision_numbers_of,
)
from content_server.lessons.editions.stored_registries import load_registries
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import Folder
from content_server.media.ffmpeg.runner import ToolPriority
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import MAX_STEPS, PackLesson, build_pack_lesson
from content_server.site.packs.pack_makers import PackJob, load_pack_maker
from content_server.site.packs.tables import PackRow, make_pack_row
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.build_fingerprint import build_fingerprint

BUILD_PACK = "pack"
PRIORITY = 200  # after the jobs that published pages wait for


@dataclass(frozen=True)
class PackBuilder:
    """Builds packs. A pack is saved only if its lesson is still published in the same revisions."""

    site_builder: SiteBuilder

    def build(self, context: JobContext) -> None:
        """Job: build one pack in its own folder and save it in place of the old one."""
        slug, folder = str(context.payload["slug"]), str(context.payload["folder"])
        kind = PackKind(context.payload["kind"])
        with self.site_builder.database.read() as session:
            pack_lesson = self.load_pack_lesson(session, slug, folder)
            row = session.get(PackRow, (slug, folder, kind))
        if (
            row
            and row.fingerprint == pack_lesson.fingerprint
            and self.site_builder.store.has(row.digest)
        ):
            return
        job = PackJob(
            lambda share: context.report(share * 100),
            context.is_cancelled,
            ToolPriority.from_settings(self.site_builder.settings),
        )
        with (
            pack_job_folder(self.site_builder.settings, context.job_id) as job_folder,
            translate_disk_errors(),
        ):
            pack_file = load_pack_maker(kind)(pack_lesson, job_folder, job)
            digest = self.site_builder.store.put_file(pack_file.path)
            new_row = make_pack_row(kind, pack_lesson, digest, pack_file)
        context.save(lambda session: save_pack(session, new_row))

    def load_pack_lesson(self, session: Session, slug: str, folder: str) -> PackLesson:
        """Return the input of the packs of a published lesson.

        Raises LessonNotFound when it is not published, PackUnavailable when it has too many steps.
        """
        numbers = published_revision_numbers_of(session, slug)
        editions = load_editions(session, slug, numbers)
        registries = load_registries(session)
        lessons = self.site_builder.localize(slug, editions, registries)
        by_folder = {lesson.locale.folder: lesson for lesson in lessons}
        if folder not in by_folder:
            raise LessonNotFound(
                _("Không có bài {slug} bằng tiếng {folder}.", slug=slug[:60], folder=folder[:20])
            )
        lesson = by_folder[Folder(folder)]
        self.check_step_count(lesson)
        site = self.site_builder.load_site(session, [editions], registries)
        fingerprint = build_fingerprint(self.site_builder.settings)
        store = self.site_builder.store
        return build_pack_lesson(lesson, lessons, editions, site, store, fingerprint)

    @staticmethod
    def check_step_count(lesson: LocalizedLesson) -> None:
        """Raise PackUnavailable for a lesson of more than MAX_STEPS steps."""
        if len(lesson.steps) > MAX_STEPS:
            raise PackUnavailable(
                _(
                    "Bài có {count} bước, gói chỉ nhận nhiều nhất {most}. Hãy chia thành mấy bài.",
                    count=len(lesson.steps),
                    most=MAX_STEPS,
                )
            )


def request_pack(session: Session, slug: str, folder: str, kind: PackKind) -> Job:
    """Enqueue the build of one pack; a job for it that waits or runs already is returned."""
    payload = {"slug": slug, "folder": folder, "kind": kind.value}
    label = f"{slug}/{folder} {kind.value}"
    return enqueue(
        session,
        BUILD_PACK,
        payload,
        key=pack_job_key(slug, folder, kind),
        priority=PRIORITY,
        label=label,
    )


def pack_job_key(slug: str, folder: str, kind: PackKind) -> str:
    return f"{BUILD_PACK}:{kind}:{folder}:{slug}"


def rebuild_packs(session: Session, slug: str) -> None:
    """Enqueue the rebuild of all packs of a lesson that were requested before."""
    for row in session.exec(select(PackRow).where(PackRow.slug == slug)).all():
        request_pack(session, slug, row.folder, row.kind)


def save_pack(session: Session, row: PackRow) -> None:
    """Save a finished pack. Raises PackUnavailable when its lesson changed during the build."""
    numbers = published_revision_numbers(session).get(row.slug, {})
    if row.folder not in numbers:
        raise PackUnavailable(_("Bài vừa được cất đi trong lúc làm gói, nên gói này bỏ."))
    if any(numbers.get(folder) != number for folder, number in row.revisions.items()):
        raise PackUnavailable(_("Bài vừa đổi trong lúc làm gói. Hãy xin gói lại."))
    session.merge(row)


@contextmanager
def pack_job_folder(settings: Settings, job_id: int) -> Iterator[Path]:
    """Create an empty folder for a job, and delete it afterwards in every case."""
    folder = settings.data_dir / "work" / f"{job_id}"
    shutil.rmtree(folder, ignore_errors=True)  # left by an interrupted attempt
    with translate_disk_errors():
        folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def translate_disk_errors() -> Iterator[None]:
    """Raise disk errors of the job folder as StoreUnavailable."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreUnavailable(
                _("Ổ đĩa đã đầy nên chưa làm được gói. Gói cũ vẫn còn. Hãy dọn bớt ổ đĩa.")
            ) from error
        raise StoreUnavailable(
            _("Không ghi được vào thư mục làm việc. Hãy xem lại quyền của thư mục dữ liệu.")
        ) from error
