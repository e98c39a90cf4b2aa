"""The pictures, recordings and clips an edition refers to, in the order a reader meets them."""

from collections.abc import Iterator

from content_server.lessons.lesson import (
    Ask,
    Clip,
    EditionBody,
    Lesson,
    Picture,
    Practise,
    Translation,
    Watch,
)


def pictures_of(body: EditionBody) -> Iterator[Picture]:
    """Yield every picture of an edition, in reading order."""
    if isinstance(body, Translation):
        yield from body.steps.values()
        return
    if body.cover:
        yield body.cover
    for step in body.steps:
        yield step
        match step:
            case Ask():
                yield from (answer.picture for answer in step.answers)
            case Practise():
                yield from (Picture(screen=frame.screen) for frame in step.practise)
            case _:
                pass


def voices_of(body: EditionBody) -> Iterator[str]:
    """Yield the file of every recording of an edition."""
    steps = body.steps if isinstance(body, Lesson) else body.steps.values()
    for file in (body.voice, *(step.voice for step in steps), body.ending_voice):
        if file:
            yield file


def clips_of(body: EditionBody) -> Iterator[Clip]:
    """Yield every clip of a source edition; a translation has none."""
    if isinstance(body, Lesson):
        yield from (step.watch for step in body.steps if isinstance(step, Watch))
