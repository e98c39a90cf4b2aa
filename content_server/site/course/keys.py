"""Keys: who made a course pack (Ed25519), shown as thirteen groups of four letters.

The private key is a file only its owner reads, `keys/course.pem` in the data folder; it is never
in the database, in a log or in a pack. A new key is vouched for by the old one (a handover), so
boxes that trust the old key follow by themselves (research: trust §2, tampered offline pack).
"""

import os
import re
from base64 import b32decode, b32encode
from collections.abc import Iterable
from pathlib import Path
from typing import NewType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, TypeAdapter

from content_server.errors import KeyRefused
from content_server.phrases import _

PublicKey = NewType("PublicKey", str)  # 'abcd-efgh-…': base32, small letters, groups of four

SIGNATURE_BYTES = 64
KEY_LETTERS = 52  # 32 bytes in base32
OTHERS_MAY = 0o077
HANDOVER = b"content-server key handover 1\n"


class Handover(BaseModel):
    """The old key's word that `new` follows it; `signature` in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    old: str
    new: str
    signature: str


_HANDOVERS = TypeAdapter(tuple[Handover, ...])


class SigningKey:
    """The private key of this server. Its text form never says more than the public half."""

    def __init__(self, private: Ed25519PrivateKey, handovers: tuple[Handover, ...] = ()) -> None:
        self._private = private
        self.handovers = handovers

    @property
    def public(self) -> PublicKey:
        return _shown(self._private.public_key())

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.public})"


def make_key(data_dir: Path) -> SigningKey:
    """Make the first key of this server. Raises KeyRefused when there is one."""
    path = _path(data_dir)
    if path.exists():
        raise KeyRefused(
            _("Máy này đã có khóa ký. Muốn thay khóa, hãy chạy: content-server pack key --renew")
        )
    private = Ed25519PrivateKey.generate()
    _write_secret(path, _pem(private))
    return SigningKey(private)


def renew_key(data_dir: Path) -> SigningKey:
    """Put a new key in the old one's place; the old one signs that. Raises KeyRefused."""
    old = read_key(data_dir)
    private = Ed25519PrivateKey.generate()
    new = _shown(private.public_key())
    signature = old.sign(_handover_message(old.public, new)).hex()
    handovers = (*old.handovers, Handover(old=old.public, new=new, signature=signature))
    # The word before the key: a crash in between leaves the old key, and a word nobody needs.
    _write_secret(_handovers_path(data_dir), _HANDOVERS.dump_json(handovers))
    _write_secret(_path(data_dir), _pem(private))
    return SigningKey(private, handovers)


def read_key(data_dir: Path) -> SigningKey:
    """Read this server's key. Raises KeyRefused: none, not a key, or open for others to read."""
    path = _path(data_dir)
    try:
        mode = path.stat().st_mode
        pem = path.read_bytes()
    except OSError as error:
        raise KeyRefused(
            _("Máy này chưa có khóa ký gói. Hãy tạo một lần: content-server pack key")
        ) from error
    if os.name == "posix" and mode & OTHERS_MAY:
        raise KeyRefused(
            _("Người khác đọc được tệp khóa {path}. Hãy chạy: chmod 600 {path}", path=path)
        )
    return SigningKey(_private_of(pem, path), _read_handovers(data_dir))


def is_signed(message: bytes, signature: bytes, public: str) -> bool:
    """Tell whether the holder of `public` signed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(_bytes_of(public)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def follows(trusted: str, key: str, handovers: Iterable[Handover]) -> bool:
    """Tell whether `key` is `trusted`, or was handed over to by it, hand by hand."""
    for handover in handovers:
        message = _handover_message(handover.old, handover.new)
        if handover.old == trusted and is_signed(message, _hex(handover.signature), trusted):
            trusted = handover.new
    return trusted == key


def read_public(text: str) -> PublicKey:
    """Understand a public key however it was copied: capitals, spaces. Raises KeyRefused."""
    letters = re.sub(r"[\s-]", "", text).lower()
    shown = PublicKey("-".join(letters[at : at + 4] for at in range(0, len(letters), 4)))
    try:
        known = _shown(Ed25519PublicKey.from_public_bytes(_bytes_of(shown)))
    except ValueError as error:
        raise KeyRefused(
            _("Khóa chép chưa đúng: phải đủ 13 nhóm, mỗi nhóm 4 chữ. Hãy chép lại từ máy chủ.")
        ) from error
    return known


def _shown(public: Ed25519PublicKey) -> PublicKey:
    letters = b32encode(public.public_bytes_raw()).decode().rstrip("=").lower()
    return PublicKey("-".join(letters[at : at + 4] for at in range(0, len(letters), 4)))


def _bytes_of(public: str) -> bytes:
    letters = public.replace("-", "")
    if len(letters) != KEY_LETTERS:
        raise ValueError(public)
    return b32decode(letters.upper() + "====")


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _handover_message(old: str, new: str) -> bytes:
    return HANDOVER + f"{old}\n{new}\n".encode()


def _path(data_dir: Path) -> Path:
    return data_dir / "keys" / "course.pem"


def _handovers_path(data_dir: Path) -> Path:
    return data_dir / "keys" / "handovers.json"


def _pem(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _private_of(pem: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise _broken(path) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _broken(path)
    return private


def _broken(path: Path) -> KeyRefused:
    return KeyRefused(_("Tệp khóa {path} bị hỏng. Hãy chép lại từ bản sao lưu.", path=path))


def _read_handovers(data_dir: Path) -> tuple[Handover, ...]:
    path = _handovers_path(data_dir)
    if not path.is_file():
        return ()
    try:
        return _HANDOVERS.validate_json(path.read_bytes())
    except ValueError as error:
        raise _broken(path) from error


def _write_secret(path: Path, data: bytes) -> None:
    """Write a file only its owner reads: never open to others, never half-written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
