"""The server's secret key: a file created on first use, readable by its owner only.

It encrypts TOTP secrets, so that a copied database alone does not open accounts, and signs the
cookies of known devices. Servers that share one database must share this file.
"""

import base64
import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from content_server.errors import StoreUnavailable
from content_server.phrases import _

KEY_FILE_NAME = "people.key"
KEY_BYTES = 32


class ServerKey:
    """Encrypts and signs with the key in `folder`/people.key."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / KEY_FILE_NAME

    def encrypt(self, text: str) -> str:
        return Fernet(self._fernet_key()).encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str | None:
        """Return the plain text; None when it was encrypted with another key."""
        try:
            return Fernet(self._fernet_key()).decrypt(text.encode()).decode()
        except InvalidToken:
            return None

    def sign(self, text: str) -> str:
        """Return the HMAC-SHA256 of `text` under the server key, in hex."""
        return hmac.new(self._read_or_create(), text.encode(), sha256).hexdigest()

    def is_signature(self, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(text).encode(), signature.encode())

    def _fernet_key(self) -> bytes:
        derived = hmac.new(self._read_or_create(), b"second keys", sha256).digest()
        return base64.urlsafe_b64encode(derived)

    def _read_or_create(self) -> bytes:
        try:
            if not self._path.exists():
                self._create()
            return self._path.read_bytes()
        except OSError as error:
            raise StoreUnavailable(
                _("Không đọc được tệp khóa {file}: {why}", file=self._path, why=error.strerror)
            ) from error

    def _create(self) -> None:
        """Create the key file atomically; of two servers starting at once, one creates it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f".{KEY_FILE_NAME}.{os.getpid()}")
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
