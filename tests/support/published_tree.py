"""A small published tree of its own for tests: database, store, tree, and real servers over it."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from content_server.db import Database
from content_server.media.store import Store
from content_server.site.tree.rendition_index import RenditionView
from content_server.site.tree.tree import BuiltPage, CachePolicy, LiveTree, Tree
from content_server.web.published.front import Front

HTML = "text/html; charset=utf-8"
MACHINERY = ("/api/", "/-/")


@dataclass(frozen=True)
class SmallTree:
    """Everything one needs to publish without lessons."""

    database: Database
    store: Store
    tree: Tree

    @classmethod
    def open(cls, folder: Path) -> "SmallTree":
        database = Database.open(f"sqlite:///{folder / 'content.sqlite3'}")
        database.migrate()
        store = Store.open((folder / "store").as_uri())
        return cls(database, store, Tree(store))

    def publish(self, owner: str, *pages: BuiltPage) -> None:
        prepared = self.tree.prepare(pages)
        with self.database.write() as session:
            self.tree.replace(session, owner, prepared)

    def publish_file(self, data: bytes, content_type: str = "audio/ogg") -> str:
        """Publish bytes under their own name; return their path."""
        medium = RenditionView("only", self.store.put_bytes(data), content_type, len(data))
        with self.database.write() as session:
            self.tree.add_media(session, self.tree.prepare_media([medium]))
        return medium.path

    def generation(self) -> int:
        with self.database.read() as session:
            return self.tree.generation(session)

    def paths(self) -> list[str]:
        with self.database.read() as session:
            return [entry.path for entry in self.tree.entries(session)]

    def front(self, inner_app: ASGIApp | None = None, **options: int) -> Front:
        return Front(
            inner_app or empty_app,
            LiveTree(self.tree, self.database),
            app_prefixes=MACHINERY,
            **options,
        )


def make_page(
    path: str, text: str = "Chào bác", *, status: int = 200, style: str = "p{margin:0}"
) -> BuiltPage:
    """Return a page of a few kilobytes, so that pressing it pays."""
    body = f"""<!doctype html><html lang="vi"><title>{text}</title>
<style>{style}</style><p>{text}{"<p>Bấm nút to màu xanh." * 60}
<script>document.title</script><script type="application/ld+json">{{"a": 1}}</script>"""
    return BuiltPage(path, body.encode(), HTML, CachePolicy.PAGE, status=status)


def make_error_pages() -> list[BuiltPage]:
    return [
        make_page("/404", "Không có trang này", status=404),
        make_page("/500", "Máy chủ trục trặc", status=500),
    ]


def make_noise(size_bytes: int, seed: str = "noise") -> bytes:
    """Return bytes no compressor makes smaller, the same every time."""
    return hashlib.shake_128(seed.encode()).digest(size_bytes)


async def empty_app(scope: Scope, _receive: Receive, send: Send) -> None:
    """Stand for the application behind the front: 204 to everything."""
    if scope["type"] == "lifespan":
        await send({"type": "lifespan.startup.complete"})
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 204, "headers": [(b"x-room", b"yes")]})
    await send({"type": "http.response.body", "body": b""})
