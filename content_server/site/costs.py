"""Costs: the download size of a lesson for a villager, by step, measured on the built page."""

from collections.abc import Iterable
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]  # published without types

from content_server.lessons.lesson import Watch
from content_server.lessons.localized import LocalizedLesson, LocalizedStep, LocalizedVoice
from content_server.media.images.downscaling import DOWNSCALE_FACTOR, MIN_WIDTH_PX, PHONE_WIDTH_PX
from content_server.phrases import Phrase, _
from content_server.site.pages.pages import PAGE_BYTES
from content_server.site.tree.rendition_index import WEAK_NETWORK_KBPS, RenditionIndex, format_size

VERY_WEAK_NETWORK_KBPS = 100
QUICK_BROTLI_QUALITY = 5  # a tenth of the time of BROTLI_QUALITY, a few % more bytes
LESSON_BUDGET_BYTES = 350_000  # per language (docs/research/editors.md#lesson-budget)
LESSON_LIMIT_BYTES = (
    1_000_000  # above it a lesson needs a written reason to be published (same source)
)
DOWNSCALED_SHARE = (
    0.6  # estimate: bytes of a picture at 3/4 of its width; measured again afterwards
)
DONG_PER_MB = 1_500  # without a data plan: 75 ₫ for 50 kB is the usual tariff; our judgement


@dataclass(frozen=True)
class StepCost:
    """The bytes one step adds to the page: its recording, photo and clip."""

    name: str
    number: int
    voice_bytes: int
    picture_bytes: int
    clip_bytes: int
    picture_px: int = PHONE_WIDTH_PX  # width of its widest file

    @property
    def total_bytes(self) -> int:
        return self.voice_bytes + self.picture_bytes + self.clip_bytes

    @property
    def counted_bytes(self) -> int:
        """Return the bytes that count towards the budget. A clip does not: it loads when played."""
        return self.voice_bytes + self.picture_bytes

    @property
    def can_downscale_picture(self) -> bool:
        return bool(self.picture_bytes) and self.picture_px * DOWNSCALE_FACTOR >= MIN_WIDTH_PX


@dataclass(frozen=True)
class LessonCost:
    """The bytes of a whole lesson. Clips are counted apart, as they load only when played."""

    page_bytes: int
    steps: tuple[StepCost, ...]
    other_voices_bytes: int

    @property
    def total_bytes(self) -> int:
        own = sum(step.counted_bytes for step in self.steps)
        return self.page_bytes + self.other_voices_bytes + own

    @property
    def clips_bytes(self) -> int:
        return sum(step.clip_bytes for step in self.steps)

    @property
    def is_page_over(self) -> bool:
        return self.page_bytes > PAGE_BYTES

    @property
    def colour(self) -> str:
        """Return green, amber or red."""
        if self.total_bytes > LESSON_LIMIT_BYTES:
            return "red"
        return "amber" if self.total_bytes > LESSON_BUDGET_BYTES or self.is_page_over else "green"

    @property
    def is_green(self) -> bool:
        return self.colour == "green"

    @property
    def largest_step(self) -> StepCost | None:
        return max(self.steps, key=lambda step: step.total_bytes, default=None)

    @property
    def price_dong(self) -> int:
        return round(self.total_bytes * DONG_PER_MB / 1_000_000)

    def seconds(self, kbps: int = WEAK_NETWORK_KBPS) -> int:
        return transfer_seconds(self.total_bytes, kbps)


def transfer_seconds(size_bytes: int, kbps: int = WEAK_NETWORK_KBPS) -> int:
    return max(1, round(size_bytes * 8 / (kbps * 1000)))


def steps_to_downscale(cost: LessonCost) -> list[str]:
    """Return the names of the steps whose pictures to downscale, largest first.

    They are as many as the lesson needs to be green, or all that can be downscaled.
    """
    chosen, over = [], cost.total_bytes - LESSON_BUDGET_BYTES
    candidates = [step for step in cost.steps if step.can_downscale_picture]
    for step in sorted(candidates, key=lambda step: -step.picture_bytes):
        if over <= 0:
            break
        chosen.append(step.name)
        over -= round(step.picture_bytes * (1 - DOWNSCALED_SHARE))
    return chosen


def is_green_after_downscaling(cost: LessonCost, names: Iterable[str]) -> bool:
    """Tell whether a lesson is estimated to be green once these steps are downscaled."""
    chosen = set(names)
    saved = sum(
        step.picture_bytes * (1 - DOWNSCALED_SHARE) for step in cost.steps if step.name in chosen
    )
    return cost.total_bytes - saved <= LESSON_BUDGET_BYTES


def suggest_remedy(cost: LessonCost) -> Phrase:
    """Return what a person can do when downscaling is not enough; it names the largest part."""
    if cost.is_page_over and cost.total_bytes <= LESSON_BUDGET_BYTES:
        return _("Trang nặng vì nhiều màn hình vẽ: bỏ bớt bước, hoặc bớt thứ trên màn hình.")
    heaviest = max(cost.steps, key=lambda step: step.counted_bytes, default=None)
    if heaviest is None or heaviest.counted_bytes < cost.other_voices_bytes:
        size = format_size(cost.other_voices_bytes)
        return _("Nặng nhất là lời mở đầu và kết bài, {weight}: đọc ngắn lại.", weight=size)
    if heaviest.picture_bytes > heaviest.voice_bytes:
        return _(
            "Nặng nhất là ảnh ở bước {number}, {weight}: cắt sát hơn, hoặc vẽ màn hình thay ảnh.",
            number=heaviest.number,
            weight=format_size(heaviest.picture_bytes),
        )
    return _(
        "Nặng nhất là lời đọc ở bước {number}, {weight}. Lời đã nén hết mức: chỉ còn đọc ngắn lại.",
        number=heaviest.number,
        weight=format_size(heaviest.voice_bytes),
    )


def measure_cost(lesson: LocalizedLesson, page: bytes, renditions: RenditionIndex) -> LessonCost:
    """Return the cost of a lesson whose page is `page` (HTML, not compressed)."""
    compressed = brotli.compress(page, quality=QUICK_BROTLI_QUALITY)
    others = (lesson.voice, lesson.ending_voice)
    return LessonCost(
        page_bytes=len(compressed),
        steps=tuple(
            _step_cost(localized_step, lesson, renditions) for localized_step in lesson.steps
        ),
        other_voices_bytes=sum(_voice_bytes(voice, renditions) for voice in others),
    )


def _step_cost(
    localized_step: LocalizedStep, lesson: LocalizedLesson, renditions: RenditionIndex
) -> StepCost:
    photo, clip = localized_step.picture.photo, 0
    source = lesson.media.get(photo.file, "") if photo else ""
    if isinstance(localized_step.step, Watch):
        clip = _smallest(
            renditions, lesson.media.get(localized_step.step.watch.clip, ""), "video/mp4"
        )
    pictures = renditions.of_type(source, "image/") if source else []
    return StepCost(
        name=localized_step.step.id,
        number=localized_step.number,
        voice_bytes=_voice_bytes(localized_step.voice, renditions),
        picture_bytes=min((each.size_bytes for each in pictures), default=0),
        clip_bytes=clip,
        picture_px=max(
            (each.width_px or PHONE_WIDTH_PX for each in pictures), default=PHONE_WIDTH_PX
        ),
    )


def _voice_bytes(voice: LocalizedVoice | None, renditions: RenditionIndex) -> int:
    return _smallest(renditions, voice.digest, "audio/ogg") if voice else 0


def _smallest(renditions: RenditionIndex, source: str, kind: str) -> int:
    return min((each.size_bytes for each in renditions.of_type(source, kind)), default=0)
