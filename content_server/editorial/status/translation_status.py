"""Standings: how the words and the voice of one edition stand to their source; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any

from content_server.editorial.status.staleness import Pairs, is_older
from content_server.lessons.editions.tables import EditionState
from content_server.lessons.lesson import Review, VoiceKind
from content_server.lessons.validation import source_fingerprint

SENTENCES = ("show", "if_wrong", "ask", "say")  # the first there is, as in lesson.sentence_of
KEPT = 50_000  # summaries; about 1 kB each
NO_CHANGES: Pairs = frozenset()


class Standing(StrEnum):
    """How words or voice of an edition stand."""

    NONE = "none"
    DRAFT = "draft"  # begun, or newer than what villagers see
    IN_REVIEW = "in_review"
    LIVE = "live"
    STALE = "stale"  # older than what it was made from
    UNREVIEWED = "unreviewed"  # villagers see it; no native speaker signed, or a machine speaks
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class StepSummary:
    """What the matrix needs to know of a step."""

    stamp: str  # of its own sentence; "" without words
    made_from: str | None
    spoken_from: str | None
    has_voice: bool


@dataclass(frozen=True)
class Summary:
    """What the matrix needs to know of a revision."""

    title: str
    topic: str
    is_reviewed: bool
    is_machine: bool
    steps: Mapping[str, StepSummary]
    checked_on: str = ""  # of a source edition


@dataclass(frozen=True)
class Cell:
    """One lesson in one language."""

    text: Standing = Standing.NONE
    voice: Standing = Standing.NONE
    voices: int = 0  # steps with a recording
    stale: int = 0  # steps whose words or voice are older than what they were made from


def summary_of(body: Mapping[str, Any]) -> Summary:
    """Return what the matrix needs of a body as it is stored, source edition or translation."""
    steps = body.get("steps") or {}
    named = steps if isinstance(steps, dict) else {str(step.get("id")): step for step in steps}
    return Summary(
        title=str(body.get("title") or ""),
        topic=str(body.get("topic", "")),
        is_reviewed="topic" in body or body.get("review") == Review.REVIEWED,
        is_machine=body.get("voices") == VoiceKind.MACHINE,
        steps={name: _step(step) for name, step in named.items()},
        checked_on=str(body.get("checked_on") or ""),
    )


def _step(step: Mapping[str, Any]) -> StepSummary:
    sentence = next((step[key] for key in SENTENCES if step.get(key)), "")
    return StepSummary(
        stamp=_stamp(sentence) if sentence else "",
        made_from=step.get("made_from"),
        spoken_from=step.get("spoken_from"),
        has_voice=bool(step.get("voice")),
    )


_stamp = lru_cache(maxsize=KEPT)(source_fingerprint)


def cell_of(
    state: EditionState,
    source: Summary,
    own: Summary,
    *,
    is_shown: bool,
    small: Pairs = NO_CHANGES,
) -> Cell:
    """Return how an edition stands to its source: the worst first, since that is work."""
    words = voices = old_words = old_voices = 0
    for name, theirs in source.steps.items():
        mine = own.steps.get(name)
        if mine is None:
            continue
        words += bool(mine.stamp) or mine is theirs
        voices += mine.has_voice
        old_words += bool(theirs.stamp) and is_older(mine.made_from, theirs.stamp, name, small)
        spoken_of = mine.stamp or theirs.stamp  # a voice alone speaks of the source
        old_voices += mine.has_voice and is_older(mine.spoken_from, spoken_of, name, small)
    standing = partial(_standing, state, is_shown=is_shown)
    text = standing(begun=bool(words), stale=bool(old_words), signed=own.is_reviewed)
    complete = voices >= len(source.steps)
    voice = standing(
        begun=bool(voices),
        stale=bool(old_voices or (old_words and voices)),
        signed=not own.is_machine,
    )
    if voice is Standing.LIVE and not complete:
        voice = Standing.DRAFT
    return Cell(text, voice, voices, max(old_words, old_voices))


def _standing(
    state: EditionState, *, is_shown: bool, begun: bool, stale: bool, signed: bool
) -> Standing:
    if not begun:
        return Standing.NONE
    if state is EditionState.WITHDRAWN:
        return Standing.WITHDRAWN
    if state is EditionState.IN_REVIEW:
        return Standing.IN_REVIEW
    if stale:
        return Standing.STALE
    if state is EditionState.DRAFT or not is_shown:
        return Standing.DRAFT
    return Standing.LIVE if signed else Standing.UNREVIEWED
