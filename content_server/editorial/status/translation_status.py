"""Translation status: the state of an edition's text and voice compared with the source; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any

from content_server.editorial.status.staleness import SmallChanges, is_outdated
from content_server.lessons.editions.tables import EditionState
from content_server.lessons.lesson import ReviewState, VoiceKind
from content_server.lessons.source.source_fingerprints import source_fingerprint

SENTENCE_KEY_ORDER = (
    "show",
    "if_wrong",
    "ask",
    "say",
)  # the first one present, as in lesson.sentence_of
MAX_CACHED = 50_000  # summaries; about 1 kB each
NO_CHANGES: SmallChanges = frozenset()


class TranslationStatus(StrEnum):
    """The state of an edition's text, or of its voice."""

    NONE = "none"
    DRAFT = "draft"  # begun, or newer than the published revision
    IN_REVIEW = "in_review"
    LIVE = "live"
    STALE = "stale"  # made from an older sentence
    UNREVIEWED = "unreviewed"  # published without a native speaker's review, or spoken by a machine
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class StepSummary:
    """What the matrix needs of a step."""

    fingerprint: str  # of its own sentence; "" without one
    made_from: str | None
    spoken_from: str | None
    has_voice: bool


@dataclass(frozen=True)
class EditionSummary:
    """What the matrix needs of a revision or draft."""

    title: str
    topic: str
    is_reviewed: bool
    is_machine: bool
    steps: Mapping[str, StepSummary]
    checked_on: str = ""  # of a source edition


@dataclass(frozen=True)
class MatrixCell:
    """One lesson in one language: the state of its text and voice."""

    text: TranslationStatus = TranslationStatus.NONE
    voice: TranslationStatus = TranslationStatus.NONE
    voices: int = 0  # steps with a recording
    stale: int = 0  # steps whose words or recording are stale


def summarize_edition(body: Mapping[str, Any]) -> EditionSummary:
    """Summarize a stored body of a source edition or a translation."""
    steps = body.get("steps") or {}
    named = steps if isinstance(steps, dict) else {str(step.get("id")): step for step in steps}
    return EditionSummary(
        title=str(body.get("title") or ""),
        topic=str(body.get("topic", "")),
        is_reviewed="topic" in body or body.get("review") == ReviewState.REVIEWED,
        is_machine=body.get("voices") == VoiceKind.MACHINE,
        steps={name: _summarize_step(step) for name, step in named.items()},
        checked_on=str(body.get("checked_on") or ""),
    )


def _summarize_step(step: Mapping[str, Any]) -> StepSummary:
    sentence = next((step[key] for key in SENTENCE_KEY_ORDER if step.get(key)), "")
    return StepSummary(
        fingerprint=_cached_fingerprint(sentence) if sentence else "",
        made_from=step.get("made_from"),
        spoken_from=step.get("spoken_from"),
        has_voice=bool(step.get("voice")),
    )


_cached_fingerprint = lru_cache(maxsize=MAX_CACHED)(source_fingerprint)


def make_cell(
    state: EditionState,
    source: EditionSummary,
    own: EditionSummary,
    *,
    is_published: bool,
    small: SmallChanges = NO_CHANGES,
) -> MatrixCell:
    """Return the status of an edition compared with its source; the worst state counts."""
    words = voices = stale_words = stale_voices = 0
    for name, source_step in source.steps.items():
        own_step = own.steps.get(name)
        if own_step is None:
            continue
        words += bool(own_step.fingerprint) or own_step is source_step
        voices += own_step.has_voice
        stale_words += bool(source_step.fingerprint) and is_outdated(
            own_step.made_from, source_step.fingerprint, name, small
        )
        # Without words of its own, a recording reads the source sentence.
        spoken_of = own_step.fingerprint or source_step.fingerprint
        stale_voices += own_step.has_voice and is_outdated(
            own_step.spoken_from, spoken_of, name, small
        )
    status = partial(_status_of, state, is_published=is_published)
    text = status(has_content=bool(words), is_stale=bool(stale_words), is_reviewed=own.is_reviewed)
    is_complete = voices >= len(source.steps)
    voice = status(
        has_content=bool(voices),
        is_stale=bool(stale_voices or (stale_words and voices)),
        is_reviewed=not own.is_machine,
    )
    if voice is TranslationStatus.LIVE and not is_complete:
        voice = TranslationStatus.DRAFT
    return MatrixCell(text, voice, voices, max(stale_words, stale_voices))


def _status_of(
    state: EditionState, *, is_published: bool, has_content: bool, is_stale: bool, is_reviewed: bool
) -> TranslationStatus:
    if not has_content:
        return TranslationStatus.NONE
    if state is EditionState.WITHDRAWN:
        return TranslationStatus.WITHDRAWN
    if state is EditionState.IN_REVIEW:
        return TranslationStatus.IN_REVIEW
    if is_stale:
        return TranslationStatus.STALE
    if state is EditionState.DRAFT or not is_published:
        return TranslationStatus.DRAFT
    return TranslationStatus.LIVE if is_reviewed else TranslationStatus.UNREVIEWED
