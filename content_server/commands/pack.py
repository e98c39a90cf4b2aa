"""The pack commands: lessons to take away, as files, where there is no internet."""

import typer

from content_server.commands import course

app = typer.Typer(
    help="Gói mang về: bài học thành tệp, cho nơi không có mạng.\n\n"
    "Packs: lessons as files, for where there is no internet.",
    no_args_is_help=True,
)
app.add_typer(course.app)
