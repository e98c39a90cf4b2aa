"""The content security policy (CSP): the inline blocks a browser may run, by their digests.

Pages are cached by others, so a nonce per answer cannot work; digests made from the finished
bytes can (docs/research/trust.md#content-security-policy). Each page has its own: headers come
before the first word, and every digest costs a weak signal 4 ms.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from html.parser import HTMLParser

SCRIPT_TYPES = {
    "",
    "module",
    "text/javascript",
    "application/javascript",
}  # other types are data blocks
MEDIA_CSP = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
"""For everything under /m/: a file opened on its own is displayed and may run nothing."""


@dataclass(frozen=True)
class InlineBlocks:
    """The digests of the inline blocks of a page, in the form of CSP: 'sha256-…'."""

    scripts: frozenset[str] = frozenset()
    styles: frozenset[str] = frozenset()


NO_INLINE_BLOCKS = InlineBlocks()
_BLOCK = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)


def find_inline_blocks(html: bytes) -> InlineBlocks:
    """Return the inline blocks of a finished page."""
    finder = _BlockFinder()
    for block in _BLOCK.finditer(html.decode()):  # 10 ms faster than parsing the whole page
        finder.feed(block[0])
    finder.close()
    return InlineBlocks(frozenset(finder.scripts), frozenset(finder.styles))


def make_page_csp(blocks: InlineBlocks) -> str:
    """Return the policy that allows exactly these inline blocks."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_sources(blocks.scripts)}",
            f"style-src {_sources(blocks.styles)}",
            "img-src 'self' data:",
            "media-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-src 'self'",
            "frame-ancestors 'self'",
        ]
    )


def make_csp_header(html: bytes) -> dict[str, str]:
    """Return the CSP header of a page that is rendered for one request."""
    return {"Content-Security-Policy": make_page_csp(find_inline_blocks(html))}


def _sources(digests: Iterable[str]) -> str:
    return " ".join(f"'{digest}'" for digest in sorted(digests)) or "'none'"


class _BlockFinder(HTMLParser):
    """Collects the content of `<style>` and inline `<script>` exactly as written."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: set[str] = set()
        self.styles: set[str] = set()
        self._into: set[str] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        kind = (attributes.get("type") or "").strip().lower()
        self._text = []
        if tag == "style":
            self._into = self.styles
        elif tag == "script" and "src" not in attributes and kind in SCRIPT_TYPES:
            self._into = self.scripts

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_entityref(self, name: str) -> None:
        self._text.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._text.append(f"&#{name};")

    def handle_endtag(self, tag: str) -> None:
        if self._into is not None and tag in {"style", "script"}:
            digest = sha256("".join(self._text).encode()).digest()
            self._into.add(f"sha256-{b64encode(digest).decode()}")
            self._into = None
