"""Films as they stand in a page: pictures at rest first, the moving film a tap away, and words."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from content_server.lessons.lesson import Watch
from content_server.lessons.localized import LocalizedLesson
from content_server.media.video.captions import CONTENT_TYPE, Cue, earlier, transcript, written
from content_server.media.video.still_edits import NO_WISHES
from content_server.phrases import _
from content_server.site.pages.contexts import ClipView, Player, Sheet
from content_server.site.tree.rendition_index import (
    RenditionIndex,
    RenditionView,
    media_path,
    weight,
)
from content_server.site.tree.tree import Cache, Page

WORTH_IT = 0.9  # of the film's bytes: heavier stills spare nothing
FORMATS = ("image/avif", "image/webp", "image/jpeg")


def clip_of(step: Watch, telling: LocalizedLesson, shelf: RenditionIndex) -> ClipView | None:
    """Return a clip with what it costs; None while it is not ready."""
    source = telling.media[step.watch.clip]
    compat, lean = shelf.of_rung(source, "compat"), shelf.of_rung(source, "lean")
    posters = [r for r in shelf.of_type(source, "image/") if r.rung.startswith("poster")]
    if compat is None or not posters:
        return None
    wishes = (step.watch.stills or NO_WISHES).name
    suffix = f"-{wishes}" if wishes else ""
    moving = [each for each in (lean, compat) if each]
    stills = shelf.of_rung(source, f"stills{suffix}")
    tag = telling.locale.tag
    if stills and stills.size_bytes > WORTH_IT * moving[0].size_bytes:
        stills = None
    strip = list(_strip(shelf.of_type(source, "image/"), suffix))
    words, captions = _captions(step, telling, shelf)
    return ClipView(
        first=_player([stills, *moving] if stills else moving, tag),
        moving=_player(moving, tag) if stills else None,
        poster=_sheet(posters),
        captions=captions,
        words=words,
        strip=tuple(_sheet(each) for each in strip),
        strip_cost=weight(sum(each[0].size_bytes for each in strip)),
    )


def caption_pages(telling: LocalizedLesson, shelf: RenditionIndex) -> Iterator[Page]:
    """Yield the captions of clips that were cut at their beginning, told earlier by as much."""
    for told in telling.steps:
        if isinstance(told.step, Watch) and (cues := _moved(told.step, telling, shelf)):
            body = written(cues).encode()
            yield Page(_address(body), body, CONTENT_TYPE, Cache.FOREVER)


def _captions(
    step: Watch, telling: LocalizedLesson, shelf: RenditionIndex
) -> tuple[str, str | None]:
    """Return what is said in a clip, and the address of its captions."""
    source = telling.media.get(step.watch.captions or "", "")
    files = shelf.of_type(source, CONTENT_TYPE)
    if not files:
        return "", None
    if cues := _moved(step, telling, shelf):
        return transcript(cues), _address(written(cues).encode())
    return transcript(shelf.cues.get(source, ())), files[0].path


def _moved(step: Watch, telling: LocalizedLesson, shelf: RenditionIndex) -> tuple[Cue, ...]:
    """Return the captions of a clip that was cut at its beginning; none of another."""
    cues = shelf.cues.get(telling.media.get(step.watch.captions or "", ""), ())
    start_ms = shelf.starts_ms.get(telling.media[step.watch.clip], 0)
    return earlier(cues, start_ms) if start_ms else ()


def _address(body: bytes) -> str:
    return media_path(sha256(body).hexdigest(), CONTENT_TYPE)


def _player(renditions: list[RenditionView], tag: str) -> Player:
    """Return a player of these, the first a phone can play; an old phone may pay for the last."""
    first, last = renditions[0], renditions[-1]
    cost = _(
        "{weight} · khoảng {seconds} giây với mạng yếu",
        weight=weight(first.size_bytes),
        seconds=first.seconds_on_weak,
    ).said_in(tag)
    if first is not last:
        old = _("máy cũ {weight}", weight=weight(last.size_bytes)).said_in(tag)
        cost = f"{cost} ({old})"
    return Player(tuple((each.path, each.content_type) for each in renditions), cost)


def _strip(pictures: list[RenditionView], suffix: str) -> Iterator[list[RenditionView]]:
    """Yield the formats of each picture of the strip, in the order of the film."""
    pattern = re.compile(rf"strip-(\d){re.escape(suffix)}-[a-z]+")
    found: dict[int, list[RenditionView]] = {}
    for each in pictures:
        if match := pattern.fullmatch(each.rung):
            found.setdefault(int(match[1]), []).append(each)
    yield from (found[number] for number in sorted(found))


def _sheet(renditions: Iterable[RenditionView]) -> Sheet:
    by_type = {each.content_type: each for each in renditions}
    files = [by_type[name] for name in FORMATS if name in by_type]
    return Sheet(
        tuple((each.content_type, each.path) for each in files),
        files[-1].width_px or 360,
        files[-1].height_px or 640,
    )
