"""The manifest of a course pack: every page and every file by digest, in one canonical form.

There is exactly one text for one manifest (JSON, names sorted, no spaces), so whoever reads one
can write it again and compare; anything else is refused. What it may say is bounded here, before
any file is unpacked (research: trust §1.2).
"""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from content_server.errors import CourseRefused
from content_server.phrases import _
from content_server.site.course.keys import Handover
from content_server.site.tree.csp import Blocks
from content_server.site.tree.published import Cache, Entry, Variant
from content_server.site.tree.tree import is_path

MANIFEST_BYTES = 16_000_000  # a course of 10,000 files has one of about 4 MB
FILES = 10_000
FILE_BYTES = 500_000_000
ALL_BYTES = 2_000_000_000  # fits a stick formatted with FAT32, too
MACHINERY = ("/-/", "/api/")  # addresses that are no pages; a pack may not cover them
DIGEST = r"^[0-9a-f]{64}$"
BLOCK = r"^sha256-[A-Za-z0-9+/]{43}=$"  # goes into a header: nothing else may
CONTENT_TYPE = r"^[a-z]+/[a-zA-Z0-9.+-]+(; ?[a-z]+=[a-zA-Z0-9._-]+)?$"
MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
STRICT = ConfigDict(frozen=True, extra="forbid")

Encoding = Literal["identity", "br", "gzip"]
PackedVariant = tuple[
    Encoding, Annotated[str, Field(pattern=DIGEST)], Annotated[int, Field(ge=0, le=FILE_BYTES)]
]
Block = Annotated[str, Field(pattern=BLOCK)]


Language = tuple[
    Annotated[str, Field(pattern=r"^[a-z-]{1,20}$")],  # its folder: hmn
    Annotated[str, Field(min_length=1, max_length=60)],  # its own name: Hmôngz
]


class PackedPage(BaseModel):
    """One published address, as the server knew it."""

    model_config = STRICT

    path: Annotated[str, Field(max_length=200)]
    status: Literal[200, 404, 410, 500]
    content_type: Annotated[str, Field(pattern=CONTENT_TYPE, max_length=80)]
    cache: Literal["page", "forever"]
    variants: Annotated[tuple[PackedVariant, ...], Field(min_length=1, max_length=3)]
    scripts: Annotated[tuple[Block, ...], Field(max_length=50)]
    styles: Annotated[tuple[Block, ...], Field(max_length=50)]


class Manifest(BaseModel):
    """What a course pack holds, who made it, and its place in the row of packs."""

    model_config = STRICT

    format: Literal["content-server course 1"] = "content-server course 1"
    server: Annotated[str, Field(max_length=200)]  # how the world calls the server that made it
    key: Annotated[str, Field(max_length=64)]  # the public key it is signed with
    handovers: Annotated[tuple[Handover, ...], Field(max_length=100)] = ()
    sequence: Annotated[int, Field(ge=0, lt=2**53)]  # grows with every change of what is published
    made_at: Annotated[str, Field(pattern=MOMENT)]  # when the newest thing in it was published
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=100)]
    lessons: Annotated[int, Field(ge=0)]  # in Vietnamese, the source
    pages: Annotated[tuple[PackedPage, ...], Field(max_length=FILES)]

    @cached_property
    def files(self) -> dict[str, int]:
        """Return the bytes of every file by its digest, in the order they lie in the pack."""
        sizes = {digest: size for page in self.pages for _e, digest, size in page.variants}
        return dict(sorted(sizes.items()))

    @cached_property
    def used_at(self) -> dict[str, str]:
        """Return an address where each file is shown, by its digest: its name to people."""
        return {digest: page.path for page in self.pages for _e, digest, _s in page.variants}

    @property
    def day(self) -> str:
        """Return the day of its content, as it is written in Vietnam."""
        year, month, day = self.made_at[:10].split("-")
        return f"{day}/{month}/{year}"

    @property
    def folders(self) -> tuple[str, ...]:
        """Return its languages as they stand in addresses, Vietnamese first."""
        return tuple(folder for folder, _endonym in self.languages)

    @property
    def endonyms(self) -> str:
        return ", ".join(endonym for _folder, endonym in self.languages)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(_entry(page) for page in self.pages)

    def text(self) -> bytes:
        """Return the one form this manifest has."""
        content = self.model_dump(mode="json")
        return json.dumps(
            content, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()


def packed_pages(entries: Iterable[Entry]) -> tuple[PackedPage, ...]:
    """Return entries in the form of the manifest, by address."""
    return tuple(_packed(entry) for entry in sorted(entries, key=lambda entry: entry.path))


def read_manifest(text: bytes) -> Manifest:
    """Read a manifest and hold it to every limit. Raises CourseRefused."""
    try:
        manifest = Manifest.model_validate_json(text, strict=True)
        is_canonical = manifest.text() == text
    except (ValidationError, ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not is_canonical:
        raise _unreadable()
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    """Refuse what no honest server writes: two pages at one address, odd paths, too much of it."""
    paths = [page.path for page in manifest.pages]
    if paths != sorted(set(paths)) or not all(_is_fine(page) for page in manifest.pages):
        raise _unreadable()
    sizes = [(digest, size) for page in manifest.pages for _e, digest, size in page.variants]
    if len(set(sizes)) != len(manifest.files):
        raise _unreadable()
    if len(manifest.files) > FILES or sum(manifest.files.values()) > ALL_BYTES:
        raise CourseRefused(
            _(
                "Gói lớn quá mức cho phép ({files} tệp, nhiều nhất {most}; tổng nhiều nhất 2 GB).",
                files=len(manifest.files),
                most=FILES,
            )
        )


def _is_fine(page: PackedPage) -> bool:
    encodings = [encoding for encoding, _digest, _size in page.variants]
    return (
        is_path(page.path, Cache(page.cache))
        and not page.path.startswith(MACHINERY)
        and encodings[0] == "identity"
        and len(set(encodings)) == len(encodings)
    )


def _unreadable() -> CourseRefused:
    return CourseRefused(
        _("Bảng kê của gói không đọc được: gói hỏng, hoặc do chương trình khác làm. Hãy chép lại.")
    )


def _packed(entry: Entry) -> PackedPage:
    return PackedPage.model_validate(
        {
            "path": entry.path,
            "status": entry.status,
            "content_type": entry.content_type,
            "cache": entry.cache.value,
            "variants": [(each.encoding, each.digest, each.size_bytes) for each in entry.variants],
            "scripts": sorted(entry.blocks.scripts),
            "styles": sorted(entry.blocks.styles),
        }
    )


def _entry(page: PackedPage) -> Entry:
    return Entry(
        path=page.path,
        status=page.status,
        content_type=page.content_type,
        cache=Cache(page.cache),
        variants=tuple(Variant(*variant) for variant in page.variants),
        blocks=Blocks(frozenset(page.scripts), frozenset(page.styles)),
    )
