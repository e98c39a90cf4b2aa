"""The screens command: every picture of every lesson on one sheet, to look at and improve."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from content_server.errors import BundleRejected
from content_server.lessons.bundle import find_bundles, read_bundle
from content_server.lessons.media_references import pictures_of
from content_server.lessons.registries.registries import read_registries
from content_server.media.screens import Drawing
from content_server.media.screens.contact_sheet import contact_sheet
from content_server.settings import Settings
from content_server.site.pages.figures import draw_picture


def write_contact_sheet(settings: Settings, out: Path, console: Console) -> None:
    """Draw the pictures of all lessons that can be read, each once, onto one HTML page."""
    drawings = list(_drawings(settings, console))
    out.write_text(contact_sheet(drawings), "utf-8")
    console.print(f"[green]✓[/] {len(drawings)} hình: {out}")


def _drawings(settings: Settings, console: Console) -> Iterator[tuple[str, Drawing]]:
    registries = read_registries(settings.lessons_dir)
    seen: set[str] = set()
    for slug, files in find_bundles(settings.lessons_dir).items():
        try:
            bundle = read_bundle(slug, files, registries, settings.media_dir, lambda _path: None)
        except BundleRejected as rejected:
            console.print(f"[red]✗[/] {slug}: {rejected.phrase.translate('vi')}")
            continue
        for picture in (p for edition in bundle.editions for p in pictures_of(edition.body)):
            drawing = draw_picture(picture)
            if drawing and drawing.svg not in seen:
                seen.add(drawing.svg)
                yield f"{slug} {len(seen)}", drawing
