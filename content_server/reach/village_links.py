"""Links of villages: made once, shared by every trainer who comes there, never given to another."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.errors import CodeTaken, LinkNotFound, LinkRefused, VillageTaken
from content_server.phrases import Phrase, _
from content_server.reach.link_codes import draw_code, is_code
from content_server.reach.tables import NAME_LENGTH, UNIT_LENGTH, LinkKind, VillageLink

KINDS: dict[LinkKind, Phrase] = {
    LinkKind.VILLAGE: _("bản"),
    LinkKind.MARKET: _("chợ"),
    LinkKind.CLASS: _("lớp"),
}


@dataclass(frozen=True)
class NewLink:
    """What a trainer asks for. An empty `code` means: draw one."""

    name: str
    unit: str
    kind: LinkKind = LinkKind.VILLAGE
    code: str = ""
    made_by: int | None = None  # a person's id


def make_link(session: Session, wanted: NewLink) -> VillageLink:
    """Write down a new link and return it.

    Raises LinkRefused for words that cannot be, VillageTaken when that place has an open link,
    CodeTaken when another place has the code; both with the code that is there.
    """
    name, unit = _plain(wanted.name), _plain(wanted.unit)
    code = wanted.code.strip().casefold()
    _check_words(name, unit, code)
    key = same_place(wanted.kind, name, unit)
    if there := session.exec(select(VillageLink).where(VillageLink.key == key)).first():
        raise VillageTaken(_place_taken(there), there.code)
    if code and (there := session.get(VillageLink, code)):
        raise CodeTaken(_code_taken(there, free_code(session)), there.code)
    link = VillageLink(
        code=code or free_code(session),
        name=name,
        kind=wanted.kind,
        unit=unit,
        key=key,
        made_by=wanted.made_by,
    )
    try:
        with session.begin_nested():
            session.add(link)
    except IntegrityError:  # another machine made one in this very moment: say which
        return make_link(session, wanted)
    return link


def free_code(session: Session) -> str:
    """Return a code nobody has had."""
    while session.get(VillageLink, code := draw_code()):
        pass
    return code


def find_link(session: Session, code: str) -> VillageLink:
    """Return a link, open or closed. Raises LinkNotFound."""
    link = session.get(VillageLink, code) if is_code(code) else None
    if link is None:
        raise LinkNotFound(
            _("Không có mã bản nào là {code}. Xem lại các mã ở trang Bản và mã.", code=code[:10])
        )
    return link


def links_of(session: Session, *, closed: bool = False) -> list[VillageLink]:
    """Return the open links, or all, by unit and name as a Vietnamese reader looks for them."""
    query = select(VillageLink)
    if not closed:
        query = query.where(col(VillageLink.closed_at).is_(None))
    return sorted(session.exec(query), key=lambda link: (fold(link.unit), fold(link.name)))


def close_link(session: Session, code: str) -> VillageLink:
    """Close a link: its posters go on opening lessons, but no longer count for it.

    The place may have a new link afterwards; the code is never given to another.
    """
    link = find_link(session, code)
    if link.closed_at is None:
        link.closed_at = utc_now()
        link.key = f"{link.key}#{link.code}"
        session.add(link)
    return link


def same_place(kind: LinkKind, name: str, unit: str) -> str:
    """Return what two links of one place have in common: typed with marks or without."""
    words = fold(name).removeprefix(f"{fold(str(KINDS[kind]))} ")
    return f"{kind}:{fold(unit)[:UNIT_LENGTH]}:{words[:NAME_LENGTH]}"


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def kind_called(name: str) -> LinkKind:
    """Return the kind of that name. Raises LinkRefused."""
    try:
        return LinkKind(name)
    except ValueError:
        raise LinkRefused(_("Chọn một trong ba: bản, chợ, lớp.")) from None


def called(link: VillageLink) -> str:
    """Return what a place is called: "bản Nà Phát", said once however it was typed."""
    kind = str(KINDS[link.kind])
    return link.name if fold(link.name).startswith(f"{fold(kind)} ") else f"{kind} {link.name}"


def _plain(text: str) -> str:
    kept = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _check_words(name: str, unit: str, code: str) -> None:
    if not fold(name).strip() or len(name) > NAME_LENGTH:
        raise LinkRefused(
            _("Tên bản cần từ 1 đến {most} chữ cái. Ví dụ: Nà Phát.", most=NAME_LENGTH)
        )
    if not fold(unit).strip() or len(unit) > UNIT_LENGTH:
        raise LinkRefused(
            _("Tên xã cần từ 1 đến {most} chữ cái. Ví dụ: xã Mường Kim.", most=UNIT_LENGTH)
        )
    if code and not is_code(code):
        raise LinkRefused(
            _(
                "Mã {code} không dùng được: mã có 3 hoặc 4 chữ thường không dấu hay số, trừ"
                " 0, 1, i, l, o vì dễ nhầm. Để trống thì máy tự đặt.",
                code=code[:10],
            )
        )


def _place_taken(there: VillageLink) -> Phrase:
    return _(
        "{place}, {unit} đã có mã {code}, làm ngày {day}. Xin dùng chung mã ấy để số đếm ở một"
        " chỗ.",
        place=called(there),
        unit=there.unit,
        code=there.code,
        day=f"{there.made_at:%d/%m/%Y}",
    )


def _code_taken(there: VillageLink, free: str) -> Phrase:
    return _(
        "Mã {code} đang là của {place}, {unit}. Xin chọn mã khác, ví dụ {free}.",
        code=there.code,
        place=called(there),
        unit=there.unit,
        free=free,
    )
