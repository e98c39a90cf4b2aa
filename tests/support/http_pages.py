"""Pages of the starter lessons as they come over HTTP, parsed strictly."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from xml.etree.ElementTree import Element

import html5lib
import httpx

from content_server.settings import PROJECT_DIR

FOLDERS = {"vi": "vi", "hmn": "hmn", "tay": "tyz"}  # folder → tag
FILES = sorted(path for f in FOLDERS for path in (PROJECT_DIR / "lessons" / f).glob("*.yaml"))
EDITIONS = [(path.stem, path.parent.name) for path in FILES]
SLUGS = [slug for slug, folder in EDITIONS if folder == "vi"]
LESSONS = [f"/{folder}/{slug}" for slug, folder in EDITIONS]
LISTS = ["/", *(f"/{folder}{more}" for folder, more in product(FOLDERS, ("", "/tim", "/nha")))]
FOUND = "/-/tim/vi?q=dien"
EVERY_PAGE = [*LESSONS, *LISTS, "/khong-co", FOUND]
LINKING = ("href", "src", "srcset", "poster", "action", "data-o", "data-m")


@dataclass(frozen=True)
class ParsedPage:
    """A page as it came over HTTP, parsed strictly: an error in the HTML is an error here."""

    answer: httpx.Response

    @cached_property
    def root(self) -> Element:
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        root: Element = parser.parse(self.answer.text)
        return root

    @cached_property
    def elements(self) -> list[Element]:
        return [element for element in self.root.iter() if isinstance(element.tag, str)]  # type: ignore[redundant-expr]  # a comment has a function for a tag

    @cached_property
    def parents(self) -> dict[Element, Element]:
        return {child: parent for parent in self.elements for child in parent}

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return elements by local name (SVG's too) and exact attributes; class_ for class."""
        named = {name.rstrip("_").replace("_", "-"): v for name, v in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag.rpartition("}")[2] == tag
            and all(element.get(name) == value for name, value in named.items())
        ]

    def of_class(self, name: str) -> list[Element]:
        return [e for e in self.elements if name in (e.get("class") or "").split()]

    def links(self) -> list[str]:
        return [e.get(name, "") for e in self.elements for name in LINKING if e.get(name)]

    def meta(self, name: str) -> str:
        return next(e.get("content", "") for e in self.all("meta", property=name))

    def language_of(self, element: Element) -> str:
        """Return the language a screen reader would use here."""
        here: Element | None = element
        while here is not None and not here.get("lang"):
            here = self.parents.get(here)
        return here.get("lang", "") if here is not None else ""

    def inline(self, tag: str) -> list[str]:
        return [e.text or "" for e in self.all(tag) if e.get("type") != "application/ld+json"]


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def fetch_page(reader: httpx.Client, path: str) -> ParsedPage:
    return ParsedPage(reader.get(path))


def measure_sent_bytes(reader: httpx.Client, path: str) -> int:
    return int(reader.head(path).headers["content-length"])
