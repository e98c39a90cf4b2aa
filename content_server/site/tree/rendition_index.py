"""The rendition index: the finished renditions of media, with their addresses and sizes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from content_server import urls
from content_server.lessons.editions.catalog import PublishedEditions
from content_server.media.tables import CachedAnalysis, Rendition
from content_server.media.video.captions import Cue
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.clip_renditions import CLIP_ANALYSIS

KB_UP_TO_BYTES = 100_000  # larger sizes are shown in MB
WEAK_NETWORK_KBPS = 400  # "mạng yếu": the 3G profile of our test networks
FILE_EXTENSIONS = {
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
    """One finished rendition of a source."""

    rung: str
    digest: str  # sha256 hex
    content_type: str  # with its codecs, for videos
    size_bytes: int
    width_px: int | None = None
    height_px: int | None = None
    duration_ms: int | None = None

    @property
    def path(self) -> str:
        return media_path(self.digest, self.content_type)

    @property
    def seconds_on_weak_network(self) -> int:
        """Return the download time on a weak network, in whole seconds, at least 1."""
        return max(1, round(self.size_bytes * 8 / (WEAK_NETWORK_KBPS * 1000)))


def media_path(digest: str, content_type: str) -> str:
    """Return the permanent address of a rendition: it contains the digest of its bytes."""
    extension = FILE_EXTENSIONS[content_type.split(";", 1)[0]]
    return urls.MEDIA_FILE.url(name=f"{digest[:20]}.{extension}")


@dataclass(frozen=True)
class RenditionIndex:
    """Renditions by the digest of their source, best choice first."""

    by_source: Mapping[str, Sequence[RenditionView]]
    trim_starts_ms: Mapping[str, int] = field(
        default_factory=dict
    )  # of clips: time trimmed at the start
    cues: Mapping[str, tuple[Cue, ...]] = field(
        default_factory=dict
    )  # of captions, not yet shifted by the trimmed time

    def of_type(self, source: str, prefix: str) -> list[RenditionView]:
        """Return the renditions of `source` whose content type begins with `prefix`."""
        return [r for r in self.by_source.get(source, ()) if r.content_type.startswith(prefix)]

    def of_rung(self, source: str, rung: str) -> RenditionView | None:
        """Return the rendition of `source` with this rung; None while it is not made."""
        return next((r for r in self.by_source.get(source, ()) if r.rung == rung), None)


def format_size(size_bytes: int) -> str:
    """Return a size as it is written in Vietnam: '85 kB', '0,8 MB'."""
    if size_bytes < KB_UP_TO_BYTES:
        return f"{max(1, round(size_bytes / 1000))} kB"
    return f"{size_bytes / 1_000_000:.1f} MB".replace(".", ",")


def load_rendition_index(session: Session, lessons: Iterable[PublishedEditions]) -> RenditionIndex:
    """Return the renditions of all media of these lessons, in the order of their ladders."""
    sources = {
        digest
        for editions in lessons
        for edition in editions.values()
        for digest in edition.media.values()
    }
    if not sources:
        return RenditionIndex({})
    query = select(Rendition).where(col(Rendition.source_digest).in_(list(sources)))
    found: dict[str, list[RenditionView]] = {}
    for row in session.exec(query.order_by(col(Rendition.id))):
        rendition = RenditionView(
            rung=row.rung,
            digest=row.digest,
            content_type=row.content_type,
            size_bytes=row.bytes,
            width_px=row.width_px,
            height_px=row.height_px,
            duration_ms=row.duration_ms,
        )
        found.setdefault(row.source_digest, []).append(rendition)
    analyses = select(CachedAnalysis).where(
        col(CachedAnalysis.source_digest).in_(list(sources)),
        col(CachedAnalysis.name) == CLIP_ANALYSIS,
    )
    starts_ms = {
        row.source_digest: ClipAnalysis.from_json(row.value).cut.start_ms
        for row in session.exec(analyses)
    }
    return RenditionIndex(found, starts_ms)
