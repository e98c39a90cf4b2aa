"""The editors' room: a lesson is begun, made, translated, reviewed, shown and handed on."""

from content_server.web.editor import (
    clips,
    composer,
    due,
    guests,
    handover,
    history,
    lesson,
    media,
    photos,
    preview,
    recorder,
    remarks,
    review,
    signing,
    tus,
    wordlist,
)

ROOMS = (
    handover.router,
    lesson.router,
    composer.router,
    photos.router,
    preview.router,
    guests.router,
    due.router,
    review.router,
    remarks.router,
    signing.router,
    history.router,
    clips.router,
    media.router,
    recorder.router,
    tus.router,
    wordlist.router,
)
