"""Village links: one open link per place, shared by all trainers; codes are never reused."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.errors import CodeTaken, InvalidVillageLink, LinkNotFound, VillageTaken
from content_server.phrases import Phrase, _
from content_server.reach.link_codes import generate_code, is_code
from content_server.reach.tables import NAME_LENGTH, UNIT_LENGTH, LinkKind, VillageLinkRow

KIND_WORDS: dict[LinkKind, Phrase] = {
    LinkKind.VILLAGE: _("bản"),
    LinkKind.MARKET: _("chợ"),
    LinkKind.CLASS: _("lớp"),
}


@dataclass(frozen=True)
class NewVillageLink:
    """A link to create. An empty `code` is generated."""

    name: str
    unit: str
    kind: LinkKind = LinkKind.VILLAGE
    code: str = ""
    created_by: int | None = None  # a person's id


def create_link(session: Session, new_link: NewVillageLink) -> VillageLinkRow:
    """Insert a link and return it.

    Raises InvalidVillageLink for invalid words, VillageTaken when the place has an open link,
    CodeTaken when another place has the code; the last two carry the existing code.
    """
    name, unit = _normalize(new_link.name), _normalize(new_link.unit)
    code = new_link.code.strip().casefold()
    _require_valid_words(name, unit, code)
    key = place_key(new_link.kind, name, unit)
    if existing := session.exec(select(VillageLinkRow).where(VillageLinkRow.key == key)).first():
        raise VillageTaken(_place_taken_phrase(existing), existing.code)
    if code and (existing := session.get(VillageLinkRow, code)):
        raise CodeTaken(_code_taken_phrase(existing, unused_code(session)), existing.code)
    link = VillageLinkRow(
        code=code or unused_code(session),
        name=name,
        kind=new_link.kind,
        unit=unit,
        key=key,
        created_by=new_link.created_by,
    )
    try:
        with session.begin_nested():
            session.add(link)
    except IntegrityError:  # another process inserted one meanwhile: find it
        return create_link(session, new_link)
    return link


def unused_code(session: Session) -> str:
    """Return a random code that no link has or had."""
    while session.get(VillageLinkRow, code := generate_code()):
        pass
    return code


def find_link(session: Session, code: str) -> VillageLinkRow:
    """Return a link, open or closed. Raises LinkNotFound."""
    link = session.get(VillageLinkRow, code) if is_code(code) else None
    if link is None:
        raise LinkNotFound(
            _("Không có mã bản nào là {code}. Xem lại các mã ở trang Bản và mã.", code=code[:10])
        )
    return link


def list_links(session: Session, *, closed: bool = False) -> list[VillageLinkRow]:
    """Return the open links (or all) sorted by unit and name, without diacritics."""
    query = select(VillageLinkRow)
    if not closed:
        query = query.where(col(VillageLinkRow.closed_at).is_(None))
    return sorted(
        session.exec(query),
        key=lambda link: (fold_diacritics(link.unit), fold_diacritics(link.name)),
    )


def close_link(session: Session, code: str) -> VillageLinkRow:
    """Close a link: its address still opens lessons, but no longer counts for it.

    The place may get a new link; the code is not reused.
    """
    link = find_link(session, code)
    if link.closed_at is None:
        link.closed_at = utc_now()
        link.key = f"{link.key}#{link.code}"
        session.add(link)
    return link


def place_key(kind: LinkKind, name: str, unit: str) -> str:
    """Return the key of a place: equal for spellings with and without diacritics."""
    words = fold_diacritics(name).removeprefix(f"{fold_diacritics(str(KIND_WORDS[kind]))} ")
    return f"{kind}:{fold_diacritics(unit)[:UNIT_LENGTH]}:{words[:NAME_LENGTH]}"


def fold_diacritics(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def parse_link_kind(name: str) -> LinkKind:
    """Return the LinkKind of a name. Raises InvalidVillageLink."""
    try:
        return LinkKind(name)
    except ValueError:
        raise InvalidVillageLink(_("Chọn một trong ba: bản, chợ, lớp.")) from None


def place_name(link: VillageLinkRow) -> str:
    """Return the name with its kind: "bản Nà Phát", also when the kind was typed."""
    kind = str(KIND_WORDS[link.kind])
    return (
        link.name
        if fold_diacritics(link.name).startswith(f"{fold_diacritics(kind)} ")
        else f"{kind} {link.name}"
    )


def _normalize(text: str) -> str:
    characters = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(unicodedata.normalize("NFC", "".join(characters)).split())


def _require_valid_words(name: str, unit: str, code: str) -> None:
    if not fold_diacritics(name).strip() or len(name) > NAME_LENGTH:
        raise InvalidVillageLink(
            _("Tên bản cần từ 1 đến {most} chữ cái. Ví dụ: Nà Phát.", most=NAME_LENGTH)
        )
    if not fold_diacritics(unit).strip() or len(unit) > UNIT_LENGTH:
        raise InvalidVillageLink(
            _("Tên xã cần từ 1 đến {most} chữ cái. Ví dụ: xã Mường Kim.", most=UNIT_LENGTH)
        )
    if code and not is_code(code):
        raise InvalidVillageLink(
            _(
                "Mã {code} không dùng được: mã có 3 hoặc 4 chữ thường không dấu hay số, trừ"
                " 0, 1, i, l, o vì dễ nhầm. Để trống thì máy tự đặt.",
                code=code[:10],
            )
        )


def _place_taken_phrase(existing: VillageLinkRow) -> Phrase:
    return _(
        "{place}, {unit} đã có mã {code}, làm ngày {day}. Xin dùng chung mã ấy để số đếm ở một"
        " chỗ.",
        place=place_name(existing),
        unit=existing.unit,
        code=existing.code,
        day=f"{existing.created_at:%d/%m/%Y}",
    )


def _code_taken_phrase(existing: VillageLinkRow, free: str) -> Phrase:
    return _(
        "Mã {code} đang là của {place}, {unit}. Xin chọn mã khác, ví dụ {free}.",
        code=existing.code,
        place=place_name(existing),
        unit=existing.unit,
        free=free,
    )
