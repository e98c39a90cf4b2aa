"""Assets: styles and scripts of the rooms from our own address, whose name holds their digest."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # published without types
from fastapi import APIRouter, Request
from fastapi.responses import Response

from content_server.errors import LessonNotFound
from content_server.phrases import _
from content_server.settings import PROJECT_DIR
from content_server.site.tree.headers import FOREVER
from content_server.web.permissions import anybody
from content_server.web.published.negotiation import preferred

HERE = Path(__file__).parent / "static"
LIBRARIES = {  # what set-up fetches (package.json); never part of this repository
    "htmx.js": "htmx.org/dist/htmx.min.js",  # a classic script: window.htmx
    "tus.js": "tus-js-client/dist/tus.min.js",  # a classic script: window.tus
    "idb-keyval.js": "idb-keyval/dist/index.js",  # a module
}
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = "default-src 'none'; sandbox"  # opened by itself, an asset is only text

router = APIRouter(dependencies=[anybody])


@dataclass(frozen=True)
class Assets:
    """All assets in memory; `stamp` changes with any of them, so that modules find each other."""

    stamp: str
    bodies: dict[str, bytes]
    _packed: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def path(self, name: str) -> str:
        """Return the address of an asset; a library that is not installed leads to a 404."""
        return f"/-/tinh/{self.stamp}/{name}"

    def packed(self, name: str, encoding: str) -> bytes:
        """Return an asset in an encoding, packed at its first asking."""
        key = (name, encoding)
        if key not in self._packed:
            self._packed[key] = PACKERS[encoding](self.bodies[name])
        return self._packed[key]


def _brotli(data: bytes) -> bytes:
    packed: bytes = brotli.compress(data, quality=9)
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "br": _brotli,
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
    "identity": lambda data: data,
}


def load_assets(libraries_dir: Path = PROJECT_DIR / "node_modules") -> Assets:
    """Read what there is; a missing library is no error here (`missing_libraries`, the doctor)."""
    found = {
        path.relative_to(HERE).as_posix(): path.read_bytes()
        for path in sorted(HERE.rglob("*"))
        if path.suffix in TYPES
    }
    for name, place in LIBRARIES.items():
        if (libraries_dir / place).is_file():
            found[name] = (libraries_dir / place).read_bytes()
    digest = sha256()
    for name in sorted(found):
        digest.update(name.encode() + b"\0" + sha256(found[name]).digest())
    return Assets(digest.hexdigest()[:12], found)


def missing_libraries(libraries_dir: Path = PROJECT_DIR / "node_modules") -> list[str]:
    """Return the browser libraries set-up has not fetched."""
    places = LIBRARIES.values()
    return sorted({p.split("/")[0] for p in places if not (libraries_dir / p).is_file()})


@router.get("/-/tinh/{stamp}/{name:path}", include_in_schema=False)
def asset(stamp: str, name: str, request: Request) -> Response:
    """Answer with an asset; an older stamp gets today's, and is not kept."""
    assets: Assets = request.app.state.assets
    if name not in assets.bodies:
        raise LessonNotFound(_("Không có tệp này. Xin tải lại trang."))
    asked = request.headers.get("accept-encoding", "identity")
    encoding = preferred(asked.encode("latin-1"))[0]
    headers = {
        "Cache-Control": FOREVER if stamp == assets.stamp else "no-store",
        "Content-Type": TYPES[Path(name).suffix],
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Vary": "Accept-Encoding",
    }
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    return Response(assets.packed(name, encoding), headers=headers)
