"""Packed bundles: a lesson in all languages with its media as one zip, and such a zip read back.

Nothing is unpacked before everything is checked; names in the zip lead nowhere: media are taken by
their digest alone (limits: research, trust §1.2).
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

from content_server.editorial.drafts.draft_validation import Sheet
from content_server.errors import BundleRejected, Problem
from content_server.lessons.lesson import Frozen, Lesson, Line, Slug, Translation
from content_server.lessons.source.validation_problems import problems_of
from content_server.locales import SOURCE_FOLDER
from content_server.media.media_kinds import MediaKind
from content_server.phrases import Phrase, _

FORMAT = 1
MANIFEST = "manifest.json"
MOST_PACKED_BYTES = 2_000_000_000
MOST_UNPACKED_BYTES = 4_000_000_000
MOST_RATIO, RATIO_FROM_BYTES = 50, 64 * 1024**2
MOST_ENTRIES, MOST_NAME_BYTES = 10_000, 255
MOST_MANIFEST_BYTES = 4_000_000
CHUNK = 256 * 1024
OLDEST = (1980, 1, 1, 0, 0, 0)  # a zip has no earlier moment: the same lesson, the same bytes
LINK = 0o120000
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    RuntimeError,
    OSError,
)


class PackedEdition(Frozen):
    """One edition in a zip."""

    folder: Slug
    body: dict[str, Any]
    media: dict[str, str] = Field(default_factory=dict)


class PackedMedium(Frozen):
    """One source in a zip: its bytes are in media/<digest>."""

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    medium: MediaKind
    name: Line


class Manifest(Frozen):
    """What a zip says it holds."""

    format: int = Field(ge=FORMAT, le=FORMAT)
    slug: Slug
    editions: tuple[PackedEdition, ...] = Field(min_length=1, max_length=40)
    media: tuple[PackedMedium, ...] = Field((), max_length=MOST_ENTRIES)


@dataclass(frozen=True)
class Parcel:
    """A checked zip: what it says, its editions as models, and its open file."""

    manifest: Manifest
    models: Mapping[str, Lesson | Translation] = field(default_factory=dict)


def pack(manifest: Manifest, read: Callable[[str], bytes], out: BinaryIO) -> None:
    """Write a zip of `manifest` and its media to `out`; the same lesson gives the same bytes."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        archive.writestr(zipfile.ZipInfo(MANIFEST, OLDEST), text.encode())
        for medium in sorted(manifest.media, key=lambda each: each.digest):
            info = zipfile.ZipInfo(f"media/{medium.digest}", OLDEST)
            archive.writestr(info, read(medium.digest))


def unpack(path: Path) -> Parcel:
    """Check a zip whole. Raises BundleRejected with every problem; nothing is written."""
    name = _("gói bài")
    try:
        with zipfile.ZipFile(path) as archive:
            problems = [Problem(str(name), 0, phrase) for phrase in _shape_problems(path, archive)]
            if problems:
                raise BundleRejected(problems)
            manifest = _manifest_of(archive)
            problems = list(_content_problems(archive, manifest))
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        RuntimeError,
        OSError,
    ) as error:
        phrase = _("Tệp này không phải gói bài, hoặc đã hỏng. Xin chép lại từ máy gốc.")
        raise BundleRejected([Problem(str(name), 0, phrase)]) from error
    models, wrong = _models_of(manifest)
    if problems or wrong:
        raise BundleRejected([*problems, *wrong])
    return Parcel(manifest, models)


def read_medium(path: Path, digest: str, out: BinaryIO) -> None:
    """Copy one medium of a checked zip to `out`."""
    with zipfile.ZipFile(path) as archive, archive.open(f"media/{digest}") as source:
        while chunk := source.read(CHUNK):
            out.write(chunk)


def _shape_problems(path: Path, archive: zipfile.ZipFile) -> Iterator[Phrase]:
    """Yield what is wrong with the zip as a zip, from its directory alone."""
    entries = archive.infolist()
    yield from bomb_problems(path.stat().st_size, entries, MOST_UNPACKED_BYTES, MOST_ENTRIES)
    names = [entry.filename for entry in entries]
    for twice in sorted({n for n in names if names.count(n) > 1}) if len(names) < 999 else ():  # noqa: PLR2004  # counting is quadratic
        yield _("Tệp {name} có hai lần trong gói.", name=twice[:80])
    if MANIFEST not in names:
        yield _("Gói không có tờ kê {name}: không phải gói bài của máy chủ này.", name=MANIFEST)
    for entry in entries[:MOST_ENTRIES]:
        yield from _entry_problems(entry)


def bomb_problems(
    packed_bytes: int, entries: Sequence[zipfile.ZipInfo], most_bytes: int, most_entries: int
) -> Iterator[Phrase]:
    """Yield what makes a zip dangerous to unpack, from its directory alone."""
    unpacked_bytes = sum(entry.file_size for entry in entries)
    if packed_bytes > MOST_PACKED_BYTES or unpacked_bytes > most_bytes:
        yield _("Gói lớn quá, mở ra tối đa {mb} MB.", mb=most_bytes // 10**6)
    if unpacked_bytes > RATIO_FROM_BYTES and unpacked_bytes > MOST_RATIO * packed_bytes:
        yield _("Gói nén chặt khác thường, có thể là tệp phá hoại. Không mở.")
    if len(entries) > most_entries:
        yield _("Gói có {count} tệp, tối đa {most}.", count=len(entries), most=most_entries)


def _entry_problems(entry: zipfile.ZipInfo) -> Iterator[Phrase]:
    name = entry.filename
    known = name == MANIFEST or _is_medium(name)
    if not known or len(name.encode()) > MOST_NAME_BYTES:
        yield _("Gói có tệp lạ: {name}.", name=name[:80])
    if entry.flag_bits & 0x1:
        yield _("Tệp {name} có mật khẩu, không mở được.", name=name[:80])
    if (entry.external_attr >> 16) & 0o170000 == LINK:
        yield _("Tệp {name} là lối tắt, không nhận.", name=name[:80])
    if name == MANIFEST and entry.file_size > MOST_MANIFEST_BYTES:
        yield _("Tờ kê trong gói dài quá.")


def _is_medium(name: str) -> bool:
    folder, slash, digest = name.partition("/")
    is_hex = len(digest) == 64 and all(c in "0123456789abcdef" for c in digest)  # noqa: PLR2004  # sha256
    return folder == "media" and bool(slash) and is_hex


def _manifest_of(archive: zipfile.ZipFile) -> Manifest:
    with archive.open(MANIFEST) as file:
        raw = file.read(MOST_MANIFEST_BYTES + 1)
    try:
        value = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        phrase = _("Tờ kê trong gói không đọc được.")
        raise BundleRejected([Problem(MANIFEST, 0, phrase)]) from error
    try:
        return Manifest.model_validate(value)
    except ValidationError as error:
        problems = problems_of(error, Sheet(MANIFEST, value))
        raise BundleRejected([Problem(MANIFEST, p.line, p.phrase) for p in problems]) from error


def _content_problems(archive: zipfile.ZipFile, manifest: Manifest) -> Iterator[Problem]:
    """Yield each medium that is not there, not what its name says, or of no use."""
    names = set(archive.namelist())
    listed = {medium.digest: medium.name for medium in manifest.media}
    for edition in manifest.editions:
        for file, digest in edition.media.items():
            if digest not in listed:
                phrase = _("Gói không kê tệp {name}.", name=file[:80])
                yield Problem(edition.folder, 0, phrase)
    for digest, name in listed.items():
        if f"media/{digest}" not in names:
            yield Problem(MANIFEST, 0, _("Gói thiếu tệp {name}.", name=name))
        elif _digest_in(archive, digest) != digest:
            yield Problem(MANIFEST, 0, _("Tệp {name} trong gói đã bị đổi hoặc hỏng.", name=name))


def _digest_in(archive: zipfile.ZipFile, digest: str) -> str:
    """Return the digest of what is really there; no more is read than the directory says."""
    info, found, left = archive.getinfo(f"media/{digest}"), sha256(), 0
    with archive.open(info) as file:
        while chunk := file.read(CHUNK):
            left += len(chunk)
            if left > info.file_size:
                return ""
            found.update(chunk)
    return found.hexdigest()


def _models_of(
    manifest: Manifest,
) -> tuple[dict[str, Lesson | Translation], list[Problem]]:
    models: dict[str, Lesson | Translation] = {}
    problems: list[Problem] = []
    folders = [edition.folder for edition in manifest.editions]
    if SOURCE_FOLDER not in folders or len(set(folders)) < len(folders):
        phrase = _("Gói phải có bản tiếng Việt, và mỗi thứ tiếng một bản.")
        problems.append(Problem(MANIFEST, 0, phrase))
    for edition in manifest.editions:
        model: type[Lesson | Translation] = Translation
        model = Lesson if edition.folder == SOURCE_FOLDER else model
        try:
            models[edition.folder] = model.model_validate(edition.body)
        except ValidationError as error:
            found = problems_of(error, Sheet(edition.folder, edition.body))
            problems += [Problem(edition.folder, p.line, p.phrase) for p in found]
    return models, problems


def packed_bytes(manifest: Manifest, read: Callable[[str], bytes]) -> bytes:
    """Return a zip as bytes, for a lesson of ordinary size."""
    out = io.BytesIO()
    pack(manifest, read, out)
    return out.getvalue()
