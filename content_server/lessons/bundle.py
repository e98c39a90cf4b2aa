"""A bundle: one lesson as its files say it, read whole, or refused whole with every problem."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from content_server.errors import BundleRejected, Problem
from content_server.lessons.lesson import Body, Lesson, Translation
from content_server.lessons.media_references import clips_of, pictures_of, voices_of
from content_server.lessons.registries.registries import Registries, file_name, with_screens
from content_server.lessons.source.validation_problems import problems_of
from content_server.lessons.source.yaml_source import Manuscript, read_manuscript
from content_server.lessons.validation import (
    DurationOf,
    ValidationContext,
    check_language,
    check_lesson,
    check_translation,
    stale_steps,
)
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.media.media_kinds import MediaKind
from content_server.phrases import _

Model = TypeVar("Model", bound=BaseModel)
NOT_LANGUAGES = {"screens"}  # folders of lessons/ that hold something else
# Addresses of our own beside the lessons: search, houses, evening, cards.
RESERVED = {"tim", "nha", "buoi", "the-abcd"}


@dataclass(frozen=True)
class Edition:
    """One lesson in one language: what it says, and the files it shows and plays."""

    folder: Folder
    body: Body
    media: Mapping[str, MediaKind]  # file under media/ → what it is
    stale: tuple[str, ...] = ()  # ids of steps older than their source


@dataclass(frozen=True)
class Bundle:
    """One lesson with all its editions, the source first."""

    slug: str
    editions: tuple[Edition, ...] = field(default_factory=tuple)

    @property
    def source(self) -> Lesson:
        body = self.editions[0].body
        if not isinstance(body, Lesson):
            raise TypeError(self.slug)
        return body


def find_bundles(lessons_dir: Path) -> dict[str, dict[Folder, list[Path]]]:
    """Return slug → language folder → its files; more than one file is a duplicate slug."""
    found: dict[str, dict[Folder, list[Path]]] = {}
    for path in sorted(lessons_dir.glob("*/*")):
        folder = Folder(path.parent.name)
        if path.suffix not in {".yaml", ".yml"} or folder in NOT_LANGUAGES:
            continue
        found.setdefault(path.stem.casefold(), {}).setdefault(folder, []).append(path)
    return found


def read_bundle(
    slug: str,
    files: Mapping[Folder, list[Path]],
    library: Registries,
    media_dir: Path,
    duration_ms: DurationOf,
) -> Bundle:
    """Read all editions of `slug`. Raises BundleRejected with all problems of all its files."""
    problems: list[Problem] = _naming_problems(slug, files, library)
    source: Lesson | None = None
    editions: list[Edition] = []
    for folder in sorted(files, key=lambda f: (f != SOURCE_FOLDER, f)):
        model: type[Body] = Lesson if folder == SOURCE_FOLDER else Translation
        read = read_edition(files[folder][0], model, library, problems)
        if read is None:
            continue
        manuscript, body = read
        desk = ValidationContext(manuscript, library, media_dir, duration_ms)
        stale: list[str] = []
        if isinstance(body, Lesson):
            source = body
            problems += check_lesson(body, desk)
        elif source:
            problems += check_translation(body, source, desk)
            stale = stale_steps(body, source)
        editions.append(Edition(folder, body, media_of(body), tuple(stale)))
    if problems:
        raise BundleRejected(problems)
    return Bundle(slug, tuple(editions))


def _naming_problems(
    slug: str, files: Mapping[Folder, list[Path]], library: Registries
) -> list[Problem]:
    problems: list[Problem] = []
    for folder, paths in files.items():
        name = file_name(paths[0])
        problems += check_language(folder, name, library)
        if len(paths) > 1:
            names = ", ".join(path.name for path in paths)
            problems.append(Problem(name, 0, _("Hai tệp cùng một tên bài: {names}.", names=names)))
        elif slug in RESERVED:
            phrase = _("Tên {name} đã dùng cho trang khác. Đặt tên khác cho bài.", name=slug)
            problems.append(Problem(name, 0, phrase))
        elif not _is_slug(paths[0].stem):
            phrase = _(
                "Tên tệp chỉ dùng chữ thường không dấu, số và dấu gạch nối: {name}.", name=slug
            )
            problems.append(Problem(name, 0, phrase))
    if SOURCE_FOLDER not in files:
        first = file_name(next(iter(files.values()))[0])
        problems.append(Problem(first, 0, _("Chưa có bài tiếng Việt cùng tên trong lessons/vi.")))
    return problems


def _is_slug(text: str) -> bool:
    return text.isascii() and text == text.lower() and all(p.isalnum() for p in text.split("-"))


def read_edition(
    path: Path, model: type[Model], library: Registries, problems: list[Problem]
) -> tuple[Manuscript, Model] | None:
    """Read one edition's file; put its problems into `problems` and return None when it has any."""
    try:
        manuscript, missing = with_screens(read_manuscript(path, file_name(path)), library)
    except BundleRejected as rejected:
        problems += rejected.problems
        return None
    problems += missing
    try:
        return manuscript, model.model_validate(manuscript.value)
    except ValidationError as error:
        problems += problems_of(error, manuscript)
        return None


def media_of(body: Body) -> dict[str, MediaKind]:
    """Return every file under media/ that an edition uses, and what it is."""
    photos = [picture.photo.file for picture in pictures_of(body) if picture.photo]
    return (
        dict.fromkeys(photos, MediaKind.IMAGE)
        | dict.fromkeys(voices_of(body), MediaKind.VOICE)
        | {clip.clip: MediaKind.CLIP for clip in clips_of(body)}
        | {clip.captions: MediaKind.CAPTIONS for clip in clips_of(body) if clip.captions}
    )


def digest_of(body: Body, media: Mapping[str, str]) -> str:
    """Return the sha256 (hex) of an edition: its words, its screens, the bytes of its media."""
    text = body.model_dump_json(exclude_defaults=True)
    lines = [text, *(f"{file} {digest}" for file, digest in sorted(media.items()))]
    return sha256("\n".join(lines).encode()).hexdigest()
