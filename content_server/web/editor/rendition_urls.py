"""The renditions of a draft's media, and the URLs under which editors play them."""

from sqlmodel import Session

from content_server import urls
from content_server.editorial.tables import DraftRow
from content_server.lessons.editions.catalog import PublishedEdition
from content_server.lessons.lesson import Translation
from content_server.locales import SOURCE_FOLDER
from content_server.site.tree.rendition_index import (
    RenditionIndex,
    load_rendition_index,
)


def draft_renditions(session: Session, draft: DraftRow) -> RenditionIndex:
    """Return the renditions of a draft's media that exist."""
    version = PublishedEdition(0, "", Translation(), draft.media)
    return load_rendition_index(session, [{SOURCE_FOLDER: version}])


def voice_url(file: object, media: dict[str, str], renditions: RenditionIndex) -> str:
    """Return the URL of a recording; "" while it is being transcoded."""
    audio = renditions.of_type(media.get(str(file), ""), "audio/")
    return (
        audio[0].path.replace(urls.MEDIA_PREFIX, urls.DRAFT_MEDIA.url(name=""), 1) if audio else ""
    )
