"""Costs: what a lesson weighs for a villager, by step, from the bytes that are really built."""

from collections.abc import Iterable
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]  # published without types

from content_server.lessons.lesson import Watch
from content_server.lessons.localized import LocalizedLesson, LocalizedStep, LocalizedVoice
from content_server.media.images.downscaling import LEAST_PX, PART, PHONE_PX
from content_server.phrases import Phrase, _
from content_server.site.pages.pages import PAGE_BYTES
from content_server.site.tree.rendition_index import WEAK_KBPS, RenditionIndex, weight

VERY_WEAK_KBPS = 100
QUICK_BROTLI = 5  # a tenth of the time of the published page's own pressing, a few % more bytes
LESSON_BUDGET_BYTES = 350_000  # per language (research: editors-and-trainers §1.3)
STOP_BYTES = 1_000_000  # beyond it nothing is shown without a written reason (the same)
LIGHTER = 0.6  # of a picture's bytes, three quarters as wide; what becomes of it is weighed anew
DONG_PER_MB = 1_500  # without a data plan: 75 ₫ for 50 kB is the usual tariff; our judgement


@dataclass(frozen=True)
class StepCost:
    """What one step adds to the page itself: its recording, photo or clip."""

    name: str
    number: int
    voice_bytes: int
    picture_bytes: int
    clip_bytes: int
    picture_px: int = PHONE_PX  # as wide as its widest file

    @property
    def total_bytes(self) -> int:
        return self.voice_bytes + self.picture_bytes + self.clip_bytes

    @property
    def counted_bytes(self) -> int:
        """Return what the lesson's weight counts: a clip is fetched only when it is played."""
        return self.voice_bytes + self.picture_bytes

    @property
    def has_lighter_picture(self) -> bool:
        return bool(self.picture_bytes) and self.picture_px * PART >= LEAST_PX


@dataclass(frozen=True)
class Cost:
    """What a whole lesson costs; clips are fetched only when somebody plays them."""

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
        if self.total_bytes > STOP_BYTES:
            return "red"
        return "amber" if self.total_bytes > LESSON_BUDGET_BYTES or self.is_page_over else "green"

    @property
    def is_green(self) -> bool:
        return self.colour == "green"

    @property
    def largest(self) -> StepCost | None:
        return max(self.steps, key=lambda step: step.total_bytes, default=None)

    @property
    def dong(self) -> int:
        return round(self.total_bytes * DONG_PER_MB / 1_000_000)

    def seconds(self, kbps: int = WEAK_KBPS) -> int:
        return seconds_of(self.total_bytes, kbps)


def seconds_of(size_bytes: int, kbps: int = WEAK_KBPS) -> int:
    return max(1, round(size_bytes * 8 / (kbps * 1000)))


def to_lighten(cost: Cost) -> list[str]:
    """Return the steps whose pictures are to be made lighter, heaviest first.

    As many as a lesson needs to be green: all that can be lighter when even that is not enough.
    """
    chosen, over = [], cost.total_bytes - LESSON_BUDGET_BYTES
    lighter = [step for step in cost.steps if step.has_lighter_picture]
    for step in sorted(lighter, key=lambda step: -step.picture_bytes):
        if over <= 0:
            break
        chosen.append(step.name)
        over -= round(step.picture_bytes * (1 - LIGHTER))
    return chosen


def is_enough(cost: Cost, names: Iterable[str]) -> bool:
    """Tell whether a lesson is green once the pictures of these steps are lighter."""
    chosen = set(names)
    saved = sum(step.picture_bytes * (1 - LIGHTER) for step in cost.steps if step.name in chosen)
    return cost.total_bytes - saved <= LESSON_BUDGET_BYTES


def remedy(cost: Cost) -> Phrase:
    """Return what a person can do where the machine can do no more, naming what is heaviest."""
    if cost.is_page_over and cost.total_bytes <= LESSON_BUDGET_BYTES:
        return _("Trang nặng vì nhiều màn hình vẽ: bỏ bớt bước, hoặc bớt thứ trên màn hình.")
    heaviest = max(cost.steps, key=lambda step: step.counted_bytes, default=None)
    if heaviest is None or heaviest.counted_bytes < cost.other_voices_bytes:
        said = weight(cost.other_voices_bytes)
        return _("Nặng nhất là lời mở đầu và kết bài, {weight}: đọc ngắn lại.", weight=said)
    if heaviest.picture_bytes > heaviest.voice_bytes:
        return _(
            "Nặng nhất là ảnh ở bước {number}, {weight}: cắt sát hơn, hoặc vẽ màn hình thay ảnh.",
            number=heaviest.number,
            weight=weight(heaviest.picture_bytes),
        )
    return _(
        "Nặng nhất là lời đọc ở bước {number}, {weight}. Lời đã nén hết mức: chỉ còn đọc ngắn lại.",
        number=heaviest.number,
        weight=weight(heaviest.voice_bytes),
    )


def cost_of(telling: LocalizedLesson, page: bytes, shelf: RenditionIndex) -> Cost:
    """Return what a telling costs whose page is `page` (HTML, not yet pressed)."""
    pressed = brotli.compress(page, quality=QUICK_BROTLI)
    others = (telling.voice, telling.ending_voice)
    return Cost(
        page_bytes=len(pressed),
        steps=tuple(_step_cost(told, telling, shelf) for told in telling.steps),
        other_voices_bytes=sum(_voice_bytes(voice, shelf) for voice in others),
    )


def _step_cost(told: LocalizedStep, telling: LocalizedLesson, shelf: RenditionIndex) -> StepCost:
    photo, clip = told.picture.photo, 0
    source = telling.media.get(photo.file, "") if photo else ""
    if isinstance(told.step, Watch):
        clip = _least(shelf, telling.media.get(told.step.watch.clip, ""), "video/mp4")
    pictures = shelf.of_type(source, "image/") if source else []
    return StepCost(
        name=told.step.id,
        number=told.number,
        voice_bytes=_voice_bytes(told.voice, shelf),
        picture_bytes=min((each.size_bytes for each in pictures), default=0),
        clip_bytes=clip,
        picture_px=max((each.width_px or PHONE_PX for each in pictures), default=PHONE_PX),
    )


def _voice_bytes(spoken: LocalizedVoice | None, shelf: RenditionIndex) -> int:
    return _least(shelf, spoken.digest, "audio/ogg") if spoken else 0


def _least(shelf: RenditionIndex, source: str, kind: str) -> int:
    return min((each.size_bytes for each in shelf.of_type(source, kind)), default=0)
