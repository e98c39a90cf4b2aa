"""Styles and scripts of the editors' pages; a digest of them all is part of every address."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # published without types

from content_server import urls
from content_server.settings import PROJECT_DIR

STATIC_DIR = Path(__file__).parent / "static"
LIBRARIES = {  # fetched by set-up (package.json), not part of this repository
    "htmx.js": "htmx.org/dist/htmx.min.js",  # a classic script: window.htmx
    "tus.js": "tus-js-client/dist/tus.min.js",  # a classic script: window.tus
    "idb-keyval.js": "idb-keyval/dist/index.js",  # a module
}
CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Assets:
    """All assets in memory; `version` changes with any of them, so modules load matching ones."""

    version: str
    bodies: dict[str, bytes]
    _compressed: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def path(self, name: str) -> str:
        """Return the address of an asset; a library that is not installed leads to a 404."""
        return urls.ASSET.url(version=self.version, name=name)

    def compress(self, name: str, encoding: str) -> bytes:
        """Return an asset in an encoding; it is compressed at the first request."""
        key = (name, encoding)
        if key not in self._compressed:
            self._compressed[key] = COMPRESSORS[encoding](self.bodies[name])
        return self._compressed[key]


def _compress_brotli(data: bytes) -> bytes:
    compressed: bytes = brotli.compress(data, quality=9)
    return compressed


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "br": _compress_brotli,
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
    "identity": lambda data: data,
}


def load_assets(libraries_dir: Path = PROJECT_DIR / "node_modules") -> Assets:
    """Read the assets on disk. A missing library is left out; `missing_libraries` names it."""
    bodies = {
        path.relative_to(STATIC_DIR).as_posix(): path.read_bytes()
        for path in sorted(STATIC_DIR.rglob("*"))
        if path.suffix in CONTENT_TYPES
    }
    for name, source in LIBRARIES.items():
        if (libraries_dir / source).is_file():
            bodies[name] = (libraries_dir / source).read_bytes()
    digest = sha256()
    for name in sorted(bodies):
        digest.update(name.encode() + b"\0" + sha256(bodies[name]).digest())
    return Assets(digest.hexdigest()[:12], bodies)


def missing_libraries(libraries_dir: Path = PROJECT_DIR / "node_modules") -> list[str]:
    """Return the browser libraries set-up has not fetched."""
    sources = LIBRARIES.values()
    return sorted({p.split("/")[0] for p in sources if not (libraries_dir / p).is_file()})
