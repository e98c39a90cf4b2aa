"""Routes of the editors: writing, media, review, registries and sharing of lessons."""

from content_server.web.editor import home
from content_server.web.editor.media import clips, photo_downscaling, photos, recorder, tus, uploads
from content_server.web.editor.registries import registries
from content_server.web.editor.review import (
    approval,
    back_translation,
    comments,
    consents,
    history,
    review,
    review_dates,
)
from content_server.web.editor.sharing import lesson_archive, share_links, text_tables
from content_server.web.editor.writing import composer, lesson, preview

# Fixed paths come before those with a lesson's slug: the first match answers.
ROUTERS = tuple(
    each.router
    for each in (
        home,
        registries,
        lesson_archive,
        consents,
        lesson,
        photo_downscaling,
        composer,
        photos,
        preview,
        share_links,
        review_dates,
        review,
        comments,
        back_translation,
        approval,
        history,
        clips,
        uploads,
        recorder,
        tus,
        text_tables,
    )
)
