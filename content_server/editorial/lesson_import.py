"""Lesson import: the editions and media of a lesson archive become revisions and sources."""

from collections.abc import Sequence
from pathlib import Path

from sqlmodel import Session

from content_server.editorial.drafts.draft_validation import validate_draft
from content_server.editorial.exchange.lesson_archive import (
    LessonArchive,
    extract_medium,
    media_files_of,
)
from content_server.editorial.review.workflow import Actor, Workflow
from content_server.errors import BundleRejected
from content_server.lessons.editions.revisions import get_or_create_edition, latest_revision
from content_server.lessons.editions.stored_registries import load_registries
from content_server.lessons.editions.tables import EditionRef
from content_server.lessons.lesson import Lesson
from content_server.lessons.validation import check_language
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.media.media_kinds import StoredFile
from content_server.media.store import Store
from content_server.phrases import _
from content_server.pipeline.transcode import register_source


def check_archive_references(session: Session, archive: LessonArchive) -> None:
    """Raise BundleRejected for a topic, contact or language this server does not have."""
    registries = load_registries(session)
    source = archive.models[SOURCE_FOLDER]
    problems = []
    for archived in archive.manifest.editions:
        is_source = archived.folder == SOURCE_FOLDER
        parent = None if is_source or not isinstance(source, Lesson) else source
        problems += validate_draft(archived.body, parent, registries)[1]
        problems += check_language(Folder(archived.folder), archived.folder, registries)
    if problems:
        raise BundleRejected(problems)


def store_archive_media(
    archive: LessonArchive, path: Path, store: Store, folder: Path
) -> list[StoredFile]:
    """Copy the media of a checked archive into the store, by temporary files in `folder`."""
    files = media_files_of(archive, path)
    for file in files:
        if store.has(file.digest):
            continue
        copy = folder / file.digest
        with copy.open("wb") as out:
            extract_medium(path, file.digest, out)
        store.put_file(copy)
        copy.unlink()
    return files


def import_archive(
    session: Session, archive: LessonArchive, files: Sequence[StoredFile], actor: Actor
) -> list[str]:
    """Write the editions of a checked archive as revisions; return the folders that changed.

    `files` are its media, which are in the store. Raises BundleRejected for a topic, contact or
    language this server does not have.
    """
    check_archive_references(session, archive)
    for file in files:
        register_source(session, file)
    digests = {file.digest for file in files}
    changed_folders = []
    for archived in archive.manifest.editions:
        edition = get_or_create_edition(session, EditionRef(archive.manifest.slug, archived.folder))
        before = latest_revision(session, edition)
        media = {file: digest for file, digest in archived.media.items() if digest in digests}
        note = str(_("nhập từ gói"))
        model = archive.models[archived.folder]
        revision = Workflow(session, edition, actor).write_revision(model, media, note)
        if before is None or before.number != revision.number:
            changed_folders.append(archived.folder)
    return changed_folders
