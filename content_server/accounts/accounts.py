"""Accounts: create, find and list people, set their roles, disable and enable them."""

from collections.abc import Iterable

from sqlmodel import Session, col, delete, func, select

from content_server.accounts.names import validate_login, validate_name
from content_server.accounts.passphrases import require_strong_passphrase
from content_server.accounts.roles import Grant, Person, Role, invalid_grant_reason
from content_server.accounts.sessions import end_all_sessions, load_person
from content_server.accounts.tables import InvitationRow, PersonGrantRow, PersonRow
from content_server.db import utc_now
from content_server.errors import InvalidAccount, PersonNotFound
from content_server.phrases import _

MAX_GRANTS_PER_PERSON = 20


def find_person(session: Session, person_id: int) -> PersonRow:
    """Return the row of a person whose account is not deleted. Raises PersonNotFound."""
    row = session.get(PersonRow, person_id)
    if row is None or row.login is None:
        raise PersonNotFound(_("Không có người này, hoặc người này đã xóa tài khoản."))
    return row


def find_login(session: Session, login: str) -> PersonRow | None:
    return session.exec(select(PersonRow).where(PersonRow.login == login)).first()


def create_account(
    session: Session, name: str, login: str, passphrase_hash: str, grants: Iterable[Grant]
) -> PersonRow:
    """Insert a person with roles. Raises InvalidAccount: login taken or invalid, name, roles."""
    login = validate_free_login(session, login)
    row = PersonRow(name=validate_name(name), login=login, passphrase_hash=passphrase_hash)
    session.add(row)
    session.flush()
    set_grants(session, row, grants)
    return row


def validate_free_login(session: Session, typed: str, *, except_id: int | None = None) -> str:
    """Return the normalized login, unless another person has it. Raises InvalidAccount."""
    login = validate_login(typed)
    known = find_login(session, login)
    if known is not None and known.id != except_id:
        raise InvalidAccount(
            _("Đã có người dùng tên {login}. Thêm một chữ hay số cho khác.", login=login)
        )
    return login


def validate_new_account(session: Session, name: str, login: str, passphrase: str) -> None:
    """Raise InvalidAccount for the first invalid field; call it before the slow hashing."""
    validate_name(name)
    validate_free_login(session, login)
    require_strong_passphrase(passphrase, login)


def list_people(session: Session) -> list[tuple[PersonRow, Person]]:
    """Return all accounts that are not deleted, by name, with their roles, in two queries."""
    rows = session.exec(
        select(PersonRow).where(col(PersonRow.login).is_not(None)).order_by(PersonRow.name)
    ).all()
    grants: dict[int, list[Grant]] = {}
    for grant in session.exec(select(PersonGrantRow)).all():
        grants.setdefault(grant.person_id, []).append(Grant(grant.role, grant.folder, grant.unit))
    return [
        (row, Person(row.id or 0, row.name, row.login or "", tuple(grants.get(row.id or 0, []))))
        for row in rows
    ]


def set_grants(session: Session, row: PersonRow, grants: Iterable[Grant]) -> None:
    """Replace a person's roles by `grants`. Raises InvalidAccount, also for the last admin."""
    new_grants = validate_grants(grants)
    _require_remaining_admin(
        session, row, still_admin=any(g.role is Role.ADMIN for g in new_grants)
    )
    session.exec(delete(PersonGrantRow).where(col(PersonGrantRow.person_id) == row.id))
    for grant in new_grants:
        session.add(
            PersonGrantRow(
                person_id=row.id or 0, role=grant.role, folder=grant.folder, unit=grant.unit
            )
        )
    session.flush()


def validate_grants(grants: Iterable[Grant]) -> list[Grant]:
    """Return valid grants, sorted and without duplicates. Raises InvalidAccount."""
    new_grants = sorted(set(grants), key=repr)
    for grant in new_grants:
        if reason := invalid_grant_reason(grant):
            raise InvalidAccount(reason)
    if not new_grants or len(new_grants) > MAX_GRANTS_PER_PERSON:
        raise InvalidAccount(_("Xin chọn ít nhất một việc để giao."))
    return new_grants


def disable_person(session: Session, row: PersonRow) -> None:
    """Forbid sign-in, end all sessions and delete open invitations of a person.

    Raises InvalidAccount for the last admin.
    """
    _require_remaining_admin(session, row, still_admin=False)
    row.disabled = True
    session.add(row)
    end_all_sessions(session, row.id or 0)
    session.exec(delete(InvitationRow).where(col(InvitationRow.person_id) == row.id))


def enable_person(session: Session, row: PersonRow) -> None:
    row.disabled = False
    session.add(row)


def count_admins(session: Session) -> int:
    """Return the number of admins who can sign in."""
    query = (
        select(func.count(func.distinct(PersonRow.id)))
        .where(PersonGrantRow.person_id == PersonRow.id, PersonGrantRow.role == Role.ADMIN)
        .where(col(PersonRow.disabled).is_(False), col(PersonRow.login).is_not(None))
    )
    return session.exec(query).one()


def is_first_start(session: Session) -> bool:
    """Tell whether no admin can sign in and no invitation is open. There is no default account."""
    open_invitations = (
        select(InvitationRow).where(col(InvitationRow.expires_at) > utc_now()).limit(1)
    )
    return not count_admins(session) and session.exec(open_invitations).first() is None


def _require_remaining_admin(session: Session, row: PersonRow, *, still_admin: bool) -> None:
    person = load_person(session, row)
    is_admin = any(grant.role is Role.ADMIN for grant in person.grants) and not row.disabled
    if is_admin and not still_admin and count_admins(session) <= 1:
        raise InvalidAccount(
            _("Đây là người quản trị cuối cùng. Giao việc quản trị cho người khác trước đã.")
        )
