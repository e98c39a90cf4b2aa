"""Lesson archives: a lesson in all languages with its media as one zip, written and read.

An archive is checked completely before anything is extracted. Names in the zip are never used as
paths: media are read by their digest alone (docs/research/trust.md#limits).
"""

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import Field, ValidationError

from content_server.editorial.drafts.draft_validation import DraftDocument
from content_server.errors import BundleRejected, Problem
from content_server.lessons.lesson import FrozenModel, Lesson, Slug, TextLine, Translation
from content_server.lessons.source.validation_problems import problems_of
from content_server.locales import SOURCE_FOLDER
from content_server.media.media_kinds import MediaKind, StoredFile
from content_server.phrases import Phrase, _

ARCHIVE_FORMAT = 1
MANIFEST_NAME = "manifest.json"
MAX_ARCHIVE_BYTES = 2_000_000_000
MAX_UNPACKED_BYTES = 4_000_000_000
MAX_RATIO, RATIO_FROM_BYTES = 50, 64 * 1024**2
MAX_ENTRIES, MAX_NAME_BYTES = 10_000, 255
MAX_MANIFEST_BYTES = 4_000_000
CHUNK_BYTES = 256 * 1024
ZIP_EPOCH = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest time a zip can hold, so that equal lessons give equal bytes
SYMLINK_MODE = 0o120000
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    RuntimeError,
    OSError,
)


class ArchivedEdition(FrozenModel):
    """One edition in an archive."""

    folder: Slug
    body: dict[str, Any]
    media: dict[str, str] = Field(default_factory=dict)


class ArchivedMedium(FrozenModel):
    """One media source in an archive; its bytes are the entry media/<digest>."""

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    medium: MediaKind
    name: TextLine


class ArchiveManifest(FrozenModel):
    """The manifest of an archive: what it contains."""

    format: int = Field(ge=ARCHIVE_FORMAT, le=ARCHIVE_FORMAT)
    slug: Slug
    editions: tuple[ArchivedEdition, ...] = Field(min_length=1, max_length=40)
    media: tuple[ArchivedMedium, ...] = Field((), max_length=MAX_ENTRIES)


@dataclass(frozen=True)
class LessonArchive:
    """A checked archive: its manifest, and its editions as models by folder."""

    manifest: ArchiveManifest
    models: Mapping[str, Lesson | Translation] = field(default_factory=dict)


def write_lesson_archive(
    manifest: ArchiveManifest, read: Callable[[str], bytes], out: BinaryIO
) -> None:
    """Write a zip of `manifest` and its media to `out`; equal lessons give equal bytes.

    `read` returns the bytes of a digest.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        archive.writestr(zipfile.ZipInfo(MANIFEST_NAME, ZIP_EPOCH), text.encode())
        for medium in sorted(manifest.media, key=lambda each: each.digest):
            info = zipfile.ZipInfo(f"media/{medium.digest}", ZIP_EPOCH)
            archive.writestr(info, read(medium.digest))


def read_lesson_archive(path: Path) -> LessonArchive:
    """Check an archive completely. Raises BundleRejected with every problem; writes nothing."""
    name = _("gói bài")
    try:
        with zipfile.ZipFile(path) as archive:
            problems = [Problem(str(name), 0, phrase) for phrase in _shape_problems(path, archive)]
            if problems:
                raise BundleRejected(problems)
            manifest = _manifest_of(archive)
            problems = list(_content_problems(archive, manifest))
    except UNREADABLE as error:
        phrase = _("Tệp này không phải gói bài, hoặc đã hỏng. Xin chép lại từ máy gốc.")
        raise BundleRejected([Problem(str(name), 0, phrase)]) from error
    models, model_problems = _models_of(manifest)
    if problems or model_problems:
        raise BundleRejected([*problems, *model_problems])
    return LessonArchive(manifest, models)


def media_files_of(archive: LessonArchive, path: Path) -> list[StoredFile]:
    """Return the media of a checked archive with the size of each entry."""
    with zipfile.ZipFile(path) as file:
        return [
            StoredFile(m.digest, m.medium, m.name, file.getinfo(f"media/{m.digest}").file_size)
            for m in archive.manifest.media
        ]


def extract_medium(path: Path, digest: str, out: BinaryIO) -> None:
    """Copy one media source of a checked archive to `out`."""
    with zipfile.ZipFile(path) as archive, archive.open(f"media/{digest}") as source:
        while chunk := source.read(CHUNK_BYTES):
            out.write(chunk)


def _shape_problems(path: Path, archive: zipfile.ZipFile) -> Iterator[Phrase]:
    """Yield what is wrong with the zip itself, read from its directory alone."""
    entries = archive.infolist()
    yield from zip_bomb_problems(path.stat().st_size, entries, MAX_UNPACKED_BYTES, MAX_ENTRIES)
    names = [entry.filename for entry in entries]
    for duplicate in sorted({n for n in names if names.count(n) > 1}) if len(names) < 999 else ():  # noqa: PLR2004  # counting is quadratic
        yield _("Tệp {name} có hai lần trong gói.", name=duplicate[:80])
    if MANIFEST_NAME not in names:
        yield _(
            "Gói không có tờ kê {name}: không phải gói bài của máy chủ này.", name=MANIFEST_NAME
        )
    for entry in entries[:MAX_ENTRIES]:
        yield from _entry_problems(entry)


def zip_bomb_problems(
    archive_bytes: int, entries: Sequence[zipfile.ZipInfo], max_bytes: int, max_entries: int
) -> Iterator[Phrase]:
    """Yield what makes a zip dangerous to extract, read from its directory alone."""
    unpacked_bytes = sum(entry.file_size for entry in entries)
    if archive_bytes > MAX_ARCHIVE_BYTES or unpacked_bytes > max_bytes:
        yield _("Gói lớn quá, mở ra tối đa {mb} MB.", mb=max_bytes // 10**6)
    if unpacked_bytes > RATIO_FROM_BYTES and unpacked_bytes > MAX_RATIO * archive_bytes:
        yield _("Gói nén chặt khác thường, có thể là tệp phá hoại. Không mở.")
    if len(entries) > max_entries:
        yield _("Gói có {count} tệp, tối đa {most}.", count=len(entries), most=max_entries)


def _entry_problems(entry: zipfile.ZipInfo) -> Iterator[Phrase]:
    name = entry.filename
    is_expected = name == MANIFEST_NAME or _is_medium(name)
    if not is_expected or len(name.encode()) > MAX_NAME_BYTES:
        yield _("Gói có tệp lạ: {name}.", name=name[:80])
    if entry.flag_bits & 0x1:
        yield _("Tệp {name} có mật khẩu, không mở được.", name=name[:80])
    if (entry.external_attr >> 16) & 0o170000 == SYMLINK_MODE:
        yield _("Tệp {name} là lối tắt, không nhận.", name=name[:80])
    if name == MANIFEST_NAME and entry.file_size > MAX_MANIFEST_BYTES:
        yield _("Tờ kê trong gói dài quá.")


def _is_medium(name: str) -> bool:
    folder, slash, digest = name.partition("/")
    is_hex = len(digest) == 64 and all(c in "0123456789abcdef" for c in digest)  # noqa: PLR2004  # sha256
    return folder == "media" and bool(slash) and is_hex


def _manifest_of(archive: zipfile.ZipFile) -> ArchiveManifest:
    with archive.open(MANIFEST_NAME) as file:
        raw = file.read(MAX_MANIFEST_BYTES + 1)
    try:
        value = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        phrase = _("Tờ kê trong gói không đọc được.")
        raise BundleRejected([Problem(MANIFEST_NAME, 0, phrase)]) from error
    try:
        return ArchiveManifest.model_validate(value)
    except ValidationError as error:
        problems = problems_of(error, DraftDocument(MANIFEST_NAME, value))
        raise BundleRejected(
            [Problem(MANIFEST_NAME, p.line, p.phrase) for p in problems]
        ) from error


def _content_problems(archive: zipfile.ZipFile, manifest: ArchiveManifest) -> Iterator[Problem]:
    """Yield a problem for each media file that is unlisted, missing, or differs from its digest."""
    names = set(archive.namelist())
    listed = {medium.digest: medium.name for medium in manifest.media}
    for edition in manifest.editions:
        for file, digest in edition.media.items():
            if digest not in listed:
                phrase = _("Gói không kê tệp {name}.", name=file[:80])
                yield Problem(edition.folder, 0, phrase)
    for digest, name in listed.items():
        if f"media/{digest}" not in names:
            yield Problem(MANIFEST_NAME, 0, _("Gói thiếu tệp {name}.", name=name))
        elif _digest_in(archive, digest) != digest:
            yield Problem(
                MANIFEST_NAME, 0, _("Tệp {name} trong gói đã bị đổi hoặc hỏng.", name=name)
            )


def _digest_in(archive: zipfile.ZipFile, digest: str) -> str:
    """Return the digest of an entry; "" when it is longer than the zip's directory says."""
    info, hasher, read_bytes = archive.getinfo(f"media/{digest}"), sha256(), 0
    with archive.open(info) as file:
        while chunk := file.read(CHUNK_BYTES):
            read_bytes += len(chunk)
            if read_bytes > info.file_size:
                return ""
            hasher.update(chunk)
    return hasher.hexdigest()


def _models_of(
    manifest: ArchiveManifest,
) -> tuple[dict[str, Lesson | Translation], list[Problem]]:
    models: dict[str, Lesson | Translation] = {}
    problems: list[Problem] = []
    folders = [edition.folder for edition in manifest.editions]
    if SOURCE_FOLDER not in folders or len(set(folders)) < len(folders):
        phrase = _("Gói phải có bản tiếng Việt, và mỗi thứ tiếng một bản.")
        problems.append(Problem(MANIFEST_NAME, 0, phrase))
    for edition in manifest.editions:
        model: type[Lesson | Translation] = Translation
        model = Lesson if edition.folder == SOURCE_FOLDER else model
        try:
            models[edition.folder] = model.model_validate(edition.body)
        except ValidationError as error:
            invalid = problems_of(error, DraftDocument(edition.folder, edition.body))
            problems += [Problem(edition.folder, p.line, p.phrase) for p in invalid]
    return models, problems


def lesson_archive_bytes(manifest: ArchiveManifest, read: Callable[[str], bytes]) -> bytes:
    """Return an archive as bytes, for a lesson of ordinary size."""
    out = io.BytesIO()
    write_lesson_archive(manifest, read, out)
    return out.getvalue()
