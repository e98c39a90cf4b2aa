"""Passphrases: hashed with Argon2id, two at a time; the same work if there is no account."""

import secrets
import unicodedata
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from content_server.accounts.names import login_of
from content_server.errors import DatabaseBusy, PersonRefused
from content_server.phrases import _

MIN_LENGTH, MAX_LENGTH = 12, 128  # ASVS 5.0.0, 6.2.1 and 6.2.9: length, no rules of composition
MIN_DIFFERENT_LETTERS = 5
SUGGESTED_WORDS = 5  # of about 250: 40 bits, behind a delay per account
AT_ONCE, WAIT_S = 2, 10.0  # research: trust §5; more at once makes signing in a way to stop us

# OWASP: Argon2id with 19 MiB, t=2, p=1.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_turns = BoundedSemaphore(AT_ONCE)
HERE = Path(__file__).parent


def hash_passphrase(passphrase: str) -> str:
    """Return the Argon2id hash to store. Raises DatabaseBusy when too many wait."""
    with _Turn():
        return _hasher.hash(_normal(passphrase))


def is_passphrase(stored: str | None, passphrase: str) -> bool:
    """Tell whether `passphrase` is the one; without a stored hash the same work is done for no."""
    with _Turn():
        try:
            _hasher.verify(stored or _nobodys_hash(), _normal(passphrase[: MAX_LENGTH * 4]))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def check_passphrase(passphrase: str, name: str = "") -> None:
    """Raise PersonRefused unless the passphrase is long and not easily guessed."""
    phrase = _normal(passphrase)
    if len(phrase) < MIN_LENGTH:
        raise PersonRefused(
            _(
                "Câu mật khẩu cần ít nhất {least} chữ. Bốn, năm tiếng dễ nhớ là đủ.",
                least=MIN_LENGTH,
            )
        )
    if len(phrase) > MAX_LENGTH:
        raise PersonRefused(_("Câu mật khẩu dài quá {most} chữ.", most=MAX_LENGTH))
    folded = login_of_long(phrase)
    is_name = bool(name) and folded.replace(login_of(name), "") == ""
    if is_name or len(set(phrase.casefold())) < MIN_DIFFERENT_LETTERS or folded in _well_known():
        raise PersonRefused(_("Câu mật khẩu này dễ đoán. Xin chọn câu khác, hoặc dùng câu gợi ý."))


def suggested_passphrase() -> str:
    """Return words one can say and type without marks: "suoi lua nuong ban mua"."""
    return " ".join(secrets.choice(_words()) for _each in range(SUGGESTED_WORDS))


def login_of_long(phrase: str) -> str:
    """Fold a whole passphrase, to compare it with those everybody knows."""
    plain = unicodedata.normalize("NFD", phrase.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


def _normal(passphrase: str) -> str:
    """Two keyboards may write one letter differently; blanks at the ends come from pasting."""
    return unicodedata.normalize("NFC", passphrase).strip()


class _Turn:
    """Waits for one of the few places to hash at."""

    def __enter__(self) -> None:
        if not _turns.acquire(timeout=WAIT_S):
            raise DatabaseBusy(_("Nhiều người đang vào cùng lúc. Xin thử lại sau một phút."))

    def __exit__(self, *_error: object) -> None:
        _turns.release()


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_hex())


@cache
def _words() -> tuple[str, ...]:
    return tuple((HERE / "words.txt").read_text("utf-8").split())


@cache
def _well_known() -> frozenset[str]:
    return frozenset((HERE / "well_known.txt").read_text("utf-8").split())
