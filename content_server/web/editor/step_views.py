"""Views of a draft's steps for the editors' pages: text, picture, tap targets, voice, problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup
from pydantic import ValidationError

from content_server.editorial.edits import SENTENCE_KEYS, DraftBody, as_dict
from content_server.editorial.status.staleness import StepFreshness, sentence_in, steps_of
from content_server.errors import AppError, Problem
from content_server.lessons.lesson import Picture
from content_server.lessons.registries.registries import Registries
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.phrases import Phrase
from content_server.site.pages.figures import draw_picture, make_figure
from content_server.site.tree.rendition_index import RenditionIndex

PICTURES = ("screen", "scene", "photo")
NO_MARKUP = Markup("")


@dataclass(frozen=True)
class TapTarget:
    """A place on a picture that can be tapped, as a choice of a form."""

    id: str
    label: str


@dataclass(frozen=True)
class PictureView:
    """A picture: its markup, and the places on it that can be tapped."""

    markup: Markup
    tap_targets: tuple[TapTarget, ...] = ()

    @property
    def exists(self) -> bool:
        return bool(self.markup)


@dataclass(frozen=True)
class FrameView:
    """One frame of a practice, or one answer of a question."""

    index: int
    picture: PictureView
    say: str
    feedback: str  # the hint, or the explanation
    tap: str
    is_right: bool = False


@dataclass(frozen=True)
class StepView:
    """One step as its card shows it."""

    id: str
    number: int
    kind: str
    key: str  # that holds its sentence: show, if_wrong, ask, say
    sentence: str
    picture: PictureView
    tap: str
    voice: str | None
    fingerprint: str  # of its sentence
    frames: tuple[FrameView, ...] = ()
    problems: tuple[Phrase, ...] = ()
    freshness: StepFreshness = field(
        default_factory=lambda: StepFreshness(has_words=False, has_voice=False)
    )


def step_views(
    body: DraftBody,
    media: Mapping[str, str],
    problems: Sequence[Problem],
    fresh: Mapping[str, StepFreshness],
    renditions: RenditionIndex,
) -> list[StepView]:
    """Return every step of a source draft."""
    by_step: dict[str, list[Phrase]] = {}
    for problem in problems:
        by_step.setdefault(problem.file, []).append(problem.phrase)
    views = []
    for number, (name, step) in enumerate(steps_of(body).items(), 1):
        kind = step_kind(step)
        views.append(
            StepView(
                id=name,
                number=number,
                kind=kind,
                key=sentence_key(kind),
                sentence=sentence_in(step),
                picture=picture_view(step, str(step.get("tap") or ""), renditions, media),
                tap=str(step.get("tap") or ""),
                voice=step.get("voice"),
                fingerprint=source_fingerprint(sentence_in(step)),
                frames=tuple(frame_views(step, renditions, media)),
                problems=tuple(by_step.get(name, ())),
                freshness=fresh.get(name, StepFreshness(has_words=False, has_voice=False)),
            )
        )
    return views


def step_kind(step: DraftBody) -> str:
    """Return which kind of step this is."""
    kinds = ("practise", "ask", "watch", "if_wrong", "show")
    return next((kind for kind in kinds if kind in step), "show")


def sentence_key(kind: str) -> str:
    """Return the key under which a step of this kind has its sentence."""
    return kind if kind in SENTENCE_KEYS else "say"


def frame_views(
    step: DraftBody, renditions: RenditionIndex, media: Mapping[str, str]
) -> list[FrameView]:
    """Return the frames of a practice, or the answers of a question."""
    frames = [as_dict(frame) for frame in step.get("practise") or []]
    answers = [as_dict(answer) for answer in step.get("answers") or []]
    return [
        FrameView(
            index=index,
            picture=picture_view(
                as_dict(item.get("picture")) or item, str(item.get("tap") or ""), renditions, media
            ),
            say=str(item.get("say") or ""),
            feedback=str(item.get("hint") or item.get("because") or ""),
            tap=str(item.get("tap") or ""),
            is_right=str(item.get("right")).lower() == "true",
        )
        for index, item in enumerate([*frames, *answers])
    ]


def picture_view(
    step: DraftBody, tap: str, renditions: RenditionIndex, media: Mapping[str, str]
) -> PictureView:
    """Return a picture with a ring at `tap`; without markup when it cannot be drawn yet."""
    try:
        picture = Picture.model_validate({key: step[key] for key in PICTURES if step.get(key)})
        figure = make_figure(picture, tap or None, "", renditions, media)
        drawing = draw_picture(picture)
    except (ValidationError, AppError, LookupError):
        return PictureView(NO_MARKUP)
    targets = drawing.targets if drawing and picture.screen else {}
    labels = _labels(step.get("screen"))
    spots = tuple(TapTarget(name, labels.get(name, name)) for name in targets)
    return PictureView(figure.markup if figure else NO_MARKUP, spots)


def _labels(part: object) -> dict[str, str]:
    """Return id → label of every part of a screen that has an id."""
    if isinstance(part, list):
        return {k: v for item in part for k, v in _labels(item).items()}
    if not isinstance(part, dict):
        return {}
    own = {}
    if part.get("id"):
        own[str(part["id"])] = str(part.get("label") or part.get("text") or part["id"])[:60]
    return own | {k: v for item in part.values() for k, v in _labels(item).items()}


def general_problems(problems: Sequence[Problem]) -> list[Phrase]:
    """Return the problems of the lesson that belong to no step."""
    return [problem.phrase for problem in problems if not problem.line]


def lesson_form_values(body: DraftBody, registries: Registries) -> dict[str, object]:
    """Return the values of the form for the lesson's own fields."""
    facts = [as_dict(fact) for fact in body.get("sources") or []]
    return {
        "title": body.get("title") or "",
        "number": body.get("number") or "",
        "topic": body.get("topic") or "",
        "why": body.get("why") or "",
        "safety": body.get("safety") or "",
        "success": body.get("success") or "",
        "warning": body.get("warning") or "",
        "teach_back": body.get("teach_back") or "",
        "checked_on": body.get("checked_on") or "",
        "help": body.get("help") or [],
        "sources": [*facts, {}],
        "topics": [(name, topic.name) for name, topic in registries.topics.items()],
        "contacts": [(name, contact.name) for name, contact in registries.contacts.items()],
    }
