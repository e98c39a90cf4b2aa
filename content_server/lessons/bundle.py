"""Bundles: all the files of one lesson, read together or rejected together with every problem."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from content_server.errors import BundleRejected, Problem
from content_server.lessons.lesson import EditionBody, Lesson, Translation
from content_server.lessons.media_references import clips_of, pictures_of, voices_of
from content_server.lessons.registries.named_screens import resolve_screens
from content_server.lessons.registries.registries import Registries, display_path
from content_server.lessons.source.source_fingerprints import stale_steps
from content_server.lessons.source.validation_problems import problems_of
from content_server.lessons.source.yaml_source import YamlDocument, read_yaml_source
from content_server.lessons.validation import (
    DurationOf,
    ValidationContext,
    check_language,
    check_lesson,
    check_translation,
)
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.media.media_kinds import MediaKind
from content_server.phrases import _

Model = TypeVar("Model", bound=BaseModel)
NON_LANGUAGE_FOLDERS = {"screens"}  # folders of lessons/ that hold no edition
# Site addresses beside the lessons: search, household sheets, session plans, link previews.
RESERVED_SLUGS = {"tim", "nha", "buoi", "the-abcd"}


@dataclass(frozen=True)
class Edition:
    """One lesson in one language: its body and the media files it uses."""

    folder: Folder
    body: EditionBody
    media: Mapping[str, MediaKind]  # file under media/ → its kind
    stale: tuple[str, ...] = ()  # ids of steps whose source sentence has changed since


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
    """Return slug → language folder → its files; several files mean a duplicate slug."""
    bundles: dict[str, dict[Folder, list[Path]]] = {}
    for path in sorted(lessons_dir.glob("*/*")):
        folder = Folder(path.parent.name)
        if path.suffix not in {".yaml", ".yml"} or folder in NON_LANGUAGE_FOLDERS:
            continue
        bundles.setdefault(path.stem.casefold(), {}).setdefault(folder, []).append(path)
    return bundles


def read_bundle(
    slug: str,
    files: Mapping[Folder, list[Path]],
    registries: Registries,
    media_dir: Path,
    duration_ms: DurationOf,
) -> Bundle:
    """Read all editions of `slug`. Raises BundleRejected with every problem of every file."""
    problems: list[Problem] = _naming_problems(slug, files, registries)
    source: Lesson | None = None
    editions: list[Edition] = []
    for folder in sorted(files, key=lambda f: (f != SOURCE_FOLDER, f)):
        model: type[EditionBody] = Lesson if folder == SOURCE_FOLDER else Translation
        result = read_edition(files[folder][0], model, registries, problems)
        if result is None:
            continue
        document, body = result
        context = ValidationContext(document, registries, media_dir, duration_ms)
        stale: list[str] = []
        if isinstance(body, Lesson):
            source = body
            problems += check_lesson(body, context)
        elif source:
            problems += check_translation(body, source, context)
            stale = stale_steps(body, source)
        editions.append(Edition(folder, body, media_of(body), tuple(stale)))
    if problems:
        raise BundleRejected(problems)
    return Bundle(slug, tuple(editions))


def _naming_problems(
    slug: str, files: Mapping[Folder, list[Path]], registries: Registries
) -> list[Problem]:
    problems: list[Problem] = []
    for folder, paths in files.items():
        name = display_path(paths[0])
        problems += check_language(folder, name, registries)
        if len(paths) > 1:
            names = ", ".join(path.name for path in paths)
            problems.append(Problem(name, 0, _("Hai tệp cùng một tên bài: {names}.", names=names)))
        elif slug in RESERVED_SLUGS:
            phrase = _("Tên {name} đã dùng cho trang khác. Đặt tên khác cho bài.", name=slug)
            problems.append(Problem(name, 0, phrase))
        elif not _is_slug(paths[0].stem):
            phrase = _(
                "Tên tệp chỉ dùng chữ thường không dấu, số và dấu gạch nối: {name}.", name=slug
            )
            problems.append(Problem(name, 0, phrase))
    if SOURCE_FOLDER not in files:
        first = display_path(next(iter(files.values()))[0])
        problems.append(Problem(first, 0, _("Chưa có bài tiếng Việt cùng tên trong lessons/vi.")))
    return problems


def _is_slug(text: str) -> bool:
    return text.isascii() and text == text.lower() and all(p.isalnum() for p in text.split("-"))


def read_edition(
    path: Path, model: type[Model], registries: Registries, problems: list[Problem]
) -> tuple[YamlDocument, Model] | None:
    """Read one edition's file; when it has problems, append them to `problems` and return None."""
    try:
        document, missing = resolve_screens(read_yaml_source(path, display_path(path)), registries)
    except BundleRejected as rejected:
        problems += rejected.problems
        return None
    problems += missing
    try:
        return document, model.model_validate(document.value)
    except ValidationError as error:
        problems += problems_of(error, document)
        return None


def media_of(body: EditionBody) -> dict[str, MediaKind]:
    """Return file → media kind of every file under media/ that an edition uses."""
    photos = [picture.photo.file for picture in pictures_of(body) if picture.photo]
    return (
        dict.fromkeys(photos, MediaKind.IMAGE)
        | dict.fromkeys(voices_of(body), MediaKind.VOICE)
        | {clip.clip: MediaKind.CLIP for clip in clips_of(body)}
        | {clip.captions: MediaKind.CAPTIONS for clip in clips_of(body) if clip.captions}
    )


def edition_digest(body: EditionBody, media: Mapping[str, str]) -> str:
    """Return the sha256 (hex) of an edition: its body, its screens and its media's digests."""
    text = body.model_dump_json(exclude_defaults=True)
    lines = [text, *(f"{file} {digest}" for file, digest in sorted(media.items()))]
    return sha256("\n".join(lines).encode()).hexdigest()
