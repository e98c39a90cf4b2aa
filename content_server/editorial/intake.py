"""Intake: an uploaded file becomes a media source: stored, recorded, enqueued for transcoding.

The bytes are stored durably first; one transaction then records them. All of it may be repeated.
"""

import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from sqlmodel import Session, col, select

from content_server.db import Database
from content_server.editorial.drafts.attachments import attach_clip
from content_server.editorial.drafts.drafts import DraftWriter, open_draft
from content_server.errors import AppError, ChangeRejected, InvalidMedia
from content_server.jobs.tables import Job, JobState, phrase_from_json, phrase_to_json
from content_server.lessons.editions.tables import EditionRef
from content_server.lessons.lesson import MAX_VOICE_MS
from content_server.locales import SOURCE_FOLDER
from content_server.media import limits
from content_server.media.ffmpeg.probe import detect_container, probe
from content_server.media.ffmpeg.runner import NORMAL_PRIORITY, ToolPriority
from content_server.media.images import image_worker
from content_server.media.media_kinds import MediaKind, StoredFile
from content_server.media.store import Store
from content_server.media.tables import Rendition, Source
from content_server.phrases import Phrase, _
from content_server.pipeline.transcode import TRANSCODE, register_source
from content_server.uploads import files
from content_server.uploads.tables import UploadRow

MAX_NAME_CHARACTERS = 120
SILENCE_MS = 3_000  # at the ends of a recording; transcoding trims it
EXTENSIONS = {  # container found in a file → extension, whatever the file's name
    "matroska": "webm",
    "ogg": "opus",
    "mp4": "mp4",
    "wav": "wav",
    "flac": "flac",
    "amr": "amr",
    "id3": "mp3",
    "mp3": "mp3",
    "aac": "aac",
}


class ProcessingStage(StrEnum):
    """How far an uploaded file has been processed."""

    WAITING = "waiting"
    SENDING = "sending"
    RECEIVED = "received"
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class ProcessingStatus:
    """The stage of an uploaded file, 0–100 % of this stage, and why it failed."""

    stage: ProcessingStage
    percent: float = 0.0
    reason: Phrase | None = None


def clean_file_name(name: str) -> str:
    """Return a file's name without path and invisible characters, MAX_NAME_CHARACTERS at most."""
    visible = "".join(c for c in unicodedata.normalize("NFC", name) if _is_visible(c))
    last = PurePosixPath(visible.replace("\\", "/")).name.strip(" .")
    return last[-MAX_NAME_CHARACTERS:] or "tep"


def _is_visible(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] not in "CZ"


def check_media_file(path: Path, kind: MediaKind, priority: ToolPriority = NORMAL_PRIORITY) -> None:
    """Check that a file really is of this kind and within its limits. Raises InvalidMedia."""
    limits.check_file(path, kind)
    match kind:
        case MediaKind.IMAGE:
            image_worker.photo_size(path, priority)
        case MediaKind.VOICE:
            limits.check_sound(probe(path, kind, priority))
        case MediaKind.CLIP:
            detect_container(path)
        case MediaKind.CAPTIONS:
            raise InvalidMedia(
                _("Tệp này là tệp chữ, không phải ảnh, tiếng hay clip. Hãy chọn lại tệp.")
            )


def store_source(  # noqa: PLR0913, PLR0917  # where, what, and how its tools run
    database: Database,
    store: Store,
    path: Path,
    kind: MediaKind,
    name: str,
    priority: ToolPriority = NORMAL_PRIORITY,
) -> ProcessingStatus:
    """Store a received file as a source and enqueue it. Raises InvalidMedia, StoreUnavailable."""
    check_media_file(path, kind, priority)
    digest = store.put_file(path)
    with database.write() as session:
        register_source(
            session, StoredFile(digest, kind, clean_file_name(name), path.stat().st_size)
        )
        return processing_status_of(session, digest)


def processing_status_of(session: Session, digest: str) -> ProcessingStatus:
    """Return how far the renditions of a source are."""
    of_source = col(Job.key).endswith(f":{digest}"), Job.task == TRANSCODE
    query = select(Job).where(*of_source).order_by(col(Job.id).desc())
    job = session.exec(query.limit(1)).first()
    if job and job.state in {JobState.WAITING, JobState.RUNNING}:
        return ProcessingStatus(ProcessingStage.PREPARING, job.percent)
    rendition = select(Rendition.id).where(Rendition.source_digest == digest).limit(1)
    if session.exec(rendition).first() is not None:
        return ProcessingStatus(ProcessingStage.READY, 100.0)
    if job and job.state in {JobState.FAILED, JobState.CANCELLED}:
        cancelled = _("Việc chuẩn bị đã bị dừng. Gửi lại tệp nếu vẫn cần.")
        return ProcessingStatus(ProcessingStage.FAILED, job.percent, job.error_phrase or cancelled)
    return ProcessingStatus(ProcessingStage.RECEIVED)


def processing_status_of_upload(session: Session, row: UploadRow) -> ProcessingStatus:
    """Return how far an upload is, including the renditions of its source."""
    if row.error:
        return ProcessingStatus(ProcessingStage.FAILED, 0.0, phrase_from_json(row.error))
    if row.digest:
        return processing_status_of(session, row.digest)
    if row.is_complete:
        return ProcessingStatus(ProcessingStage.RECEIVED, 100.0)
    if row.offset_bytes:
        return ProcessingStatus(ProcessingStage.SENDING, 100 * row.offset_bytes / row.size_bytes)
    return ProcessingStatus(ProcessingStage.WAITING)


def finish_upload(database: Database, store: Store, folder: Path, upload_id: str) -> None:
    """Store a complete upload as a source and attach it to its step; mark it failed if not a clip.

    Safe to repeat: the next status request repeats it after a crash. Raises StoreUnavailable or
    DatabaseBusy; the upload stays complete and this can be tried again.
    """
    with database.read() as session:
        row = session.get(UploadRow, upload_id)
    if row is None or row.is_finished or not row.is_complete:
        return
    path = files.upload_path(folder, upload_id)
    try:
        check_media_file(path, MediaKind.CLIP)
        digest = store.put_file(path)
        extension = EXTENSIONS[detect_container(path)]
    except FileNotFoundError:  # another request has just finished it
        return
    except InvalidMedia as refusal:
        error = refusal
        _end_upload(database, upload_id, lambda row, _session: _mark_failed(row, error))
    else:
        _end_upload(
            database,
            upload_id,
            lambda row, session: _attach_to_step(session, row, digest, extension),
        )
    files.delete_upload_file(folder, upload_id)


def _end_upload(
    database: Database, upload_id: str, end: Callable[[UploadRow, Session], None]
) -> None:
    with database.write() as session:
        row = session.get(UploadRow, upload_id)
        if row and not row.is_finished:
            end(row, session)
            session.add(row)


def _attach_to_step(session: Session, row: UploadRow, digest: str, extension: str) -> None:
    """Record the source and attach it to its step; a missing step marks the upload as failed."""
    row.digest = digest
    register_source(session, StoredFile(digest, MediaKind.CLIP, row.name, row.size_bytes))
    try:
        draft = open_draft(session, EditionRef(row.slug, SOURCE_FOLDER))
        file = f"phim/{digest[:20]}.{extension}"
        writer = DraftWriter(session, draft, row.person_id)
        row.step = attach_clip(writer, row.step, file, digest)
    except AppError as error:
        _mark_failed(row, error)


def _mark_failed(row: UploadRow, error: AppError) -> None:
    row.error = phrase_to_json(error.phrase)


def voice_extension(
    store: Store, digest: str, folder: Path, priority: ToolPriority = NORMAL_PRIORITY
) -> str:
    """Return a recording's file extension. Raises ChangeRejected for one too long for a step."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as copy:
        path = Path(copy.name)
        store.fetch_to(digest, path)
        info = probe(path, MediaKind.VOICE, priority)
    if info.duration_ms > MAX_VOICE_MS + SILENCE_MS:
        raise ChangeRejected(
            _(
                "Lời đọc dài {seconds} giây, tối đa {most} giây. Đọc ngắn lại, hoặc cắt bớt.",
                seconds=round(info.duration_ms / 1000),
                most=MAX_VOICE_MS // 1000,
            )
        )
    return EXTENSIONS[info.container]


def find_source(session: Session, digest: str, kind: MediaKind) -> Source | None:
    row = session.get(Source, digest)
    return row if row and row.kind is kind else None
