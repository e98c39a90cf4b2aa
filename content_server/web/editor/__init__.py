"""The editors' room: a lesson is begun, made, translated, reviewed, shown and handed on."""

from content_server.web.editor import (
    composer,
    handover,
    history,
    lesson,
    media,
    preview,
    recorder,
    review,
    tus,
)

ROOMS = (
    handover.router,
    lesson.router,
    composer.router,
    preview.router,
    review.router,
    history.router,
    media.router,
    recorder.router,
    tus.router,
)
