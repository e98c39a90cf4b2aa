"""The stamp command: writes into translations which source sentence each step was made from."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from content_server.cli.pipeline import tell_rejected
from content_server.errors import BundleRejected, LessonNotFound, Problem
from content_server.lessons.bundle import find_bundles, read_edition
from content_server.lessons.lesson import Lesson, sentence_of
from content_server.lessons.registries.registries import Registries, file_name, read_registries
from content_server.lessons.source.source_fingerprints import Stamped, write_stamps
from content_server.lessons.validation import source_fingerprint
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.phrases import _
from content_server.settings import Settings


def stamp_files(
    settings: Settings,
    console: Console,
    slug: str | None,
    language: str | None,
    renew: Sequence[str],
) -> None:
    """Stamp the translations of one lesson, or of all; say what was done to each file.

    Steps in `renew` get a new stamp though they have one: their translation was read again.
    Exits with 1 when a file could not be stamped. Raises LessonNotFound for an unknown lesson.
    """
    library = read_registries(settings.lessons_dir)
    bundles = find_bundles(settings.lessons_dir)
    if slug is not None and slug not in bundles:
        raise LessonNotFound(_("Không có bài nào tên {slug}.", slug=slug))
    refused = False
    for name in [slug] if slug else bundles:
        try:
            stamps = stamps_of(bundles[name].get(SOURCE_FOLDER, []), library, renew)
            for path in _translations(bundles[name], language):
                _tell(console, name, path, stamp_file(path, stamps, frozenset(renew)))
        except BundleRejected as rejected:
            refused = True
            tell_rejected(name, rejected, console)
    if refused:
        raise SystemExit(1)


def stamps_of(source: list[Path], library: Registries, renew: Sequence[str]) -> dict[str, str]:
    """Return step id → stamp of its sentence today.

    Raises BundleRejected for a source that cannot be read, or has no step of a name in `renew`.
    """
    problems: list[Problem] = []
    read = read_edition(source[0], Lesson, library, problems) if source else None
    if read is None:
        raise BundleRejected(problems)
    stamps = {step.id: source_fingerprint(sentence_of(step)) for step in read[1].steps}
    for name in renew:
        if name not in stamps:
            phrase = _("Bài tiếng Việt không có bước nào tên {name}.", name=name)
            problems.append(Problem(file_name(source[0]), 0, phrase))
    if problems:
        raise BundleRejected(problems)
    return stamps


def stamp_file(path: Path, stamps: dict[str, str], renew: frozenset[str]) -> Stamped:
    """Write the stamps into one translation; a file without news is not touched."""
    text = path.read_bytes().decode("utf-8")  # not read_text: line ends stay as they are
    stamped = write_stamps(text, file_name(path), stamps, renew)
    if stamped.text != text:
        path.write_bytes(stamped.text.encode())
    return stamped


def _translations(files: dict[Folder, list[Path]], language: str | None) -> Iterator[Path]:
    for folder, paths in files.items():
        if folder != SOURCE_FOLDER and language in {None, folder}:
            yield from paths


def _tell(console: Console, slug: str, path: Path, stamped: Stamped) -> None:
    name = file_name(path)
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
