"""Roles and what each may do: pure, one table, one question (`may`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from content_server.errors import NotAllowed
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _


class Role(StrEnum):
    """What a person was asked to do here (research: editors-and-trainers §1.4)."""

    SPEAKER = "speaker"
    TRANSLATOR = "translator"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    TRAINER = "trainer"
    ADMIN = "admin"


class Act(StrEnum):
    """One thing that can be done. A route names the act it needs."""

    KEEP_OWN = "keep_own"  # one's own sessions, passphrase, data: everybody who is signed in
    SEE_WORK = "see_work"  # the language matrix, lessons as they stand, drafts included
    COMMENT = "comment"
    RECORD = "record"  # a voice in one language
    TELL_BACK = "tell_back"  # say in Vietnamese what was heard
    TRANSLATE = "translate"  # words in one language
    WRITE = "write"  # the Vietnamese edition: steps, screens, pictures, clips
    SUBMIT = "submit"  # hand in for review
    REVIEW = "review"  # approve, or return with a note
    PUBLISH = "publish"  # show, roll back, take away
    MOVE_LESSONS = "move_lessons"  # bundles and tables, in and out
    TEACH = "teach"  # present, hand on, export packs
    MAKE_LINKS = "make_links"
    SEE_COUNTS = "see_counts"
    KEEP_REGISTERS = "keep_registers"  # languages, helplines, topics, units
    KEEP_PEOPLE = "keep_people"
    SEE_LOG = "see_log"
    KEEP_HOUSE = "keep_house"  # jobs, budgets, backups, boxes


SHARED = frozenset({Act.KEEP_OWN})
ROOM = SHARED | {Act.SEE_WORK, Act.COMMENT}
TEACHING = frozenset({Act.TEACH, Act.MAKE_LINKS, Act.SEE_COUNTS})

ACTS: Mapping[Role, frozenset[Act]] = {
    Role.SPEAKER: ROOM | {Act.RECORD, Act.TELL_BACK},
    Role.TRANSLATOR: ROOM | {Act.RECORD, Act.TELL_BACK, Act.TRANSLATE, Act.SUBMIT},
    Role.AUTHOR: ROOM | {Act.WRITE, Act.RECORD, Act.TRANSLATE, Act.SUBMIT, Act.MOVE_LESSONS},
    Role.REVIEWER: ROOM | {Act.REVIEW, Act.PUBLISH, Act.SEE_COUNTS},
    Role.TRAINER: SHARED | TEACHING,
    Role.ADMIN: frozenset(Act),
}
NEEDS_LANGUAGE = frozenset({Role.SPEAKER, Role.TRANSLATOR})
NEVER_IN_A_UNIT = frozenset({Role.ADMIN})


@dataclass(frozen=True, order=True)
class Grant:
    """One role, in one language or all (`folder` None), in one unit and below, or everywhere.

    An author's language is always Vietnamese: the source edition.
    """

    role: Role
    folder: str | None = None
    unit: str | None = None  # lai-chau/muong-kim: a path, so that a commune holds its villages

    def allows(self, act: Act, folder: str | None = None, unit: str | None = None) -> bool:
        """Tell whether this grant lets one do `act`; a place not named matches any."""
        own = SOURCE_FOLDER if self.role is Role.AUTHOR else self.folder
        return (
            act in ACTS[self.role]
            and (folder is None or own is None or own == folder)
            and (unit is None or self.unit is None or is_within(unit, self.unit))
        )


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, as every room sees them."""

    id: int
    name: str
    login: str
    grants: tuple[Grant, ...]
    tag: str = "vi"  # the language this person reads the rooms in: vi or en
    session_id: int = 0

    def may(self, act: Act, folder: str | None = None, unit: str | None = None) -> bool:
        return may(self, act, folder, unit)

    def must(self, act: Act, folder: str | None = None, unit: str | None = None) -> None:
        """Raise NotAllowed unless this person may do `act` there."""
        if not may(self, act, folder, unit):
            raise NotAllowed(
                _("Việc này bác chưa được giao. Cần thì nhờ người quản trị giao thêm.")
            )

    def folders(self, act: Act) -> frozenset[str] | None:
        """Return the languages this person may do `act` in; None means all."""
        grants = [grant for grant in self.grants if act in ACTS[grant.role]]
        own = {SOURCE_FOLDER if g.role is Role.AUTHOR else g.folder for g in grants}
        return None if None in own else frozenset(f for f in own if f)


def may(person: Person, act: Act, folder: str | None = None, unit: str | None = None) -> bool:
    """Tell whether `person` may do `act` to that language and that unit; no grant, no right."""
    return any(grant.allows(act, folder, unit) for grant in person.grants)


def is_within(unit: str, whole: str) -> bool:
    """Tell whether `unit` is `whole` or lies in it."""
    return unit == whole or unit.startswith(whole + "/")


def refusal_of(grant: Grant) -> Phrase | None:
    """Return why a grant makes no sense, or None."""
    if grant.role in NEEDS_LANGUAGE and grant.folder is None:
        return _("Người đọc và người dịch cần chọn một thứ tiếng.")
    if grant.role in NEVER_IN_A_UNIT and (grant.unit or grant.folder):
        return _("Người quản trị lo cả tỉnh, không chọn thứ tiếng hay xã.")
    return None


def role_name(role: Role) -> Phrase:
    """Return what people call a role."""
    return {
        Role.SPEAKER: _("Người đọc"),
        Role.TRANSLATOR: _("Người dịch"),
        Role.AUTHOR: _("Người soạn"),
        Role.REVIEWER: _("Người duyệt"),
        Role.TRAINER: _("Người tập huấn"),
        Role.ADMIN: _("Người quản trị"),
    }[role]
