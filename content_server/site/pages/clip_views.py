"""Clips as a page shows them: the stills rendition first, the video a tap away, a transcript."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from content_server.lessons.lesson import Watch
from content_server.lessons.localized import LocalizedLesson
from content_server.media.video.captions import (
    CONTENT_TYPE,
    Cue,
    format_webvtt,
    shift_cues,
    transcript,
)
from content_server.media.video.still_edits import NO_EDITS
from content_server.phrases import _
from content_server.site.pages.contexts import ClipView, PictureFormats, VideoPlayer
from content_server.site.tree.rendition_index import (
    RenditionIndex,
    RenditionView,
    format_size,
    media_path,
)
from content_server.site.tree.tree import BuiltPage, CachePolicy

MAX_STILLS_SHARE = 0.9  # of the video's bytes: a larger stills rendition saves too little
FORMATS = ("image/avif", "image/webp", "image/jpeg")


def build_clip_view(
    step: Watch, lesson: LocalizedLesson, renditions: RenditionIndex
) -> ClipView | None:
    """Return a clip with the size of each player; None while its renditions are not ready."""
    source = lesson.media[step.watch.clip]
    compat, lean = renditions.of_rung(source, "compat"), renditions.of_rung(source, "lean")
    posters = [r for r in renditions.of_type(source, "image/") if r.rung.startswith("poster")]
    if compat is None or not posters:
        return None
    edits = (step.watch.stills or NO_EDITS).fingerprint
    suffix = f"-{edits}" if edits else ""
    video_files = [each for each in (lean, compat) if each]
    stills = renditions.of_rung(source, f"stills{suffix}")
    tag = lesson.locale.tag
    if stills and stills.size_bytes > MAX_STILLS_SHARE * video_files[0].size_bytes:
        stills = None
    strip = list(_strip_pictures(renditions.of_type(source, "image/"), suffix))
    transcript_text, captions = _captions(step, lesson, renditions)
    return ClipView(
        default_player=_player([stills, *video_files] if stills else video_files, tag),
        video_player=_player(video_files, tag) if stills else None,
        poster=_picture_formats(posters),
        captions=captions,
        transcript=transcript_text,
        strip=tuple(_picture_formats(each) for each in strip),
        strip_size=format_size(sum(each[0].size_bytes for each in strip)),
    )


def trimmed_caption_pages(
    lesson: LocalizedLesson, renditions: RenditionIndex
) -> Iterator[BuiltPage]:
    """Yield the captions of clips that were trimmed at the start, shifted by the trimmed time."""
    for localized_step in lesson.steps:
        if isinstance(localized_step.step, Watch) and (
            cues := _trimmed_cues(localized_step.step, lesson, renditions)
        ):
            body = format_webvtt(cues).encode()
            yield BuiltPage(_caption_path(body), body, CONTENT_TYPE, CachePolicy.FOREVER)


def _captions(
    step: Watch, lesson: LocalizedLesson, renditions: RenditionIndex
) -> tuple[str, str | None]:
    """Return the transcript of a clip, and the address of its captions."""
    source = lesson.media.get(step.watch.captions or "", "")
    files = renditions.of_type(source, CONTENT_TYPE)
    if not files:
        return "", None
    if cues := _trimmed_cues(step, lesson, renditions):
        return transcript(cues), _caption_path(format_webvtt(cues).encode())
    return transcript(renditions.cues.get(source, ())), files[0].path


def _trimmed_cues(
    step: Watch, lesson: LocalizedLesson, renditions: RenditionIndex
) -> tuple[Cue, ...]:
    """Return the shifted captions of a clip that was trimmed at its start; () for any other."""
    cues = renditions.cues.get(lesson.media.get(step.watch.captions or "", ""), ())
    start_ms = renditions.trim_starts_ms.get(lesson.media[step.watch.clip], 0)
    return shift_cues(cues, start_ms) if start_ms else ()


def _caption_path(body: bytes) -> str:
    return media_path(sha256(body).hexdigest(), CONTENT_TYPE)


def _player(renditions: list[RenditionView], tag: str) -> VideoPlayer:
    """Return a player of these renditions, best first. The last is for old phones."""
    first, last = renditions[0], renditions[-1]
    cost = _(
        "{weight} · khoảng {seconds} giây với mạng yếu",
        weight=format_size(first.size_bytes),
        seconds=first.seconds_on_weak_network,
    ).translate(tag)
    if first is not last:
        old = _("máy cũ {weight}", weight=format_size(last.size_bytes)).translate(tag)
        cost = f"{cost} ({old})"
    return VideoPlayer(tuple((each.path, each.content_type) for each in renditions), cost)


def _strip_pictures(pictures: list[RenditionView], suffix: str) -> Iterator[list[RenditionView]]:
    """Yield the formats of each picture of the strip, in the order of the clip."""
    pattern = re.compile(rf"strip-(\d){re.escape(suffix)}-[a-z]+")
    found: dict[int, list[RenditionView]] = {}
    for each in pictures:
        if match := pattern.fullmatch(each.rung):
            found.setdefault(int(match[1]), []).append(each)
    yield from (found[number] for number in sorted(found))


def _picture_formats(renditions: Iterable[RenditionView]) -> PictureFormats:
    by_type = {each.content_type: each for each in renditions}
    files = [by_type[name] for name in FORMATS if name in by_type]
    return PictureFormats(
        tuple((each.content_type, each.path) for each in files),
        files[-1].width_px or 360,
        files[-1].height_px or 640,
    )
