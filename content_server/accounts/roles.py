"""Roles, permissions, and `may`: whether a person has a permission in a language or unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from content_server.errors import NotAllowed
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _


class Role(StrEnum):
    """The role of a person (docs/research/editors.md#roles)."""

    SPEAKER = "speaker"
    TRANSLATOR = "translator"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    TRAINER = "trainer"
    ADMIN = "admin"


class Permission(StrEnum):
    """A permission. Each route names the one it needs."""

    MANAGE_OWN_ACCOUNT = (
        "manage_own_account"  # own sessions, passphrase, data: every signed-in person
    )
    VIEW_LESSONS = "view_lessons"  # the language matrix and all drafts
    COMMENT = "comment"
    RECORD = "record"  # voices in one language
    BACK_TRANSLATE = "back_translate"  # write or record in Vietnamese what a translation says
    TRANSLATE = "translate"  # texts in one language
    WRITE = "write"  # the Vietnamese edition: steps, screens, pictures, clips
    SUBMIT = "submit"  # submit a draft for review
    REVIEW = "review"  # approve a draft or return it
    PUBLISH = "publish"  # publish, roll back, withdraw
    EXCHANGE_LESSONS = "exchange_lessons"  # import and export lesson archives and text tables
    TEACH = "teach"  # present lessons, export packs
    MANAGE_VILLAGE_LINKS = "manage_village_links"
    VIEW_COUNTS = "view_counts"
    EDIT_REGISTRIES = "edit_registries"  # languages, helplines, topics, units
    MANAGE_ACCOUNTS = "manage_accounts"
    VIEW_AUDIT_LOG = "view_audit_log"
    OPERATE_SERVER = "operate_server"  # jobs, budgets, backups, boxes


EVERYONE = frozenset({Permission.MANAGE_OWN_ACCOUNT})
EDITORS = EVERYONE | {Permission.VIEW_LESSONS, Permission.COMMENT}
TEACHING = frozenset({Permission.TEACH, Permission.MANAGE_VILLAGE_LINKS, Permission.VIEW_COUNTS})

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.SPEAKER: EDITORS | {Permission.RECORD, Permission.BACK_TRANSLATE},
    Role.TRANSLATOR: EDITORS
    | {Permission.RECORD, Permission.BACK_TRANSLATE, Permission.TRANSLATE, Permission.SUBMIT},
    Role.AUTHOR: EDITORS
    | {
        Permission.WRITE,
        Permission.RECORD,
        Permission.TRANSLATE,
        Permission.SUBMIT,
        Permission.EXCHANGE_LESSONS,
    },
    Role.REVIEWER: EDITORS | {Permission.REVIEW, Permission.PUBLISH, Permission.VIEW_COUNTS},
    Role.TRAINER: EVERYONE | TEACHING,
    Role.ADMIN: frozenset(Permission),
}
LANGUAGE_ROLES = frozenset({Role.SPEAKER, Role.TRANSLATOR})
SERVER_WIDE_ROLES = frozenset({Role.ADMIN})


@dataclass(frozen=True, order=True)
class Grant:
    """One role in one language (`folder`; None: all) and in one unit and below (None: everywhere).

    The language of an author is always Vietnamese, the source edition.
    """

    role: Role
    folder: str | None = None
    unit: str | None = None  # lai-chau/muong-kim: a path, so that a commune holds its villages

    def allows(
        self, permission: Permission, folder: str | None = None, unit: str | None = None
    ) -> bool:
        """Tell whether this grant includes `permission` there; None matches any place."""
        own = SOURCE_FOLDER if self.role is Role.AUTHOR else self.folder
        return (
            permission in PERMISSIONS[self.role]
            and (folder is None or own is None or own == folder)
            and (unit is None or self.unit is None or is_within(unit, self.unit))
        )


@dataclass(frozen=True)
class Person:
    """A signed-in person with their grants."""

    id: int
    name: str
    login: str
    grants: tuple[Grant, ...]
    locale_tag: str = "vi"  # the language of the interface: vi or en
    session_id: int = 0

    def may(
        self, permission: Permission, folder: str | None = None, unit: str | None = None
    ) -> bool:
        return may(self, permission, folder, unit)

    def require(
        self, permission: Permission, folder: str | None = None, unit: str | None = None
    ) -> None:
        """Raise NotAllowed unless this person has `permission` there."""
        if not may(self, permission, folder, unit):
            raise NotAllowed(
                _("Việc này bác chưa được giao. Cần thì nhờ người quản trị giao thêm.")
            )

    def folders_with(self, act: Permission) -> frozenset[str] | None:
        """Return the languages in which this person has a permission; None means all."""
        grants = [grant for grant in self.grants if act in PERMISSIONS[grant.role]]
        own = {SOURCE_FOLDER if g.role is Role.AUTHOR else g.folder for g in grants}
        return None if None in own else frozenset(f for f in own if f)


def may(
    person: Person, permission: Permission, folder: str | None = None, unit: str | None = None
) -> bool:
    """Tell whether one of the person's grants includes `permission` there."""
    return any(grant.allows(permission, folder, unit) for grant in person.grants)


def is_within(unit: str, parent: str) -> bool:
    """Tell whether `unit` is `parent` or lies within it."""
    return unit == parent or unit.startswith(parent + "/")


def invalid_grant_reason(grant: Grant) -> Phrase | None:
    """Return why a grant is invalid, or None."""
    if grant.role in LANGUAGE_ROLES and grant.folder is None:
        return _("Người đọc và người dịch cần chọn một thứ tiếng.")
    if grant.role in SERVER_WIDE_ROLES and (grant.unit or grant.folder):
        return _("Người quản trị lo cả tỉnh, không chọn thứ tiếng hay xã.")
    return None


def role_name(role: Role) -> Phrase:
    """Return the name of a role for people."""
    return {
        Role.SPEAKER: _("Người đọc"),
        Role.TRANSLATOR: _("Người dịch"),
        Role.AUTHOR: _("Người soạn"),
        Role.REVIEWER: _("Người duyệt"),
        Role.TRAINER: _("Người tập huấn"),
        Role.ADMIN: _("Người quản trị"),
    }[role]
