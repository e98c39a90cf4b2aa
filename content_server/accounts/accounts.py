"""The roster: people written down, found, given roles, kept out and let in again."""

from collections.abc import Iterable

from sqlmodel import Session, col, delete, func, select

from content_server.accounts.names import checked_login, checked_name
from content_server.accounts.passphrases import check_passphrase
from content_server.accounts.roles import Grant, Person, Role, refusal_of
from content_server.accounts.sessions import end_all, person_of
from content_server.accounts.tables import GrantRow, InvitationRow, PersonRow
from content_server.db import utc_now
from content_server.errors import PersonNotFound, PersonRefused
from content_server.phrases import _

MAX_GRANTS = 20


def find_person(session: Session, person_id: int) -> PersonRow:
    """Return the row of somebody who has not left. Raises PersonNotFound."""
    row = session.get(PersonRow, person_id)
    if row is None or row.login is None:
        raise PersonNotFound(_("Không có người này, hoặc người này đã xóa tài khoản."))
    return row


def find_login(session: Session, login: str) -> PersonRow | None:
    return session.exec(select(PersonRow).where(PersonRow.login == login)).first()


def add_person(
    session: Session, name: str, login: str, passphrase_hash: str, grants: Iterable[Grant]
) -> PersonRow:
    """Write a new person. Raises PersonRefused when the sign-in name is taken or no good."""
    login = free_login(session, login)
    row = PersonRow(name=checked_name(name), login=login, passphrase_hash=passphrase_hash)
    session.add(row)
    session.flush()
    set_grants(session, row, grants)
    return row


def free_login(session: Session, typed: str, *, but: int | None = None) -> str:
    """Return the sign-in name meant, nobody else's. Raises PersonRefused."""
    login = checked_login(typed)
    known = find_login(session, login)
    if known is not None and known.id != but:
        raise PersonRefused(
            _("Đã có người dùng tên {login}. Thêm một chữ hay số cho khác.", login=login)
        )
    return login


def check_new(session: Session, name: str, login: str, passphrase: str) -> None:
    """Raise PersonRefused for the first thing wrong, before the slow hashing begins."""
    checked_name(name)
    free_login(session, login)
    check_passphrase(passphrase, login)


def people(session: Session) -> list[tuple[PersonRow, Person]]:
    """Return everybody who has not left, by name, with their roles: two queries."""
    rows = session.exec(
        select(PersonRow).where(col(PersonRow.login).is_not(None)).order_by(PersonRow.name)
    ).all()
    grants: dict[int, list[Grant]] = {}
    for grant in session.exec(select(GrantRow)).all():
        grants.setdefault(grant.person_id, []).append(Grant(grant.role, grant.folder, grant.unit))
    return [
        (row, Person(row.id or 0, row.name, row.login or "", tuple(grants.get(row.id or 0, []))))
        for row in rows
    ]


def set_grants(session: Session, row: PersonRow, grants: Iterable[Grant]) -> None:
    """Give a person exactly these roles. Raises PersonRefused; the last admin stays admin."""
    wanted = checked_grants(grants)
    _keep_an_admin(session, row, still_admin=any(g.role is Role.ADMIN for g in wanted))
    session.exec(delete(GrantRow).where(col(GrantRow.person_id) == row.id))
    for grant in wanted:
        session.add(
            GrantRow(person_id=row.id or 0, role=grant.role, folder=grant.folder, unit=grant.unit)
        )
    session.flush()


def checked_grants(grants: Iterable[Grant]) -> list[Grant]:
    """Return grants that make sense, each once. Raises PersonRefused."""
    wanted = sorted(set(grants), key=repr)
    for grant in wanted:
        if reason := refusal_of(grant):
            raise PersonRefused(reason)
    if not wanted or len(wanted) > MAX_GRANTS:
        raise PersonRefused(_("Xin chọn ít nhất một việc để giao."))
    return wanted


def disable(session: Session, row: PersonRow) -> None:
    """Keep a person out, on every device, at once. Raises PersonRefused for the last admin."""
    _keep_an_admin(session, row, still_admin=False)
    row.disabled = True
    session.add(row)
    end_all(session, row.id or 0)
    session.exec(delete(InvitationRow).where(col(InvitationRow.person_id) == row.id))


def enable(session: Session, row: PersonRow) -> None:
    row.disabled = False
    session.add(row)


def admins(session: Session) -> int:
    """Return how many admins can sign in."""
    query = (
        select(func.count(func.distinct(PersonRow.id)))
        .where(GrantRow.person_id == PersonRow.id, GrantRow.role == Role.ADMIN)
        .where(col(PersonRow.disabled).is_(False), col(PersonRow.login).is_not(None))
    )
    return session.exec(query).one()


def is_first_start(session: Session) -> bool:
    """Tell whether nobody can sign in and nobody is invited: there is no default account."""
    waiting = select(InvitationRow).where(col(InvitationRow.expires_at) > utc_now()).limit(1)
    return not admins(session) and session.exec(waiting).first() is None


def _keep_an_admin(session: Session, row: PersonRow, *, still_admin: bool) -> None:
    person = person_of(session, row)
    is_admin = any(grant.role is Role.ADMIN for grant in person.grants) and not row.disabled
    if is_admin and not still_admin and admins(session) <= 1:
        raise PersonRefused(
            _("Đây là người quản trị cuối cùng. Giao việc quản trị cho người khác trước đã.")
        )
