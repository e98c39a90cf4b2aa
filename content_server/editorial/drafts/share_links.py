"""Guests: a link by which somebody without an account sees a draft, for a few days, no longer."""

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlmodel import Session, col, delete, select

from content_server.db import utc_now
from content_server.editorial.edits import clean
from content_server.editorial.tables import ShareLinkRow
from content_server.errors import ChangeRefused, LinkNotFound
from content_server.lessons.editions.tables import EditionRow
from content_server.phrases import _

TOKEN_BYTES = 16  # 128 bits: unpublished things have addresses nobody guesses (trust §2)
DAYS = (1, 7, 30)  # how long a link may live
MOST_LINKS = 20  # of one edition at once


def let_in(
    session: Session, edition: EditionRow, days: int, whom: str, by_id: int
) -> tuple[str, ShareLinkRow]:
    """Make a link; return its token, shown once, and the row. Raises ChangeRefused."""
    if days not in DAYS:
        raise ChangeRefused(_("Chọn cho xem một ngày, bảy ngày hoặc ba mươi ngày."))
    if len(guests_of(session, edition)) >= MOST_LINKS:
        raise ChangeRefused(_("Bài này đã có nhiều đường xem thử quá. Rút bớt rồi tạo thêm."))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = ShareLinkRow(
        edition_id=edition.id or 0,
        token_hash=_hashed(token),
        whom=str(clean(whom))[:80],
        by_id=by_id,
        ends_at=utc_now() + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    return token, row


def edition_for(session: Session, token: str) -> EditionRow:
    """Return what a token shows. Raises LinkNotFound, the same for ended and never made."""
    query = select(ShareLinkRow).where(ShareLinkRow.token_hash == _hashed(token))
    row = session.exec(query).first()
    edition = session.get(EditionRow, row.edition_id) if row else None
    if row is None or edition is None or utc_now() >= row.ends_at:
        raise LinkNotFound(
            _("Đường xem thử này đã hết hạn hoặc đã được rút lại. Xin người gửi cho đường mới.")
        )
    return edition


def guests_of(session: Session, edition: EditionRow) -> list[ShareLinkRow]:
    """Return the living links of an edition, newest first."""
    query = select(ShareLinkRow).where(
        ShareLinkRow.edition_id == edition.id, ShareLinkRow.ends_at > utc_now()
    )
    return list(session.exec(query.order_by(col(ShareLinkRow.id).desc())))


def turn_away(session: Session, edition: EditionRow, guest_id: int) -> None:
    """Withdraw a link, and forget those that have ended."""
    mine = col(ShareLinkRow.edition_id) == edition.id
    ended = col(ShareLinkRow.ends_at) <= utc_now()
    session.exec(delete(ShareLinkRow).where(mine, (col(ShareLinkRow.id) == guest_id) | ended))


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
