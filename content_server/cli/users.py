"""The user commands: the first admin, invitations by link, lists, keeping out, and forgetting."""

from rich.console import Console
from rich.prompt import Prompt
from sqlmodel import Session

from content_server.accounts import accounts, invitations
from content_server.accounts.audit_log import note
from content_server.accounts.data_export import leave
from content_server.accounts.names import login_of
from content_server.accounts.passphrases import hash_passphrase, suggested_passphrase
from content_server.accounts.roles import Grant, Role, role_name
from content_server.accounts.sessions import end_all
from content_server.accounts.tables import PersonRow
from content_server.accounts.totp import take_off
from content_server.db import Database
from content_server.errors import PersonNotFound
from content_server.phrases import _
from content_server.settings import Settings


def add_user(
    settings: Settings, console: Console, name: str, role: Role, passphrase: str | None
) -> None:
    """Make an account at once, on this machine; the first one is an admin.

    Without a passphrase one is asked for; an empty answer takes the one suggested.
    """
    database = _open(settings)
    login, suggested = login_of(name), suggested_passphrase()
    if passphrase is None:
        console.print(f"Câu mật khẩu cho {login}. Gợi ý: [bold]{suggested}[/]", markup=True)
        passphrase = Prompt.ask(
            "Gõ câu khác, hoặc Enter để dùng câu gợi ý",
            password=True,
            default="",
            show_default=False,
        )
    passphrase = passphrase or suggested
    with database.read() as session:
        accounts.check_new(session, name, login, passphrase)
    hashed = hash_passphrase(passphrase)
    with database.write() as session:
        row = accounts.add_person(session, name, login, hashed, [Grant(role)])
        note(session, row.id, "joined", role.value)
    console.print(f"[green]✓[/] {role_name(role)}: {name}, tên để vào: [bold]{login}[/]")
    if passphrase == suggested:
        console.print(f"  Câu mật khẩu: [bold]{suggested}[/]  (chỉ hiện một lần, xin chép lại)")
    console.print(f"  Vào ở: {settings.base_url}/-/vao")


def invite_user(
    settings: Settings, console: Console, name: str, grant: Grant, address: str | None = None
) -> None:
    """Print a link that makes an account once, within seven days."""
    database = _open(settings)
    with database.write() as session:
        token, _row = invitations.invite(session, None, name, [grant])
        note(session, None, "invited", name)
    _say_link(console, address or settings.base_url, token)


def list_users(settings: Settings, console: Console) -> None:
    """Print everybody with their roles."""
    with _open(settings).read() as session:
        for row, person in accounts.people(session):
            roles = ", ".join(_said(grant) for grant in person.grants)
            state = " [red]đã khóa[/]" if row.disabled else ""
            console.print(f"{row.login}: {row.name}{state} [dim]{roles}[/]")


def disable_user(settings: Settings, console: Console, login: str, *, enable: bool) -> None:
    """Keep somebody out at once, or let them in again."""
    database = _open(settings)
    with database.write() as session:
        row = _named(session, login)
        (accounts.enable if enable else accounts.disable)(session, row)
        note(session, None, "enabled" if enable else "disabled", row.name)
    console.print(f"[green]✓[/] {login}")


def reset_user(settings: Settings, console: Console, login: str) -> None:
    """Give a link to choose a new passphrase; the second key is taken off."""
    database = _open(settings)
    with database.write() as session:
        row = _named(session, login)
        take_off(session, row)
        end_all(session, row.id or 0)
        token, _invitation = invitations.invite_again(session, None, row)
        note(session, None, "invited", row.name)
    _say_link(console, settings.base_url, token)


def forget_user(settings: Settings, console: Console, login: str) -> None:
    """Remove somebody's name, keys, roles and devices; what they made stays, made by nobody."""
    database = _open(settings)
    with database.write() as session:
        leave(session, _named(session, login).id or 0)
    console.print(f"[green]✓[/] {login}")


def _open(settings: Settings) -> Database:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database.open(settings.effective_database_url)
    database.migrate()
    return database


def _named(session: Session, login: str) -> PersonRow:
    row = accounts.find_login(session, login_of(login))
    if row is None:
        raise PersonNotFound(_("Không có ai tên {login}.", login=login))
    return row


def _said(grant: Grant) -> str:
    places = " ".join(place for place in (grant.folder, grant.unit) if place)
    return f"{role_name(grant.role)} {places}".strip()


def _say_link(console: Console, address: str, token: str) -> None:
    console.print("Lời mời, dùng một lần / an invitation, for one use:")
    console.print(f"  {address}/-/vao/moi/{token}", soft_wrap=True)
