"""The key file: the one secret of this server, made at first need, readable by its owner only.

It encrypts second keys, so that a copied database alone lets nobody in, and marks devices as known.
Servers that share one database share this file too.
"""

import base64
import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from content_server.errors import StoreUnavailable
from content_server.phrases import _

NAME = "people.key"
KEY_BYTES = 32


class KeyFile:
    """Encrypts and signs with the key in `folder`/people.key."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def encrypt(self, text: str) -> str:
        return Fernet(self._fernet_key()).encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str | None:
        """Return what was encrypted; None when the key file is another one."""
        try:
            return Fernet(self._fernet_key()).decrypt(text.encode()).decode()
        except InvalidToken:
            return None

    def mark(self, text: str) -> str:
        """Return a signature only this server can make."""
        return hmac.new(self._key(), text.encode(), sha256).hexdigest()

    def is_mark(self, text: str, mark: str) -> bool:
        return hmac.compare_digest(self.mark(text).encode(), mark.encode())

    def _fernet_key(self) -> bytes:
        derived = hmac.new(self._key(), b"second keys", sha256).digest()
        return base64.urlsafe_b64encode(derived)

    def _key(self) -> bytes:
        try:
            if not self._path.exists():
                self._make()
            return self._path.read_bytes()
        except OSError as error:
            raise StoreUnavailable(
                _("Không đọc được tệp khóa {file}: {why}", file=self._path, why=error.strerror)
            ) from error

    def _make(self) -> None:
        """Write the key once, whole or not at all; of two servers starting together one wins."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f".{NAME}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, self._path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
