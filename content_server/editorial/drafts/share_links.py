"""Share links: links that show a draft to people without an account for a few days."""

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlmodel import Session, col, delete, select

from content_server.db import utc_now
from content_server.editorial.edits import clean_value
from content_server.editorial.tables import ShareLinkRow
from content_server.errors import ChangeRejected, LinkNotFound
from content_server.lessons.editions.tables import EditionRow
from content_server.phrases import _

TOKEN_BYTES = 16  # 128 bits, so that nobody can guess the address of unpublished work
LIFETIMES_DAYS = (1, 7, 30)  # lifetimes an editor may choose
MAX_LINKS = 20  # of one edition at once


def create_share_link(
    session: Session, edition: EditionRow, days: int, recipient: str, actor_id: int
) -> tuple[str, ShareLinkRow]:
    """Create a link; return its token, which is not stored, and the row. Raises ChangeRejected."""
    if days not in LIFETIMES_DAYS:
        raise ChangeRejected(_("Chọn cho xem một ngày, bảy ngày hoặc ba mươi ngày."))
    if len(share_links_of(session, edition)) >= MAX_LINKS:
        raise ChangeRejected(_("Bài này đã có nhiều đường xem thử quá. Rút bớt rồi tạo thêm."))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = ShareLinkRow(
        edition_id=edition.id or 0,
        token_hash=_hash_token(token),
        recipient=str(clean_value(recipient))[:80],
        actor_id=actor_id,
        expires_at=utc_now() + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    return token, row


def find_shared_edition(session: Session, token: str) -> EditionRow:
    """Return the edition of a token. Raises LinkNotFound alike for expired and unknown tokens."""
    query = select(ShareLinkRow).where(ShareLinkRow.token_hash == _hash_token(token))
    row = session.exec(query).first()
    edition = session.get(EditionRow, row.edition_id) if row else None
    if row is None or edition is None or utc_now() >= row.expires_at:
        raise LinkNotFound(
            _("Đường xem thử này đã hết hạn hoặc đã được rút lại. Xin người gửi cho đường mới.")
        )
    return edition


def share_links_of(session: Session, edition: EditionRow) -> list[ShareLinkRow]:
    """Return the unexpired links of an edition, newest first."""
    query = select(ShareLinkRow).where(
        ShareLinkRow.edition_id == edition.id, ShareLinkRow.expires_at > utc_now()
    )
    return list(session.exec(query.order_by(col(ShareLinkRow.id).desc())))


def revoke_share_link(session: Session, edition: EditionRow, link_id: int) -> None:
    """Delete a link of the edition, and its expired links."""
    of_edition = col(ShareLinkRow.edition_id) == edition.id
    expired = col(ShareLinkRow.expires_at) <= utc_now()
    session.exec(
        delete(ShareLinkRow).where(of_edition, (col(ShareLinkRow.id) == link_id) | expired)
    )


def _hash_token(token: str) -> str:
    return sha256(token.encode()).hexdigest()
