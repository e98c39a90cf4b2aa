"""Signing keys of course packs (Ed25519). A public key is written as 13 groups of 4 letters.

The private key is in `keys/course.pem` in the data folder, readable by its owner only, and never in
the database, a log or a pack. The old key signs a new one (a handover), so boxes that trust the
old key trust the new one too (docs/research/trust.md#tampered-packs).
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

from content_server.errors import InvalidSigningKey
from content_server.phrases import _

PublicKey = NewType("PublicKey", str)  # 'abcd-efgh-…': base32, small letters, groups of four

SIGNATURE_BYTES = 64
KEY_LETTERS = 52  # 32 bytes in base32
GROUP_AND_OTHERS_MODE = 0o077
HANDOVER_PREFIX = b"content-server key handover 1\n"


class Handover(BaseModel):
    """The statement, signed by key `old`, that `new` replaces it; `signature` in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    old: str
    new: str
    signature: str


_HANDOVERS = TypeAdapter(tuple[Handover, ...])


class SigningKey:
    """The private key of this server. Its repr shows the public key only."""

    def __init__(self, private: Ed25519PrivateKey, handovers: tuple[Handover, ...] = ()) -> None:
        self._private = private
        self.handovers = handovers

    @property
    def public(self) -> PublicKey:
        return _format_public_key(self._private.public_key())

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.public})"


def create_key(data_dir: Path) -> SigningKey:
    """Create the first key of this server. Raises InvalidSigningKey when there is one."""
    path = _key_path(data_dir)
    if path.exists():
        raise InvalidSigningKey(
            _("Máy này đã có khóa ký. Muốn thay khóa, hãy chạy: content-server pack key --renew")
        )
    private = Ed25519PrivateKey.generate()
    _write_secret(path, _pem(private))
    return SigningKey(private)


def rotate_key(data_dir: Path) -> SigningKey:
    """Replace the key by a new one, which the old one signs. Raises InvalidSigningKey."""
    old = load_signing_key(data_dir)
    private = Ed25519PrivateKey.generate()
    new = _format_public_key(private.public_key())
    signature = old.sign(_handover_message(old.public, new)).hex()
    handovers = (*old.handovers, Handover(old=old.public, new=new, signature=signature))
    # The handover comes first: a crash in between leaves the old key and an unused handover.
    _write_secret(_handovers_path(data_dir), _HANDOVERS.dump_json(handovers))
    _write_secret(_key_path(data_dir), _pem(private))
    return SigningKey(private, handovers)


def load_signing_key(data_dir: Path) -> SigningKey:
    """Load the key of this server.

    Raises InvalidSigningKey when it is missing, damaged or readable by others.
    """
    path = _key_path(data_dir)
    try:
        mode = path.stat().st_mode
        pem = path.read_bytes()
    except OSError as error:
        raise InvalidSigningKey(
            _("Máy này chưa có khóa ký gói. Hãy tạo một lần: content-server pack key")
        ) from error
    if os.name == "posix" and mode & GROUP_AND_OTHERS_MODE:
        raise InvalidSigningKey(
            _("Người khác đọc được tệp khóa {path}. Hãy chạy: chmod 600 {path}", path=path)
        )
    return SigningKey(_parse_private_key(pem, path), _load_handovers(data_dir))


def is_valid_signature(message: bytes, signature: bytes, public: str) -> bool:
    """Tell whether `signature` is a signature of `message` by the key `public`."""
    try:
        Ed25519PublicKey.from_public_bytes(_public_bytes(public)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_trusted_successor(trusted: str, key: str, handovers: Iterable[Handover]) -> bool:
    """Tell whether `key` is `trusted`, or follows from it through a chain of handovers."""
    for handover in handovers:
        message = _handover_message(handover.old, handover.new)
        if handover.old == trusted and is_valid_signature(
            message, _decode_hex(handover.signature), trusted
        ):
            trusted = handover.new
    return trusted == key


def parse_public_key(text: str) -> PublicKey:
    """Parse a public key; capitals and spaces are accepted. Raises InvalidSigningKey."""
    letters = re.sub(r"[\s-]", "", text).lower()
    normalized = PublicKey("-".join(letters[at : at + 4] for at in range(0, len(letters), 4)))
    try:
        public = _format_public_key(Ed25519PublicKey.from_public_bytes(_public_bytes(normalized)))
    except ValueError as error:
        raise InvalidSigningKey(
            _("Khóa chép chưa đúng: phải đủ 13 nhóm, mỗi nhóm 4 chữ. Hãy chép lại từ máy chủ.")
        ) from error
    return public


def _format_public_key(public: Ed25519PublicKey) -> PublicKey:
    letters = b32encode(public.public_bytes_raw()).decode().rstrip("=").lower()
    return PublicKey("-".join(letters[at : at + 4] for at in range(0, len(letters), 4)))


def _public_bytes(public: str) -> bytes:
    letters = public.replace("-", "")
    if len(letters) != KEY_LETTERS:
        raise ValueError(public)
    return b32decode(letters.upper() + "====")


def _decode_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _handover_message(old: str, new: str) -> bytes:
    return HANDOVER_PREFIX + f"{old}\n{new}\n".encode()


def _key_path(data_dir: Path) -> Path:
    return data_dir / "keys" / "course.pem"


def _handovers_path(data_dir: Path) -> Path:
    return data_dir / "keys" / "handovers.json"


def _pem(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _parse_private_key(pem: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise _broken_key_file(path) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _broken_key_file(path)
    return private


def _broken_key_file(path: Path) -> InvalidSigningKey:
    return InvalidSigningKey(_("Tệp khóa {path} bị hỏng. Hãy chép lại từ bản sao lưu.", path=path))


def _load_handovers(data_dir: Path) -> tuple[Handover, ...]:
    path = _handovers_path(data_dir)
    if not path.is_file():
        return ()
    try:
        return _HANDOVERS.validate_json(path.read_bytes())
    except ValueError as error:
        raise _broken_key_file(path) from error


def _write_secret(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, atomically."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
