"""Shelves: the renditions a draft's media have by now, and where an editor hears them."""

from sqlmodel import Session

from content_server.editorial.tables import DraftRow
from content_server.lessons.editions.catalog import PublishedEdition
from content_server.lessons.lesson import Translation
from content_server.locales import SOURCE_FOLDER
from content_server.site.tree.rendition_index import MEDIA_PREFIX, RenditionIndex, shelf_of


def shelf_for(session: Session, draft: DraftRow) -> RenditionIndex:
    """Return the renditions a draft's media have by now."""
    version = PublishedEdition(0, "", Translation(), draft.media)
    return shelf_of(session, [{SOURCE_FOLDER: version}])


def address_of(file: object, media: dict[str, str], shelf: RenditionIndex) -> str:
    """Return where an editor hears a recording; empty while it is being made."""
    made = shelf.of_type(media.get(str(file), ""), "audio/")
    return made[0].path.replace(MEDIA_PREFIX, "/-/soan/tep/", 1) if made else ""
