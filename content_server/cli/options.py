"""The options that commands share, and the settings they make."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from content_server.settings import NO_ADDRESS, Settings, is_only_here, read_settings

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Thư mục dữ liệu. Where everything is kept.")
]
LessonsOption = Annotated[
    Path | None, typer.Option("--lessons", help="Thư mục bài học. Where lesson files are.")
]
MediaOption = Annotated[
    Path | None, typer.Option("--media", help="Thư mục hình và lời. Where their media are.")
]
SlugArgument = Annotated[str, typer.Argument(help="Tên bài: tra-tien-dien. The lesson's name.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="Chỉ một thứ tiếng. One language only: hmn.")
]


def settings_of(
    data: Path | None,
    lessons: Path | None = None,
    media: Path | None = None,
    **given: object,
) -> Settings:
    """Return the settings of the environment, with what the command line says over them."""
    paths = {"data_dir": data, "lessons_dir": lessons, "media_dir": media}
    absolute = {name: path.absolute() for name, path in paths.items() if path}
    return read_settings(None, {**absolute, **given})


def warn_without_base_url(settings: Settings, console: Console, *, end: str = "\n") -> None:
    """Print a warning when the base URL leads to this machine only: printed codes carry none."""
    if is_only_here(settings.base_url):
        console.print(f"[yellow]![/] {NO_ADDRESS}", end=end)
