"""The command line: serve, box, pack, work, ingest, publish, site, village, and tools."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from content_server.accounts.roles import Grant, Role
from content_server.cli import groups
from content_server.cli.options import (
    DataOption,
    LanguageOption,
    LessonsOption,
    MediaOption,
    SlugArgument,
    settings_of,
)
from content_server.cli.packs import pack
from content_server.errors import AppError

app = typer.Typer(
    name="content-server",
    help="Bài học một phút: nhận bài, thu nhỏ, đăng, và phục vụ cho mọi điện thoại.\n\n"
    "Lessons of one minute: take them in, make them small, publish them, serve them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.add_typer(groups.media, name="media")
app.add_typer(groups.jobs, name="jobs")
app.add_typer(groups.village, name="village")
console = Console(stderr=True, highlight=False)
app.add_typer(pack.app, name="pack")


@app.command("serve")
def serve_command(
    data: DataOption = None,
    lessons: LessonsOption = None,
    media: MediaOption = None,
    host: Annotated[str | None, typer.Option(help="Địa chỉ nghe. Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Cổng. Port to listen on.")] = None,
) -> None:
    """Đăng các bài có sẵn rồi mở máy chủ. Publish the starter lessons, then serve."""
    from content_server.cli.serve import run_server  # noqa: PLC0415  # slow to import

    run_server(settings_of(data, lessons, media, host=host, port=port), console)


@app.command("work")
def work_command(
    data: DataOption = None,
    *,
    stay: Annotated[bool, typer.Option(help="Ở lại chờ việc mới. Stay for new jobs.")] = False,
) -> None:
    """Làm cho xong các việc đang chờ. Do all waiting jobs, then stop."""
    from content_server.cli.pipeline import run_jobs  # noqa: PLC0415  # slow to import

    run_jobs(settings_of(data), console, stay=stay)


@app.command("ingest")
def ingest_command(
    data: DataOption = None,
    lessons: LessonsOption = None,
    media: MediaOption = None,
    *,
    publish: Annotated[bool, typer.Option(help="Đăng luôn. Publish what is new.")] = True,
) -> None:
    """Nhận các tệp bài học. Take in lesson files; a broken lesson is refused, others go on."""
    from content_server.cli.pipeline import ingest_files  # noqa: PLC0415  # slow to import

    ingest_files(settings_of(data, lessons, media), console, publish=publish)


@app.command("publish")
def publish_command(
    slug: SlugArgument, language: LanguageOption = None, data: DataOption = None
) -> None:
    """Đăng bản mới nhất của một bài. Publish a lesson's newest revisions."""
    from content_server.cli.pipeline import publish_lesson  # noqa: PLC0415  # slow to import

    publish_lesson(settings_of(data), slug, language, console)


@app.command("withdraw")
def withdraw_command(
    slug: SlugArgument, language: LanguageOption = None, data: DataOption = None
) -> None:
    """Cất một bài đi. Take a lesson away from readers."""
    from content_server.cli.pipeline import withdraw_lesson  # noqa: PLC0415  # slow to import

    withdraw_lesson(settings_of(data), slug, language, console)


@app.command("site")
def site_command(
    out: Annotated[Path, typer.Argument(help="Thư mục ghi ra. Folder to write to.")],
    data: DataOption = None,
) -> None:
    """Ghi trang tĩnh cho nginx hay CDN. Write the published tree for nginx, a CDN or a card."""
    from content_server.cli.site import write_tree  # noqa: PLC0415  # slow to import

    write_tree(settings_of(data), out, console)


@app.command("box")
def box_command(  # noqa: PLR0913, PLR0917  # as many as there are options
    pack: Annotated[
        Path | None, typer.Option("--pack", help="Gói khóa học. The signed course pack.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Khoá công khai của nơi làm gói. Its maker's public key.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Máy chủ để lấy bài mới. https://… of updates.")
    ] = None,
    watch: Annotated[
        list[Path] | None,
        typer.Option(help="Thư mục chờ gói mới; mặc định là mọi USB. Folder to watch; repeat."),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Địa chỉ nghe; mặc định mọi mạng. Address to listen on.")
    ] = "0.0.0.0",  # noqa: S104  # phones must reach it; there is nothing to write
    port: Annotated[
        int | None, typer.Option(help="Cổng; mặc định 80, không được thì 8000. Port.")
    ] = None,
    wifi_name: Annotated[str | None, typer.Option(help="Tên Wi-Fi để hiện mã. SSID.")] = None,
    wifi_password: Annotated[str | None, typer.Option(help="Mật khẩu Wi-Fi. Password.")] = None,
    data: DataOption = None,
) -> None:
    """Hộp bài học cho thôn bản: chỉ để xem, không cần mạng. A read-only box for the hall."""
    from content_server.cli.box import BoxOptions, run_box  # noqa: PLC0415  # slow to import

    options = BoxOptions(pack, key, from_ or "", watch, port)
    settings = settings_of(data, host=host, wifi_name=wifi_name, wifi_password=wifi_password)
    run_box(settings, options, console)


@app.command("screens")
def screens_command(
    out: Annotated[Path, typer.Argument(help="Tệp HTML ghi ra. HTML file to write.")],
    lessons: LessonsOption = None,
) -> None:
    """Vẽ mọi màn hình của các bài lên một tờ. Draw every screen of every lesson on one sheet."""
    from content_server.cli.contact_sheet import write_contact_sheet  # noqa: PLC0415  # slow to import

    write_contact_sheet(settings_of(None, lessons), out, console)


@app.command("stamp")
def stamp_command(
    slug: Annotated[str | None, typer.Argument(help="Tên bài; bỏ trống là mọi bài. All.")] = None,
    language: LanguageOption = None,
    lessons: LessonsOption = None,
    renew: Annotated[
        list[str] | None,
        typer.Option(help="Bước đã dịch lại. A step whose translation was read again; repeat."),
    ] = None,
) -> None:
    """Ghi bản dịch làm từ câu nào. After translating: note which sentence each step came from."""
    from content_server.cli.fingerprints import write_fingerprints  # noqa: PLC0415  # slow to import

    if renew and slug is None:
        raise typer.BadParameter("--renew: tên bài? Name the lesson.")
    write_fingerprints(settings_of(None, lessons), console, slug, language, renew or ())


@app.command("schema")
def schema_command(
    folder: Annotated[Path, typer.Argument(help="Thư mục ghi ra. Folder to write to.")],
) -> None:
    """Ghi lược đồ của tệp bài học. Write the JSON Schemas of lesson files."""
    from content_server.lessons.source import schema as made  # noqa: PLC0415  # slow to import

    for name, content in (
        ("lesson", made.lesson_schema()),
        ("translation", made.translation_schema()),
    ):
        (folder / f"{name}.schema.json").write_text(made.schema_text(content), "utf-8")


user = typer.Typer(
    name="user",
    help="Ai được vào phòng soạn: thêm, mời, khóa. Who may sign in: add, invite, keep out.",
    no_args_is_help=True,
)
app.add_typer(user)
NameArgument = Annotated[str, typer.Argument(help="Tên người. The person's name.")]
RoleOption = Annotated[Role, typer.Option(help="Việc được giao. What they do.")]


@user.command("add")
def user_add_command(
    name: NameArgument,
    role: RoleOption = Role.ADMIN,
    data: DataOption = None,
    passphrase: Annotated[
        str | None, typer.Option(envvar="CONTENT_SERVER_PASSPHRASE", help="Câu mật khẩu. Asked.")
    ] = None,
) -> None:
    """Tạo một người ngay trên máy này. Make an account here; the first is an admin."""
    from content_server.cli import users  # noqa: PLC0415  # slow to import

    users.add_user(settings_of(data), console, name, role, passphrase)


@user.command("invite")
def user_invite_command(  # noqa: PLR0913, PLR0917  # one argument an option
    name: NameArgument,
    role: RoleOption,
    language: LanguageOption = None,
    unit: Annotated[str | None, typer.Option(help="Xã, bản. lai-chau/muong-kim.")] = None,
    address: Annotated[str | None, typer.Option(help="https://… của máy chủ. Our address.")] = None,
    data: DataOption = None,
) -> None:
    """Làm một lời mời dùng một lần. Print a link for one use, seven days."""
    from content_server.cli import users  # noqa: PLC0415  # slow to import

    users.invite_user(settings_of(data), console, name, Grant(role, language, unit), address)


@user.command("list")
def user_list_command(data: DataOption = None) -> None:
    """Kể mọi người và việc được giao. Everybody, with what they do."""
    from content_server.cli import users  # noqa: PLC0415  # slow to import

    users.list_users(settings_of(data), console)


@user.command("disable")
def user_disable_command(login: NameArgument, data: DataOption = None) -> None:
    """Khóa một người, ra khỏi mọi máy ngay. Keep somebody out, at once."""
    from content_server.cli import users  # noqa: PLC0415  # slow to import

    users.disable_user(settings_of(data), console, login, enable=False)


@user.command("enable")
def user_enable_command(login: NameArgument, data: DataOption = None) -> None:
    """Mở lại cho một người. Let somebody in again."""
    from content_server.cli import users  # noqa: PLC0415  # slow to import

    users.disable_user(settings_of(data), console, login, enable=True)


@user.command("reset")
def user_reset_command(login: NameArgument, data: DataOption = None) -> None:
    """Cho chọn lại câu mật khẩu, bỏ mã thứ hai. A link for a new passphrase, no second key."""
    from content_server.cli import users  # noqa: PLC0415  # slow to import

    users.reset_user(settings_of(data), console, login)


@user.command("forget")
def user_forget_command(login: NameArgument, data: DataOption = None) -> None:
    """Xóa dữ liệu riêng của một người. Remove a person's own data; their work stays."""
    from content_server.cli import users  # noqa: PLC0415  # slow to import

    users.forget_user(settings_of(data), console, login)


@app.command("doctor")
def doctor_command(data: DataOption = None, lessons: LessonsOption = None) -> None:
    """Khám máy: thiếu gì, hỏng gì, sửa thế nào. Say what is missing or broken, and the remedy."""
    from content_server.cli.doctor import run_checks  # noqa: PLC0415  # slow to import

    run_checks(settings_of(data, lessons), console)


def main() -> None:
    """Run the command line; a named error is said in Vietnamese and English, without a trace."""
    try:
        app()
    except AppError as error:
        console.print(f"[bold red]✗[/] {error.translate('vi')}", markup=True)
        console.print(f"[dim]{error.translate('en')}[/]")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
