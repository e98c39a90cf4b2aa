"""The pack commands: lessons to take away, as files, where there is no internet."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from content_server.cli.options import DataOption, LanguageOption, settings_of
from content_server.cli.packs import course

app = typer.Typer(
    help="Gói mang về: bài học thành tệp, cho nơi không có mạng.\n\n"
    "Packs: lessons as files, for where there is no internet.",
    no_args_is_help=True,
)
console = Console(stderr=True, highlight=False)

app.add_typer(course.app)

OutArgument = Annotated[Path, typer.Argument(help="Thư mục ghi ra. Folder to write to.")]


@app.command("lesson")
def lesson_command(
    out: OutArgument,
    slug: Annotated[
        str | None, typer.Option("--lesson", help="Chỉ một bài. One lesson only: tra-tien-dien.")
    ] = None,
    language: LanguageOption = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Loại gói: mp4, pptx … Kind of pack; repeat for several."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Làm gói của từng bài đã đăng. Make the packs of published lessons: film, paper, slides."""
    from content_server.cli.packs.lesson_packs import make_packs  # noqa: PLC0415  # slow to import

    make_packs(settings_of(data), console, out, slug=slug, folder=language, kinds=kind or ())


@app.command("usb")
def usb_command(
    out: Annotated[Path, typer.Argument(help="Thư mục, hoặc tệp .zip. A folder, or a .zip file.")],
    lessons: Annotated[
        list[str] | None, typer.Option(help="Chỉ bài này; ghi nhiều lần. This lesson only; repeat.")
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option(help="Chỉ tiếng này; ghi nhiều lần. This language; repeat.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Chép bài vào USB, bấm đúp là mở. Lessons for a memory stick: a double click opens them."""
    from content_server.cli.packs.usb import make_usb_pack  # noqa: PLC0415  # slow to import

    make_usb_pack(settings_of(data), console, out, lessons or (), languages or ())
