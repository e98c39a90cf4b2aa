"""Models of lesson files: the words, pictures, voices and taps of an edition, as frozen values.

The Vietnamese edition is the source (`Lesson`): it owns the steps. Every other edition is a
`Translation`: words and voices for the same step ids. Files in `lessons/` read as these models;
`docs/lesson.schema.json` is generated from them.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)

from content_server.media.screens import Scene, Screen
from content_server.media.screens.labels import clean_label
from content_server.media.video.still_edits import StillEdits

MAX_SENTENCE_CHARACTERS = 90  # fits in two to three lines of 22 px text on a 320 px phone
MAX_TITLE_CHARACTERS = 48
MAX_VOICE_MS = 15_000  # listeners stop listening to longer recordings
MIN_STEPS, MAX_STEPS = 3, 12


TextLine = Annotated[
    str, StringConstraints(min_length=1, max_length=400), AfterValidator(clean_label)
]
Sentence = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_SENTENCE_CHARACTERS),
    AfterValidator(clean_label),
]
Title = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TITLE_CHARACTERS),
    AfterValidator(clean_label),
]
LessonNumber = Annotated[int, Field(ge=1, le=999, description="số của bài, để nói và quét: /7")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
MediaPath = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.[a-z0-9]{2,5}$", max_length=120),
    Field(description="đường dẫn của tệp trong thư mục media/"),
]

Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{6}$")]


class FrozenModel(BaseModel):
    """A value that never changes and takes no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Photo(FrozenModel):
    """A photo or screenshot from `media/`, where drawing would not do."""

    file: MediaPath
    alt: TextLine
    spot: tuple[float, float] | None = None  # where to tap, percent of width and height


def _expand_scene_name(value: object) -> object:
    return {"draw": value} if isinstance(value, str) else value


SceneField = Annotated[Scene, BeforeValidator(_expand_scene_name)]


class Picture(FrozenModel):
    """One picture: a drawn screen, a drawn scene or a photo, never two."""

    screen: Screen | None = None
    scene: SceneField | None = None
    photo: Photo | None = None


class StepBase(Picture):
    """The fields every step has: an id, a recording, a picture."""

    id: Slug
    voice: MediaPath | None = None
    spoken_from: Fingerprint | None = Field(None, description="dấu của câu đã đọc khi thu")


class TappableStep(StepBase):
    """A step whose picture may show where to tap."""

    tap: Slug | None = Field(None, description="id của chỗ cần bấm trên màn hình")


class Show(TappableStep):
    """One action: see it, hear it, know where to tap."""

    show: Sentence


class IfWrong(TappableStep):
    """What to do after a typical wrong tap."""

    if_wrong: Sentence


class PracticeFrame(FrozenModel):
    """One tap of a practice: the screen, the right spot, and a kind hint after a wrong one."""

    screen: Screen
    tap: Slug
    say: Sentence | None = None
    hint: Sentence


class Practise(StepBase):
    """Real taps through linked screens, with no money at stake."""

    say: Sentence = "Mời bác bấm thử."
    practise: Annotated[tuple[PracticeFrame, ...], Field(min_length=1, max_length=12)]


class Answer(FrozenModel):
    """One picture answer; `because` is shown after it was chosen, right or wrong."""

    picture: Picture
    say: Sentence
    right: bool = False
    because: Sentence


class Ask(StepBase):
    """A question with picture answers."""

    ask: Sentence
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=4)]


class Clip(FrozenModel):
    """A short film and the words spoken in it."""

    clip: MediaPath
    captions: MediaPath | None = None
    stills: StillEdits | None = Field(
        None,
        description="hình tĩnh máy chọn sai: thêm (add), bỏ (drop), dời (move), hoặc chỉ lấy "
        "đúng những hình này (only); giây tính trong tệp gốc",
    )


class Watch(StepBase):
    """A step that plays a clip."""

    say: Sentence = "Xem đoạn phim ngắn."
    watch: Clip


STEP_KINDS: dict[str, type[StepBase]] = {
    "show": Show,
    "if_wrong": IfWrong,
    "practise": Practise,
    "ask": Ask,
    "watch": Watch,
}


def kind_of_step(value: object) -> str | None:
    """Return the kind of a step: the first key of `STEP_KINDS` it has; None when it has none."""
    if isinstance(value, dict):
        return next((kind for kind in STEP_KINDS if kind in value), None)
    return next((kind for kind, model in STEP_KINDS.items() if type(value) is model), None)


Step = Annotated[
    Annotated[Show, Tag("show")]
    | Annotated[IfWrong, Tag("if_wrong")]
    | Annotated[Practise, Tag("practise")]
    | Annotated[Ask, Tag("ask")]
    | Annotated[Watch, Tag("watch")],
    Discriminator(
        kind_of_step,
        custom_error_type="unknown_step_kind",
        custom_error_message="show, if_wrong, practise, ask, watch",
    ),
]


def sentence_of(step: Step) -> str:
    """Return the one sentence a step says."""
    match step:
        case Show():
            return step.show
        case IfWrong():
            return step.if_wrong
        case Ask():
            return step.ask
        case Practise() | Watch():
            return step.say


class ReviewState(StrEnum):
    """Whether a native speaker has signed the words."""

    UNREVIEWED = "unreviewed"
    REVIEWED = "reviewed"


class VoiceKind(StrEnum):
    """Who speaks: pages label a machine's voice as a machine's."""

    PERSON = "person"
    MACHINE = "machine"


class Fact(FrozenModel):
    """Where something in the lesson comes from, and when a person last checked it."""

    what: TextLine
    checked_on: date
    verify: bool = Field(False, description="true: còn phải hỏi lại trên điện thoại thật")  # noqa: FBT003  # pydantic's own order


class Lesson(FrozenModel):
    """The source edition, in Vietnamese: the steps and all there is to see."""

    title: Title
    number: int | None = Field(None, ge=1, le=999, description="số của bài, để nói và quét: /7")
    topic: Slug
    why: Sentence
    safety: Sentence
    success: Sentence
    warning: Sentence
    teach_back: TextLine | None = None
    help: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=4)]
    sources: Annotated[tuple[Fact, ...], Field(min_length=1)]
    checked_on: date
    cover: Picture | None = None
    voices: VoiceKind = VoiceKind.PERSON
    voice: MediaPath | None = Field(None, description="lời đọc tên bài")
    ending_voice: MediaPath | None = Field(None, description="lời đọc trang cuối")
    steps: Annotated[tuple[Step, ...], Field(min_length=MIN_STEPS, max_length=MAX_STEPS)]


class AnswerWords(FrozenModel):
    """An answer in another language."""

    say: Sentence
    because: Sentence


class PracticeFrameWords(FrozenModel):
    """One tap of a practice in another language."""

    say: Sentence | None = None
    hint: Sentence


class StepWords(Picture):
    """A step in another language: the sentence, the voice, or both. A voice alone is enough."""

    show: Sentence | None = None
    if_wrong: Sentence | None = None
    ask: Sentence | None = None
    say: Sentence | None = None
    practise: tuple[PracticeFrameWords, ...] | None = None
    answers: tuple[AnswerWords, ...] | None = None
    voice: MediaPath | None = None
    made_from: Fingerprint | None = None
    spoken_from: Fingerprint | None = None

    @property
    def sentence(self) -> str | None:
        return self.show or self.if_wrong or self.ask or self.say


class Translation(FrozenModel):
    """An edition in another language: words and voices for the source's step ids, nothing else."""

    title: Title | None = None
    why: Sentence | None = None
    safety: Sentence | None = None
    success: Sentence | None = None
    warning: Sentence | None = None
    teach_back: TextLine | None = None
    orthography: str | None = None
    review: ReviewState = ReviewState.UNREVIEWED
    reviewed_by: TextLine | None = None
    voices: VoiceKind = VoiceKind.PERSON
    voice: MediaPath | None = None
    ending_voice: MediaPath | None = None
    steps: dict[Slug, StepWords] = {}


EditionBody = Lesson | Translation
