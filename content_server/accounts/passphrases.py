"""Passphrases: Argon2id hashes, at most two computed at once, in equal time for any login."""

import secrets
import unicodedata
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from content_server.accounts.names import normalize_login
from content_server.errors import DatabaseBusy, InvalidAccount
from content_server.phrases import _

MIN_LENGTH, MAX_LENGTH = 12, 128  # ASVS 5.0.0, 6.2.1 and 6.2.9: length, no rules of composition
MIN_DISTINCT_LETTERS = 5
SUGGESTED_WORDS = 5  # from about 250 words: 40 bits, with throttled attempts
MAX_CONCURRENT_HASHES, HASHING_WAIT_S = 2, 10.0  # docs/research/trust.md#password-hashing

# OWASP: Argon2id with 19 MiB, t=2, p=1.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_hashing_slots = BoundedSemaphore(MAX_CONCURRENT_HASHES)
DATA_DIR = Path(__file__).parent


def hash_passphrase(passphrase: str) -> str:
    """Return the Argon2id hash to store. Raises DatabaseBusy when too many wait."""
    with _HashingSlot():
        return _hasher.hash(_normalize(passphrase))


def verify_passphrase(stored: str | None, passphrase: str) -> bool:
    """Tell whether `passphrase` matches; without a stored hash, spend the same time and say no."""
    with _HashingSlot():
        try:
            _hasher.verify(stored or _dummy_hash(), _normalize(passphrase[: MAX_LENGTH * 4]))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def require_strong_passphrase(passphrase: str, name: str = "") -> None:
    """Raise InvalidAccount for a passphrase that is short, too long, common or the login."""
    phrase = _normalize(passphrase)
    if len(phrase) < MIN_LENGTH:
        raise InvalidAccount(
            _(
                "Câu mật khẩu cần ít nhất {least} chữ. Bốn, năm tiếng dễ nhớ là đủ.",
                least=MIN_LENGTH,
            )
        )
    if len(phrase) > MAX_LENGTH:
        raise InvalidAccount(_("Câu mật khẩu dài quá {most} chữ.", most=MAX_LENGTH))
    folded = fold_passphrase(phrase)
    is_name = bool(name) and folded.replace(normalize_login(name), "") == ""
    if (
        is_name
        or len(set(phrase.casefold())) < MIN_DISTINCT_LETTERS
        or folded in _common_passphrases()
    ):
        raise InvalidAccount(_("Câu mật khẩu này dễ đoán. Xin chọn câu khác, hoặc dùng câu gợi ý."))


def suggest_passphrase() -> str:
    """Return five random words, typed without diacritics: "suoi lua nuong ban mua"."""
    return " ".join(secrets.choice(_suggestion_words()) for _each in range(SUGGESTED_WORDS))


def fold_passphrase(phrase: str) -> str:
    """Reduce a passphrase to ASCII letters and digits, to compare it with the common ones."""
    plain = unicodedata.normalize("NFD", phrase.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


def _normalize(passphrase: str) -> str:
    """Normalize to NFC (keyboards differ) and strip blanks at the ends (from pasting)."""
    return unicodedata.normalize("NFC", passphrase).strip()


class _HashingSlot:
    """Context manager: wait for one of MAX_CONCURRENT_HASHES slots. Raises DatabaseBusy."""

    def __enter__(self) -> None:
        if not _hashing_slots.acquire(timeout=HASHING_WAIT_S):
            raise DatabaseBusy(_("Nhiều người đang vào cùng lúc. Xin thử lại sau một phút."))

    def __exit__(self, *_error: object) -> None:
        _hashing_slots.release()


@cache
def _dummy_hash() -> str:
    return _hasher.hash(secrets.token_hex())


@cache
def _suggestion_words() -> tuple[str, ...]:
    return tuple((DATA_DIR / "suggestion_words.txt").read_text("utf-8").split())


@cache
def _common_passphrases() -> frozenset[str]:
    return frozenset((DATA_DIR / "common_passphrases.txt").read_text("utf-8").split())
