"""The course commands: make the key, make the signed pack of the whole course, check one."""

from pathlib import Path
from typing import Annotated

import segno
import typer
from rich.console import Console

from content_server.cli.options import DataOption, settings_of
from content_server.errors import CoursePackTooOld
from content_server.phrases import _
from content_server.services import open_services
from content_server.site.course.course_pack import CoursePackBuilder
from content_server.site.course.keys import (
    SigningKey,
    create_key,
    load_signing_key,
    parse_public_key,
    rotate_key,
)
from content_server.site.course.verification import check_trusted, verify_pack
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.rendition_index import format_size

app = typer.Typer()
console = Console(stderr=True, highlight=False)


@app.command("course")
def course_command(
    out: Annotated[Path, typer.Argument(help="Tệp hay thư mục ghi ra. File or folder.")],
    languages: Annotated[
        str | None, typer.Option(help="Chỉ các tiếng này: vi,hmn. Only these languages.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Đóng cả khóa học thành một tệp có chữ ký. The whole published course as one signed file."""
    settings = settings_of(data)
    services = open_services(settings)
    made = CoursePackBuilder(
        SiteBuilder(settings, services.database, services.store, services.tree)
    )
    folders = [name.strip() for name in languages.split(",") if name.strip()] if languages else None
    written = made.write(made.build(folders), out)
    manifest = written.pack.manifest
    console.print(f"[green]✓[/] {written.path}", soft_wrap=True)
    console.print(
        f"  số {manifest.sequence} · {manifest.formatted_date} · {manifest.lessons} bài ·"
        f" {manifest.endonyms} · {format_size(written.pack.size_bytes)}"
    )


@app.command("key")
def key_command(
    data: DataOption = None,
    *,
    renew: Annotated[
        bool, typer.Option(help="Thay khóa mới. A new key, signed by the old.")
    ] = False,
) -> None:
    """Tạo khóa ký gói, hoặc xem khóa công khai. Make the signing key, or show its public half."""
    folder = settings_of(data).data_dir
    _print_key(rotate_key(folder) if renew else _load_or_create_key(folder))


@app.command(name="verify")
def verify_file(
    file: Annotated[Path, typer.Argument(help="Tệp gói. The pack file.")],
    trusted: Annotated[
        str | None, typer.Option("--key", help="Khóa công khai phải khớp. The key it must have.")
    ] = None,
    at_least: Annotated[
        int, typer.Option(help="Số thấp nhất được nhận. Refuse packs with a lower number.")
    ] = 0,
) -> None:
    """Xem gói còn nguyên vẹn, của ai, số mấy. Check every byte of a pack, its maker, its number."""
    pack = verify_pack(file)
    if trusted:
        check_trusted(pack, parse_public_key(trusted))
    if pack.manifest.sequence < at_least:
        raise CoursePackTooOld(
            _("Gói số {number} cũ hơn số {least}.", number=pack.manifest.sequence, least=at_least)
        )
    manifest = pack.manifest
    console.print(
        f"[green]✓[/] Gói nguyên vẹn: số {manifest.sequence}, {manifest.formatted_date},", end=" "
    )
    console.print(f"{manifest.lessons} bài, {len(manifest.files)} tệp, của {manifest.server}")
    console.print(
        "  Khóa đã khớp." if trusted else f"  Ký bằng khóa, hãy so lại:\n  {manifest.key}"
    )


def _load_or_create_key(data_dir: Path) -> SigningKey:
    return (
        load_signing_key(data_dir)
        if (data_dir / "keys" / "course.pem").exists()
        else create_key(data_dir)
    )


def _print_key(signing: SigningKey) -> None:
    """Print the public key as words to copy and as a QR to photograph."""
    console.print("Khóa công khai (không bí mật; đọc cho người giữ hộp bài học):\n")
    console.print(f"  {signing.public}\n")
    segno.make(signing.public.upper(), error="l").terminal(out=None, compact=True)
    console.print("[dim]Khóa riêng nằm ở keys/course.pem: sao lưu, đừng gửi cho ai.[/]")
