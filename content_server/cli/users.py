"""The user commands: add, invite, list, disable, enable, reset and forget."""

from rich.console import Console
from rich.prompt import Prompt
from sqlmodel import Session

from content_server import urls
from content_server.accounts import accounts, invitations
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.data_export import delete_account
from content_server.accounts.names import normalize_login
from content_server.accounts.passphrases import hash_passphrase, suggest_passphrase
from content_server.accounts.roles import Grant, Role, role_name
from content_server.accounts.sessions import end_all_sessions
from content_server.accounts.tables import PersonRow
from content_server.accounts.totp import deactivate_totp
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
    database = _open_database(settings)
    login, suggested = normalize_login(name), suggest_passphrase()
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
        accounts.validate_new_account(session, name, login, passphrase)
    hashed = hash_passphrase(passphrase)
    with database.write() as session:
        row = accounts.create_account(session, name, login, hashed, [Grant(role)])
        record_audit_event(session, row.id, "invitation_accepted", role.value)
    console.print(f"[green]✓[/] {role_name(role)}: {name}, tên để vào: [bold]{login}[/]")
    if passphrase == suggested:
        console.print(f"  Câu mật khẩu: [bold]{suggested}[/]  (chỉ hiện một lần, xin chép lại)")
    console.print(f"  Vào ở: {settings.base_url}{urls.SIGN_IN}")


def invite_user(
    settings: Settings, console: Console, name: str, grant: Grant, address: str | None = None
) -> None:
    """Print a link that makes an account once, within seven days."""
    database = _open_database(settings)
    with database.write() as session:
        token, _row = invitations.write_invitation(session, None, name, [grant])
        record_audit_event(session, None, "invited", name)
    _print_link(console, address or settings.base_url, token)


def list_users(settings: Settings, console: Console) -> None:
    """Print every account with its roles."""
    with _open_database(settings).read() as session:
        for row, person in accounts.list_people(session):
            roles = ", ".join(_format_grant(grant) for grant in person.grants)
            state = " [red]đã khóa[/]" if row.disabled else ""
            console.print(f"{row.login}: {row.name}{state} [dim]{roles}[/]")


def disable_user(settings: Settings, console: Console, login: str, *, enable: bool) -> None:
    """Disable an account at once, or enable it again."""
    database = _open_database(settings)
    with database.write() as session:
        row = _find_or_raise(session, login)
        (accounts.enable_person if enable else accounts.disable_person)(session, row)
        record_audit_event(
            session, None, "account_enabled" if enable else "account_disabled", row.name
        )
    console.print(f"[green]✓[/] {login}")


def reset_user(settings: Settings, console: Console, login: str) -> None:
    """Print a link to choose a new passphrase; TOTP is disabled."""
    database = _open_database(settings)
    with database.write() as session:
        row = _find_or_raise(session, login)
        deactivate_totp(session, row)
        end_all_sessions(session, row.id or 0)
        token, _invitation = invitations.write_reset_invitation(session, None, row)
        record_audit_event(session, None, "invited", row.name)
    _print_link(console, settings.base_url, token)


def forget_user(settings: Settings, console: Console, login: str) -> None:
    """Remove somebody's name, keys, roles and devices; what they made stays, made by nobody."""
    database = _open_database(settings)
    with database.write() as session:
        delete_account(session, _find_or_raise(session, login).id or 0)
    console.print(f"[green]✓[/] {login}")


def _open_database(settings: Settings) -> Database:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database.open(settings.effective_database_url)
    database.migrate()
    return database


def _find_or_raise(session: Session, login: str) -> PersonRow:
    row = accounts.find_login(session, normalize_login(login))
    if row is None:
        raise PersonNotFound(_("Không có ai tên {login}.", login=login))
    return row


def _format_grant(grant: Grant) -> str:
    places = " ".join(place for place in (grant.folder, grant.unit) if place)
    return f"{role_name(grant.role)} {places}".strip()


def _print_link(console: Console, address: str, token: str) -> None:
    console.print("Lời mời, dùng một lần / an invitation, for one use:")
    console.print(f"  {address}{urls.ACCEPT_INVITATION.url(token=token)}", soft_wrap=True)
