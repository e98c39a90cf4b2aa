"""The models of lesson files for drawings: a phone screen made of widgets, or a scene.

The docstrings of Widget, Screen and Scene are Vietnamese because they are the descriptions of the
JSON Schema that lesson authors see (docs/lesson.schema.json).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from content_server.media.screens import widgets
from content_server.media.screens.labels import require_at_least
from content_server.media.screens.scenes.spots import POINTS, WORDS, SceneName
from content_server.media.screens.widgets import DrawingModel, InvalidWidget, label_from_string
from content_server.phrases import _

App = Literal["bank", "vneid", "zalo", "store", "phone", "sms", "portal"]
_READABLE = ("sender", "label", "title", "site", "text", "voice", "note", "value")
_ONCE = ("title", "dialog", "toast", "composer", "keypad", "tabs")
KEYPAD_IDS = tuple(f"key-{digit}" for digit in range(10))


def _accept_string(model: type[DrawingModel]) -> BeforeValidator:
    """Let a plain string stand for the widget's label, and say so in the JSON schema."""
    return BeforeValidator(label_from_string, json_schema_input_type=str | model)


def _require_exactly_one(schema: dict[str, Any]) -> None:
    """Change the JSON Schema of Widget: exactly one known key, and no null."""
    schema.update(minProperties=1, maxProperties=1)
    for part in schema["properties"].values():
        part.pop("default", None)
        known = [choice for choice in part.pop("anyOf") if choice != {"type": "null"}]
        part.update(known[0] if len(known) == 1 else {"anyOf": known})


Icons = Annotated[tuple[widgets.IconWidget, ...], Field(max_length=12), require_at_least(1)]
Tabs = Annotated[
    tuple[Annotated[widgets.TabWidget, _accept_string(widgets.TabWidget)], ...],
    Field(max_length=5),
    require_at_least(2),
]


class Widget(DrawingModel):
    """Một thứ nhìn thấy trên màn hình: viết đúng một trong các tên dưới đây."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra=_require_exactly_one,
    )

    title: Annotated[widgets.TitleWidget, _accept_string(widgets.TitleWidget)] | None = None
    text: Annotated[widgets.TextWidget, _accept_string(widgets.TextWidget)] | None = None
    field: widgets.EntryWidget | None = None
    choice: widgets.ChoiceWidget | None = None
    search: widgets.SearchWidget | None = None
    button: Annotated[widgets.ButtonWidget, _accept_string(widgets.ButtonWidget)] | None = None
    row: Annotated[widgets.ListRowWidget, _accept_string(widgets.ListRowWidget)] | None = None
    icons: Icons | None = Field(None, description="Lưới hình, mỗi hàng ba hình.")
    tabs: Tabs | None = Field(None, description="Thanh ở cuối màn hình.")
    keypad: widgets.KeypadWidget | None = None
    dots: widgets.DotsWidget | None = None
    dialog: widgets.DialogWidget | None = None
    toast: Annotated[widgets.ToastWidget, _accept_string(widgets.ToastWidget)] | None = None
    bubble: widgets.BubbleWidget | None = None
    composer: widgets.ComposerWidget | None = None
    round: widgets.RoundWidget | None = None
    receipt: widgets.ReceiptWidget | None = None
    card: widgets.CardWidget | None = None
    qr: widgets.QrWidget | None = None
    camera: widgets.CameraWidget | None = None
    switch: widgets.SwitchWidget | None = None
    tick: Annotated[widgets.TickWidget, _accept_string(widgets.TickWidget)] | None = None
    warning: Annotated[widgets.WarningWidget, _accept_string(widgets.WarningWidget)] | None = None
    pointer: widgets.PointerWidget | None = None
    gap: widgets.GapWidget | None = None

    @model_validator(mode="before")
    @classmethod
    def _require_one_known_key(cls, value: object) -> object:
        if isinstance(value, cls):
            return value
        given = [str(key) for key in value] if isinstance(value, dict) else [str(value)[:40]]
        if not isinstance(value, dict) or len(given) != 1 or given[0] not in cls.model_fields:
            raise InvalidWidget(
                _(
                    "Mỗi thứ trên màn hình có đúng một tên trong: {kinds}. Ở đây viết: {given}",
                    kinds=", ".join(cls.model_fields),
                    given=", ".join(given)[:80],
                )
            )
        return {key: {} if part is None else part for key, part in value.items()}

    @model_serializer(mode="wrap")
    def _omit_missing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: part for key, part in handler(self).items() if part is not None}

    @property
    def content(self) -> DrawingModel | tuple[DrawingModel, ...]:
        """The widget given under its key: a widgets.TitleWidget …, or a tuple of icons or tabs."""
        fields = (getattr(self, name) for name in type(self).model_fields)
        content: DrawingModel | tuple[DrawingModel, ...] = next(
            field for field in fields if field is not None
        )
        return content


class Screen(DrawingModel):
    """Một màn hình điện thoại: kiểu ứng dụng, và những thứ nhìn thấy từ trên xuống."""

    app: App = Field(description="kiểu màu và cách xếp: ngân hàng, VNeID, Zalo …")
    widgets: Annotated[tuple[Widget, ...], Field(max_length=24), require_at_least(1)]

    @model_validator(mode="after")
    def _check_ids(self) -> "Screen":
        ids = list(self._ids())
        twice = [name for name, count in Counter(ids).items() if count > 1]
        if twice:
            raise InvalidWidget(_("Hai chỗ trên màn hình cùng tên {name}.", name=twice[0]))
        shown = Counter(kind for widget in self.widgets for kind in widget.model_fields_set)
        for kind in _ONCE:
            if shown[kind] > 1:
                raise InvalidWidget(_("Một màn hình chỉ có một {kind}.", kind=kind))
        for widget in self.widgets:
            if widget.pointer and widget.pointer.to not in ids:
                raise InvalidWidget(
                    _("Bàn tay chỉ vào {name}, mà màn hình không có.", name=widget.pointer.to)
                )
        return self

    def _ids(self) -> Iterator[str]:
        for part in _nested_parts(widget.content for widget in self.widgets):
            if isinstance(part, widgets.Tappable) and part.id:
                yield part.id
            if isinstance(part, widgets.KeypadWidget):
                yield from KEYPAD_IDS

    def target_ids(self) -> frozenset[str]:
        """Return every id that can be tapped."""
        return frozenset(self._ids())

    def labels(self) -> tuple[str, ...]:
        """Return every text visible on the screen, from top to bottom, as written."""
        return tuple(
            text
            for part in _nested_parts(widget.content for widget in self.widgets)
            for text in _visible_texts(part)
            if text
        )


class Scene(DrawingModel):
    """Một cảnh vẽ sẵn: tờ giấy, người, bàn tay; `point` là chỗ bàn tay chỉ vào."""

    draw: SceneName
    point: str | None = None

    @model_validator(mode="after")
    def _check_point(self) -> "Scene":
        if self.point is not None and self.point not in POINTS[self.draw]:
            raise InvalidWidget(
                _(
                    "Cảnh {scene} không có chỗ {point}, chỉ có: {points}.",
                    scene=self.draw,
                    point=self.point,
                    points=", ".join(POINTS[self.draw]),
                )
            )
        return self

    def target_ids(self) -> frozenset[str]:
        """Return every spot that can be pointed at."""
        return frozenset(POINTS[self.draw])

    def labels(self) -> tuple[str, ...]:
        """Return every text that can be read in the scene."""
        return WORDS.get(self.draw, ())


def _nested_parts(
    contents: Iterable[DrawingModel | tuple[DrawingModel, ...]],
) -> Iterator[DrawingModel]:
    """Yield every widget and its parts: icons, tabs, actions, a dialog's buttons."""
    for content in contents:
        for part in content if isinstance(content, tuple) else (content,):
            yield part
            match part:
                case widgets.TitleWidget():
                    yield from part.actions
                case widgets.ComposerWidget():
                    yield from part.items
                case widgets.DialogWidget():
                    yield from part.buttons
                case widgets.BubbleWidget() if part.link:
                    yield part.link
                case _:
                    pass


def _visible_texts(part: DrawingModel) -> tuple[str, ...]:
    """Return the texts visible on one widget, in reading order."""
    match part:
        case widgets.KeypadWidget():
            return tuple("1234567890")
        case widgets.ReceiptWidget() | widgets.CardWidget():
            return (part.label, *chain.from_iterable(part.rows))
        case widgets.EntryWidget() | widgets.SearchWidget():
            return (getattr(part, "label", ""), part.displayed_text or part.hint)
        case widgets.ComposerWidget():
            return (part.hint,)
        case widgets.QrWidget():
            return (part.label,)
        case _:
            return tuple(getattr(part, name, None) or "" for name in _READABLE)
