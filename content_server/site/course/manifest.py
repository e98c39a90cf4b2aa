"""The manifest of a course pack: every page and every file by digest, in one canonical form.

A manifest has exactly one text (JSON, keys sorted, no spaces). The reader writes it again, compares
and refuses anything else. The limits are checked here, before any file is read
(docs/research/trust.md#limits).
"""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from content_server import urls
from content_server.errors import InvalidCoursePack
from content_server.phrases import _
from content_server.site.course.keys import Handover
from content_server.site.tree.csp import InlineBlocks
from content_server.site.tree.published import CachePolicy, EncodedVariant, TreeEntry
from content_server.site.tree.tree import is_publishable_path

MAX_MANIFEST_BYTES = 16_000_000  # a course of 10,000 files has one of about 4 MB
MAX_FILES = 10_000
MAX_FILE_BYTES = 500_000_000
MAX_TOTAL_BYTES = 2_000_000_000  # fits a USB stick with FAT32
DIGEST_PATTERN = r"^[0-9a-f]{64}$"
INLINE_BLOCK_PATTERN = r"^sha256-[A-Za-z0-9+/]{43}=$"  # goes into the CSP header
CONTENT_TYPE_PATTERN = r"^[a-z]+/[a-zA-Z0-9.+-]+(; ?[a-z]+=[a-zA-Z0-9._-]+)?$"
TIMESTAMP_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
STRICT = ConfigDict(frozen=True, extra="forbid")

ManifestEncoding = Literal["identity", "br", "gzip"]
ManifestVariant = tuple[
    ManifestEncoding,
    Annotated[str, Field(pattern=DIGEST_PATTERN)],
    Annotated[int, Field(ge=0, le=MAX_FILE_BYTES)],
]
InlineBlockDigest = Annotated[str, Field(pattern=INLINE_BLOCK_PATTERN)]


ManifestLanguage = tuple[
    Annotated[str, Field(pattern=r"^[a-z-]{1,20}$")],  # its folder: hmn
    Annotated[str, Field(min_length=1, max_length=60)],  # its own name: Hmôngz
]


class ManifestPage(BaseModel):
    """One published address with its entry in the tree of the server."""

    model_config = STRICT

    path: Annotated[str, Field(max_length=200)]
    status: Literal[200, 404, 410, 500]
    content_type: Annotated[str, Field(pattern=CONTENT_TYPE_PATTERN, max_length=80)]
    cache: Literal["page", "forever"]
    variants: Annotated[tuple[ManifestVariant, ...], Field(min_length=1, max_length=3)]
    scripts: Annotated[tuple[InlineBlockDigest, ...], Field(max_length=50)]
    styles: Annotated[tuple[InlineBlockDigest, ...], Field(max_length=50)]


class CourseManifest(BaseModel):
    """The content of a course pack, the server and key that made it, and its sequence number."""

    model_config = STRICT

    format: Literal["content-server course 1"] = "content-server course 1"
    server: Annotated[str, Field(max_length=200)]  # base address of the server that made it
    key: Annotated[str, Field(max_length=64)]  # the public key it is signed with
    handovers: Annotated[tuple[Handover, ...], Field(max_length=100)] = ()
    sequence: Annotated[
        int, Field(ge=0, lt=2**53)
    ]  # generation of the tree: grows with every change
    made_at: Annotated[
        str, Field(pattern=TIMESTAMP_PATTERN)
    ]  # when the newest thing in it was published
    languages: Annotated[tuple[ManifestLanguage, ...], Field(min_length=1, max_length=100)]
    lessons: Annotated[int, Field(ge=0)]  # number of lessons in Vietnamese, the source
    pages: Annotated[tuple[ManifestPage, ...], Field(max_length=MAX_FILES)]

    @cached_property
    def files(self) -> dict[str, int]:
        """Return the size of every file by its digest, in the order of the pack."""
        sizes = {digest: size for page in self.pages for _e, digest, size in page.variants}
        return dict(sorted(sizes.items()))

    @cached_property
    def path_by_digest(self) -> dict[str, str]:
        """Return an address of each file by its digest, to name it in messages."""
        return {digest: page.path for page in self.pages for _e, digest, _s in page.variants}

    @property
    def formatted_date(self) -> str:
        """Return the date of its content as written in Vietnam: 24/11/2026."""
        year, month, day = self.made_at[:10].split("-")
        return f"{day}/{month}/{year}"

    @property
    def folders(self) -> tuple[str, ...]:
        """Return its language folders, Vietnamese first."""
        return tuple(folder for folder, _endonym in self.languages)

    @property
    def endonyms(self) -> str:
        return ", ".join(endonym for _folder, endonym in self.languages)

    def entries(self) -> tuple[TreeEntry, ...]:
        return tuple(_to_entry(page) for page in self.pages)

    def to_canonical_json(self) -> bytes:
        """Return the canonical JSON, the form that is signed."""
        content = self.model_dump(mode="json")
        return json.dumps(
            content, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()


def build_manifest_pages(entries: Iterable[TreeEntry]) -> tuple[ManifestPage, ...]:
    """Return entries in the form of the manifest, sorted by address."""
    return tuple(
        _to_manifest_page(entry) for entry in sorted(entries, key=lambda entry: entry.path)
    )


def read_manifest(text: bytes) -> CourseManifest:
    """Parse a manifest and check all limits. Raises InvalidCoursePack."""
    try:
        manifest = CourseManifest.model_validate_json(text, strict=True)
        is_canonical = manifest.to_canonical_json() == text
    except (ValidationError, ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not is_canonical:
        raise _unreadable()
    _check_limits(manifest)
    return manifest


def _check_limits(manifest: CourseManifest) -> None:
    """Raise InvalidCoursePack for duplicate or invalid paths and for too many or large files."""
    paths = [page.path for page in manifest.pages]
    if paths != sorted(set(paths)) or not all(_is_valid_page(page) for page in manifest.pages):
        raise _unreadable()
    sizes = [(digest, size) for page in manifest.pages for _e, digest, size in page.variants]
    if len(set(sizes)) != len(manifest.files):
        raise _unreadable()
    if len(manifest.files) > MAX_FILES or sum(manifest.files.values()) > MAX_TOTAL_BYTES:
        raise InvalidCoursePack(
            _(
                "Gói lớn quá mức cho phép ({files} tệp, nhiều nhất {most}; tổng nhiều nhất 2 GB).",
                files=len(manifest.files),
                most=MAX_FILES,
            )
        )


def _is_valid_page(page: ManifestPage) -> bool:
    encodings = [encoding for encoding, _digest, _size in page.variants]
    return (
        is_publishable_path(page.path, CachePolicy(page.cache))
        and not page.path.startswith(urls.RESERVED_PREFIXES)
        and encodings[0] == "identity"
        and len(set(encodings)) == len(encodings)
    )


def _unreadable() -> InvalidCoursePack:
    return InvalidCoursePack(
        _("Bảng kê của gói không đọc được: gói hỏng, hoặc do chương trình khác làm. Hãy chép lại.")
    )


def _to_manifest_page(entry: TreeEntry) -> ManifestPage:
    return ManifestPage.model_validate(
        {
            "path": entry.path,
            "status": entry.status,
            "content_type": entry.content_type,
            "cache": entry.cache.value,
            "variants": [(each.encoding, each.digest, each.size_bytes) for each in entry.variants],
            "scripts": sorted(entry.inline_blocks.scripts),
            "styles": sorted(entry.inline_blocks.styles),
        }
    )


def _to_entry(page: ManifestPage) -> TreeEntry:
    return TreeEntry(
        path=page.path,
        status=page.status,
        content_type=page.content_type,
        cache=CachePolicy(page.cache),
        variants=tuple(EncodedVariant(*variant) for variant in page.variants),
        inline_blocks=InlineBlocks(frozenset(page.scripts), frozenset(page.styles)),
    )
