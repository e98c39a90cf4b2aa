"""Receiving: what was handed in becomes a source — stored, written down, and its work enqueued.

Bytes first, durably; then one transaction names them. Doing it twice is as good as once.
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
from content_server.editorial.drafts.drafts import open_draft
from content_server.editorial.publication import made_later
from content_server.errors import AppError, ChangeRefused, MediumRefused
from content_server.jobs.tables import Job, JobState, phrase_from_json, phrase_to_json
from content_server.lessons.lesson import VOICE_MS
from content_server.locales import SOURCE_FOLDER
from content_server.media import limits
from content_server.media.ffmpeg.probe import probe, sniff
from content_server.media.images import image_worker
from content_server.media.media_kinds import MediaKind
from content_server.media.store import Store
from content_server.media.tables import Rendition, Source
from content_server.phrases import Phrase, _
from content_server.pipeline.transcode import TRANSCODE
from content_server.uploads import files
from content_server.uploads.tables import UploadRow

MOST_NAME = 120
SILENCE_MS = 3_000  # at the ends of a take; it is cut off when the voice is made small
ENDINGS = {  # of the container found in a file, whatever the file was called
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
    """How far something handed in has come."""

    WAITING = "waiting"
    SENDING = "sending"
    RECEIVED = "received"
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class ProcessingStatus:
    """Where a medium is on its way, 0–100 % of this stage, and why it failed."""

    stage: ProcessingStage
    percent: float = 0.0
    why: Phrase | None = None


def clean_name(name: str) -> str:
    """Return a file's name as a person may read it: no path, no character nobody sees."""
    seen = "".join(c for c in unicodedata.normalize("NFC", name) if _is_seen(c))
    last = PurePosixPath(seen.replace("\\", "/")).name.strip(" .")
    return last[-MOST_NAME:] or "tep"


def _is_seen(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] not in "CZ"


def check_medium(path: Path, medium: MediaKind) -> None:
    """Look at what a file really is. Raises MediumRefused."""
    limits.check_file(path, medium)
    match medium:
        case MediaKind.IMAGE:
            image_worker.size_of(path)
        case MediaKind.VOICE:
            limits.check_sound(probe(path, medium))
        case MediaKind.CLIP:
            sniff(path)
        case MediaKind.CAPTIONS:
            raise MediumRefused(
                _("Tệp này là tệp chữ, không phải ảnh, tiếng hay clip. Hãy chọn lại tệp.")
            )


def keep(
    database: Database, store: Store, path: Path, medium: MediaKind, name: str
) -> ProcessingStatus:
    """Make a received file a source, to be made small. Raises MediumRefused, StoreUnavailable."""
    check_medium(path, medium)
    digest = store.put_file(path)
    with database.write() as session:
        made_later(session, digest, medium, clean_name(name), path.stat().st_size)
        return condition_of(session, digest)


def condition_of(session: Session, digest: str) -> ProcessingStatus:
    """Return how far a source's renditions are."""
    of_this = col(Job.key).endswith(f":{digest}"), Job.task == TRANSCODE
    query = select(Job).where(*of_this).order_by(col(Job.id).desc())
    job = session.exec(query.limit(1)).first()
    if job and job.state in {JobState.WAITING, JobState.RUNNING}:
        return ProcessingStatus(ProcessingStage.PREPARING, job.percent)
    made = select(Rendition.id).where(Rendition.source_digest == digest).limit(1)
    if session.exec(made).first() is not None:
        return ProcessingStatus(ProcessingStage.READY, 100.0)
    if job and job.state in {JobState.FAILED, JobState.CANCELLED}:
        stopped = _("Việc chuẩn bị đã bị dừng. Gửi lại tệp nếu vẫn cần.")
        return ProcessingStatus(ProcessingStage.FAILED, job.percent, job.error_phrase or stopped)
    return ProcessingStatus(ProcessingStage.RECEIVED)


def condition_of_upload(session: Session, row: UploadRow) -> ProcessingStatus:
    """Return how far an upload is, its preparing included."""
    if row.trouble:
        return ProcessingStatus(ProcessingStage.FAILED, 0.0, phrase_from_json(row.trouble))
    if row.digest:
        return condition_of(session, row.digest)
    if row.is_whole:
        return ProcessingStatus(ProcessingStage.RECEIVED, 100.0)
    if row.offset_bytes:
        return ProcessingStatus(ProcessingStage.SENDING, 100 * row.offset_bytes / row.size_bytes)
    return ProcessingStatus(ProcessingStage.WAITING)


def finish_upload(database: Database, store: Store, folder: Path, upload_id: str) -> None:
    """Make a whole upload a source, and put it in its step; what is no clip is refused for good.

    Safe to repeat, and repeated by whoever looks next when a crash came between. Raises
    StoreUnavailable, DatabaseBusy: the upload stays whole, and this can be tried again.
    """
    with database.read() as session:
        row = session.get(UploadRow, upload_id)
    if row is None or row.has_ended or not row.is_whole:
        return
    path = files.path_of(folder, upload_id)
    try:
        check_medium(path, MediaKind.CLIP)
        digest = store.put_file(path)
        ending = ENDINGS[sniff(path)]
    except FileNotFoundError:  # another has just finished it
        return
    except MediumRefused as refused:
        wrong = refused
        _end(database, upload_id, lambda row, _session: _troubled(row, wrong))
    else:
        _end(database, upload_id, lambda row, session: _placed(session, row, digest, ending))
    files.remove(folder, upload_id)


def _end(database: Database, upload_id: str, end: Callable[[UploadRow, Session], None]) -> None:
    with database.write() as session:
        row = session.get(UploadRow, upload_id)
        if row and not row.has_ended:
            end(row, session)
            session.add(row)


def _placed(session: Session, row: UploadRow, digest: str, ending: str) -> None:
    """Write the source down and show it in its step; a step that is gone is said, not fatal."""
    row.digest = digest
    made_later(session, digest, MediaKind.CLIP, row.name, row.size_bytes)
    try:
        draft = open_draft(session, row.slug, SOURCE_FOLDER)
        file = f"phim/{digest[:20]}.{ending}"
        row.step = attach_clip(session, draft, row.step, file, digest, row.person_id)
    except AppError as refused:
        _troubled(row, refused)


def _troubled(row: UploadRow, refused: AppError) -> None:
    row.trouble = phrase_to_json(refused.phrase)


def ending_of_voice(store: Store, digest: str, folder: Path) -> str:
    """Return a recording's file ending. Raises ChangeRefused for one too long for a step."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as copy:
        path = Path(copy.name)
        store.fetch_to(digest, path)
        info = probe(path, MediaKind.VOICE)
    if info.duration_ms > VOICE_MS + SILENCE_MS:
        raise ChangeRefused(
            _(
                "Lời đọc dài {seconds} giây, tối đa {most} giây. Đọc ngắn lại, hoặc cắt bớt.",
                seconds=round(info.duration_ms / 1000),
                most=VOICE_MS // 1000,
            )
        )
    return ENDINGS[info.container]


def source_or_none(session: Session, digest: str, medium: MediaKind) -> Source | None:
    row = session.get(Source, digest)
    return row if row and row.medium is medium else None
