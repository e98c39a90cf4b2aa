"""The packer: makes packs of what is published, keeps them, and says what there is to take."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, select

from content_server.db import Database
from content_server.errors import LessonNotFound, PackRefused, StoreUnavailable
from content_server.jobs.context import Context
from content_server.jobs.queue import Job, enqueue
from content_server.lessons.editions.catalog import (
    load_registries,
    published_numbers,
    shown_numbers,
    versions_of,
)
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import Folder
from content_server.media.store import Store
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.packs.makers import maker_of
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import MOST_STEPS, PackJob, PackLesson, taught_from
from content_server.site.packs.tables import PackRow, row_of
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.build_fingerprint import build_fingerprint
from content_server.site.tree.tree import Tree

PACK = "pack"
PRIORITY = 200  # after all a villager waits for


@dataclass(frozen=True)
class Packer:
    """Makes packs. A pack is kept only if its lesson is still published as it was read."""

    settings: Settings
    database: Database
    store: Store

    def pack(self, context: Context) -> None:
        """Task: make one pack in a folder of its own, and put it in the place of the old one."""
        slug, folder = str(context.payload["slug"]), str(context.payload["folder"])
        kind = PackKind(context.payload["kind"])
        with self.database.read() as session:
            taught = self.taught(session, slug, folder)
            row = session.get(PackRow, (slug, folder, kind))
        if row and row.stamp == taught.stamp and self.store.has(row.digest):
            return
        work = PackJob(lambda share: context.report(share * 100), context.is_cancelled)
        with work_folder(self.settings, context.job_id) as place, plain_words():
            made = maker_of(kind)(taught, place, work)
            new = row_of(kind, taught, self.store.put_file(made.path), made)
        context.save(lambda session: keep(session, new))

    def taught(self, session: Session, slug: str, folder: str) -> PackLesson:
        """Return what packs of a published lesson are made of.

        Raises LessonNotFound when it is not published, PackRefused when it is not to be packed.
        """
        numbers = shown_numbers(session, slug)
        versions = versions_of(session, slug, numbers)
        library = load_registries(session)
        press = SiteBuilder(self.settings, self.database, self.store, Tree(self.store))
        told = {t.locale.folder: t for t in press.tellings(slug, versions, library)}
        if folder not in told:
            raise LessonNotFound(
                _("Không có bài {slug} bằng tiếng {folder}.", slug=slug[:60], folder=folder[:20])
            )
        telling = told[Folder(folder)]
        self.check(telling)
        site = press.site(session, [versions], library)
        recipe = build_fingerprint(self.settings)
        return taught_from(telling, told.values(), versions, site, self.store, recipe)

    @staticmethod
    def check(telling: LocalizedLesson) -> None:
        """Raise PackRefused for a lesson no pack can hold."""
        if len(telling.steps) > MOST_STEPS:
            raise PackRefused(
                _(
                    "Bài có {count} bước, gói chỉ nhận nhiều nhất {most}. Hãy chia thành mấy bài.",
                    count=len(telling.steps),
                    most=MOST_STEPS,
                )
            )


def ask_for(session: Session, slug: str, folder: str, kind: PackKind) -> Job:
    """Enqueue the making of one pack; the one that is waiting or being made is returned."""
    payload = {"slug": slug, "folder": folder, "kind": kind.value}
    label = f"{slug}/{folder} {kind.value}"
    return enqueue(
        session, PACK, payload, key=job_key(slug, folder, kind), priority=PRIORITY, label=label
    )


def job_key(slug: str, folder: str, kind: PackKind) -> str:
    return f"{PACK}:{kind}:{folder}:{slug}"


def renew(session: Session, slug: str) -> None:
    """Make those packs of a lesson again that somebody has asked for once."""
    for row in session.exec(select(PackRow).where(PackRow.slug == slug)).all():
        ask_for(session, slug, row.folder, row.kind)


def keep(session: Session, row: PackRow) -> None:
    """Offer the pack from now on. Raises PackRefused when its lesson changed meanwhile."""
    numbers = published_numbers(session).get(row.slug, {})
    if row.folder not in numbers:
        raise PackRefused(_("Bài vừa được cất đi trong lúc làm gói, nên gói này bỏ."))
    if any(numbers.get(folder) != number for folder, number in row.made_from.items()):
        raise PackRefused(_("Bài vừa đổi trong lúc làm gói. Hãy xin gói lại."))
    session.merge(row)


@contextmanager
def work_folder(settings: Settings, job_id: int) -> Iterator[Path]:
    """Lend an empty folder to a job; whatever happens, it is gone afterwards."""
    place = settings.data_dir / "work" / f"{job_id}"
    shutil.rmtree(place, ignore_errors=True)  # what an attempt cut short may have left
    with plain_words():
        place.mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def plain_words() -> Iterator[None]:
    """Turn what the disk says about the work folder into words."""
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
