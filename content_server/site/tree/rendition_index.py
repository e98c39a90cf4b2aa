"""The shelf: every finished rendition a page may show, with its address and its weight."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from content_server.lessons.editions.catalog import PublishedEditions
from content_server.media.tables import CachedAnalysis, Rendition
from content_server.media.video.captions import Cue
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.clip_renditions import LOOK

MEDIA_PREFIX = "/m/"
KB_UP_TO_BYTES = 100_000  # from here on people think in MB
WEAK_KBPS = 400  # "mạng yếu": the 3G village profile of our test networks
EXTENSIONS = {
    "audio/ogg": "opus",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "image/avif": "avif",
    "image/webp": "webp",
    "image/jpeg": "jpg",
    "text/vtt": "vtt",
}


@dataclass(frozen=True)
class RenditionView:
    """One rendition of a source, ready to be shown."""

    rung: str
    digest: str  # sha256 hex
    content_type: str  # with its codecs, where they matter
    size_bytes: int
    width_px: int | None = None
    height_px: int | None = None
    duration_ms: int | None = None

    @property
    def path(self) -> str:
        return media_path(self.digest, self.content_type)

    @property
    def seconds_on_weak(self) -> int:
        """Return how long this takes on a weak signal, whole seconds, at least one."""
        return max(1, round(self.size_bytes * 8 / (WEAK_KBPS * 1000)))


def media_path(digest: str, content_type: str) -> str:
    """Return the address a rendition has for ever: its content is in its name."""
    return f"{MEDIA_PREFIX}{digest[:20]}.{EXTENSIONS[content_type.split(';', 1)[0]]}"


@dataclass(frozen=True)
class RenditionIndex:
    """Renditions by the digest of their source, best choice first."""

    renditions: Mapping[str, Sequence[RenditionView]]
    starts_ms: Mapping[str, int] = field(default_factory=dict)  # of clips: cut from their beginning
    cues: Mapping[str, tuple[Cue, ...]] = field(default_factory=dict)  # of captions, as handed in

    def of_type(self, source: str, prefix: str) -> list[RenditionView]:
        """Return the renditions of `source` whose content type begins with `prefix`."""
        return [r for r in self.renditions.get(source, ()) if r.content_type.startswith(prefix)]

    def of_rung(self, source: str, rung: str) -> RenditionView | None:
        """Return the rendition of `source` with this name, if it is made already."""
        return next((r for r in self.renditions.get(source, ()) if r.rung == rung), None)


def weight(size_bytes: int) -> str:
    """Return a size as a person in Vietnam reads it: '85 kB', '0,8 MB'."""
    if size_bytes < KB_UP_TO_BYTES:
        return f"{max(1, round(size_bytes / 1000))} kB"
    return f"{size_bytes / 1_000_000:.1f} MB".replace(".", ",")


def shelf_of(session: Session, lessons: Iterable[PublishedEditions]) -> RenditionIndex:
    """Return the renditions these lessons need, in the order of the ladder."""
    sources = {d for versions in lessons for v in versions.values() for d in v.media.values()}
    if not sources:
        return RenditionIndex({})
    query = select(Rendition).where(col(Rendition.source_digest).in_(list(sources)))
    found: dict[str, list[RenditionView]] = {}
    for row in session.exec(query.order_by(col(Rendition.id))):
        rendered = RenditionView(
            rung=row.rung,
            digest=row.digest,
            content_type=row.content_type,
            size_bytes=row.bytes,
            width_px=row.width_px,
            height_px=row.height_px,
            duration_ms=row.duration_ms,
        )
        found.setdefault(row.source_digest, []).append(rendered)
    looked = select(CachedAnalysis).where(
        col(CachedAnalysis.source_digest).in_(list(sources)), col(CachedAnalysis.name) == LOOK
    )
    starts_ms = {
        row.source_digest: ClipAnalysis.from_json(row.found).cut.start_ms
        for row in session.exec(looked)
    }
    return RenditionIndex(found, starts_ms)
