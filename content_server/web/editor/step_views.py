"""Views: a draft's steps as the pages show them — words, picture, taps, voice, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup
from pydantic import ValidationError

from content_server.editorial.edits import SENTENCES, Body, dict_of
from content_server.editorial.status.staleness import Freshness, sentence_in, steps_of
from content_server.errors import AppError, Problem
from content_server.lessons.lesson import Picture
from content_server.lessons.registries.registries import Registries
from content_server.lessons.validation import source_fingerprint
from content_server.phrases import Phrase
from content_server.site.pages.figures import drawing_of, figure_of
from content_server.site.tree.rendition_index import RenditionIndex

PICTURES = ("screen", "scene", "photo")
NOTHING = Markup("")


@dataclass(frozen=True)
class Spot:
    """A place on a picture that can be tapped, as a choice."""

    id: str
    label: str


@dataclass(frozen=True)
class PictureView:
    """A picture with its markup, and every place one could tap on it."""

    markup: Markup
    spots: tuple[Spot, ...] = ()

    @property
    def is_there(self) -> bool:
        return bool(self.markup)


@dataclass(frozen=True)
class FrameView:
    """One tap of a practice, or one answer of a question."""

    index: int
    picture: PictureView
    say: str
    more: str  # the hint, or the explanation
    tap: str
    right: bool = False


@dataclass(frozen=True)
class StepView:
    """One step as its card shows it."""

    id: str
    number: int
    kind: str
    key: str  # where its sentence stands: show, if_wrong, ask, say
    sentence: str
    picture: PictureView
    tap: str
    voice: str | None
    stamp: str  # of its sentence
    frames: tuple[FrameView, ...] = ()
    problems: tuple[Phrase, ...] = ()
    fresh: Freshness = field(default_factory=lambda: Freshness(has_words=False, has_voice=False))


def step_views(
    body: Body,
    media: Mapping[str, str],
    problems: Sequence[Problem],
    fresh: Mapping[str, Freshness],
    shelf: RenditionIndex,
) -> list[StepView]:
    """Return every step of a source draft."""
    found: dict[str, list[Phrase]] = {}
    for problem in problems:
        found.setdefault(problem.file, []).append(problem.phrase)
    views = []
    for number, (name, step) in enumerate(steps_of(body).items(), 1):
        kind = kind_in(step)
        views.append(
            StepView(
                id=name,
                number=number,
                kind=kind,
                key=key_of(kind),
                sentence=sentence_in(step),
                picture=picture_view(step, str(step.get("tap") or ""), shelf, media),
                tap=str(step.get("tap") or ""),
                voice=step.get("voice"),
                stamp=source_fingerprint(sentence_in(step)),
                frames=tuple(frames_of(step, shelf, media)),
                problems=tuple(found.get(name, ())),
                fresh=fresh.get(name, Freshness(has_words=False, has_voice=False)),
            )
        )
    return views


def kind_in(step: Body) -> str:
    """Return which kind of step this is."""
    kinds = ("practise", "ask", "watch", "if_wrong", "show")
    return next((kind for kind in kinds if kind in step), "show")


def key_of(kind: str) -> str:
    """Return where a step of this kind keeps its sentence."""
    return kind if kind in SENTENCES else "say"


def frames_of(step: Body, shelf: RenditionIndex, media: Mapping[str, str]) -> list[FrameView]:
    """Return the taps of a practice, or the answers of a question."""
    frames = [dict_of(frame) for frame in step.get("practise") or []]
    answers = [dict_of(answer) for answer in step.get("answers") or []]
    return [
        FrameView(
            index=index,
            picture=picture_view(
                dict_of(item.get("picture")) or item, str(item.get("tap") or ""), shelf, media
            ),
            say=str(item.get("say") or ""),
            more=str(item.get("hint") or item.get("because") or ""),
            tap=str(item.get("tap") or ""),
            right=str(item.get("right")).lower() == "true",
        )
        for index, item in enumerate([*frames, *answers])
    ]


def picture_view(
    step: Body, tap: str, shelf: RenditionIndex, media: Mapping[str, str]
) -> PictureView:
    """Return a picture with a ring at `tap`; nothing for one that cannot be drawn yet."""
    try:
        picture = Picture.model_validate({key: step[key] for key in PICTURES if step.get(key)})
        figure = figure_of(picture, tap or None, "", shelf, media)
        drawing = drawing_of(picture)
    except (ValidationError, AppError, LookupError):
        return PictureView(NOTHING)
    targets = drawing.targets if drawing and picture.screen else {}
    labels = _labels(step.get("screen"))
    spots = tuple(Spot(name, labels.get(name, name)) for name in targets)
    return PictureView(figure.markup if figure else NOTHING, spots)


def _labels(part: object) -> dict[str, str]:
    """Return id → the words on whatever has that id."""
    if isinstance(part, list):
        return {k: v for item in part for k, v in _labels(item).items()}
    if not isinstance(part, dict):
        return {}
    own = {}
    if part.get("id"):
        own[str(part["id"])] = str(part.get("label") or part.get("text") or part["id"])[:60]
    return own | {k: v for item in part.values() for k, v in _labels(item).items()}


def general_problems(problems: Sequence[Problem]) -> list[Phrase]:
    """Return what is wrong with the lesson as a whole, not with a step."""
    return [problem.phrase for problem in problems if not problem.line]


def lesson_fields(body: Body, library: Registries) -> dict[str, object]:
    """Return the lesson's own words as the form shows them."""
    facts = [dict_of(fact) for fact in body.get("sources") or []]
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
        "topics": [(name, topic.name) for name, topic in library.topics.items()],
        "contacts": [(name, contact.name) for name, contact in library.contacts.items()],
    }
