"""The stamp command: write into translations the fingerprint of each source sentence."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from content_server.cli.pipeline import print_rejected
from content_server.errors import BundleRejected, LessonNotFound, Problem
from content_server.lessons.bundle import find_bundles, read_edition
from content_server.lessons.lesson import Lesson, sentence_of
from content_server.lessons.registries.registries import Registries, display_path, read_registries
from content_server.lessons.source.source_fingerprints import (
    FingerprintUpdate,
    source_fingerprint,
    write_source_fingerprints,
)
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.phrases import _
from content_server.settings import Settings


def write_fingerprints(
    settings: Settings,
    console: Console,
    slug: str | None,
    language: str | None,
    renew: Sequence[str],
) -> None:
    """Write the fingerprints into the translations of one lesson, or of all.

    Steps in `renew` get a new fingerprint even if they have one: their translation was reviewed
    again. Exits with 1 when a file has problems. Raises LessonNotFound for an unknown lesson.
    """
    registries = read_registries(settings.lessons_dir)
    bundles = find_bundles(settings.lessons_dir)
    if slug is not None and slug not in bundles:
        raise LessonNotFound(_("Không có bài nào tên {slug}.", slug=slug))
    has_problems = False
    for name in [slug] if slug else bundles:
        try:
            fingerprints = fingerprints_of_steps(
                bundles[name].get(SOURCE_FOLDER, []), registries, renew
            )
            for path in _translations(bundles[name], language):
                _print_result(
                    console, name, path, write_fingerprints_to(path, fingerprints, frozenset(renew))
                )
        except BundleRejected as rejected:
            has_problems = True
            print_rejected(name, rejected, console)
    if has_problems:
        raise SystemExit(1)


def fingerprints_of_steps(
    source: list[Path], registries: Registries, renew: Sequence[str]
) -> dict[str, str]:
    """Return step id → fingerprint of its present sentence.

    Raises BundleRejected for a source that cannot be read, or has no step of a name in `renew`.
    """
    problems: list[Problem] = []
    read = read_edition(source[0], Lesson, registries, problems) if source else None
    if read is None:
        raise BundleRejected(problems)
    fingerprints = {step.id: source_fingerprint(sentence_of(step)) for step in read[1].steps}
    for name in renew:
        if name not in fingerprints:
            phrase = _("Bài tiếng Việt không có bước nào tên {name}.", name=name)
            problems.append(Problem(display_path(source[0]), 0, phrase))
    if problems:
        raise BundleRejected(problems)
    return fingerprints


def write_fingerprints_to(
    path: Path, fingerprints: dict[str, str], renew: frozenset[str]
) -> FingerprintUpdate:
    """Write fingerprints into one translation; an unchanged file is not written."""
    text = path.read_bytes().decode("utf-8")  # not read_text: line ends stay as they are
    stamped = write_source_fingerprints(text, display_path(path), fingerprints, renew)
    if stamped.text != text:
        path.write_bytes(stamped.text.encode())
    return stamped


def _translations(files: dict[Folder, list[Path]], language: str | None) -> Iterator[Path]:
    for folder, paths in files.items():
        if folder != SOURCE_FOLDER and language in {None, folder}:
            yield from paths


def _print_result(console: Console, slug: str, path: Path, stamped: FingerprintUpdate) -> None:
    name = display_path(path)
    if stamped.added:
        console.print(f"[green]✓[/] {name}: ghi dấu mới cho {', '.join(stamped.added)}")
    if stamped.renewed:
        console.print(f"[green]✓[/] {name}: ghi lại dấu cho {', '.join(stamped.renewed)}")
    if stamped.stale:
        steps = " ".join(f"--renew {step}" for step in stamped.stale)
        console.print(
            f"[yellow]•[/] {name}: câu tiếng Việt đã đổi ở {', '.join(stamped.stale)}. "
            f"Sửa bản dịch rồi chạy: content-server stamp {slug} {steps}"
        )
    if not (stamped.added or stamped.renewed or stamped.stale):
        console.print(f"[dim]{name}: không có gì mới[/]")
