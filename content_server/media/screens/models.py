"""What may be drawn, as lesson files say it: a phone screen made of widgets, or a scene."""

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

from content_server.media.screens import widgets as kinds
from content_server.media.screens.labels import at_least
from content_server.media.screens.scenes.spots import POINTS, WORDS, SceneName
from content_server.media.screens.widgets import Frozen, WidgetRefused, label_alone
from content_server.phrases import _

App = Literal["bank", "vneid", "zalo", "store", "phone", "sms", "portal"]
_READABLE = ("sender", "label", "title", "site", "text", "voice", "note", "value")
_ONCE = ("title", "dialog", "toast", "composer", "keypad", "tabs")
KEYPAD_IDS = tuple(f"key-{digit}" for digit in range(10))


def _short(model: type[Frozen]) -> BeforeValidator:
    """Let a plain string stand for the widget's label, and say so in the JSON schema."""
    return BeforeValidator(label_alone, json_schema_input_type=str | model)


def _exactly_one(schema: dict[str, Any]) -> None:
    """Tell editors that a widget has one of the known names, and no null."""
    schema.update(minProperties=1, maxProperties=1)
    for part in schema["properties"].values():
        part.pop("default", None)
        known = [choice for choice in part.pop("anyOf") if choice != {"type": "null"}]
        part.update(known[0] if len(known) == 1 else {"anyOf": known})


Icons = Annotated[tuple[kinds.Icon, ...], Field(max_length=12), at_least(1)]
Tabs = Annotated[
    tuple[Annotated[kinds.Tab, _short(kinds.Tab)], ...], Field(max_length=5), at_least(2)
]


class Widget(Frozen):
    """Một thứ nhìn thấy trên màn hình: viết đúng một trong các tên dưới đây."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra=_exactly_one,
    )

    title: Annotated[kinds.Title, _short(kinds.Title)] | None = None
    text: Annotated[kinds.Text, _short(kinds.Text)] | None = None
    field: kinds.Entry | None = None
    choice: kinds.Choice | None = None
    search: kinds.Search | None = None
    button: Annotated[kinds.Button, _short(kinds.Button)] | None = None
    row: Annotated[kinds.ListRow, _short(kinds.ListRow)] | None = None
    icons: Icons | None = Field(None, description="Lưới hình, mỗi hàng ba hình.")
    tabs: Tabs | None = Field(None, description="Thanh ở cuối màn hình.")
    keypad: kinds.Keypad | None = None
    dots: kinds.Dots | None = None
    dialog: kinds.Dialog | None = None
    toast: Annotated[kinds.Toast, _short(kinds.Toast)] | None = None
    bubble: kinds.Bubble | None = None
    composer: kinds.Composer | None = None
    round: kinds.Round | None = None
    receipt: kinds.Receipt | None = None
    card: kinds.Card | None = None
    qr: kinds.Qr | None = None
    camera: kinds.Camera | None = None
    switch: kinds.Switch | None = None
    tick: Annotated[kinds.Tick, _short(kinds.Tick)] | None = None
    warning: Annotated[kinds.Warned, _short(kinds.Warned)] | None = None
    pointer: kinds.Pointer | None = None
    gap: kinds.Gap | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_known_kind(cls, value: object) -> object:
        if isinstance(value, cls):
            return value
        given = [str(key) for key in value] if isinstance(value, dict) else [str(value)[:40]]
        if not isinstance(value, dict) or len(given) != 1 or given[0] not in cls.model_fields:
            raise WidgetRefused(
                _(
                    "Mỗi thứ trên màn hình có đúng một tên trong: {kinds}. Ở đây viết: {given}",
                    kinds=", ".join(cls.model_fields),
                    given=", ".join(given)[:80],
                )
            )
        return {key: {} if part is None else part for key, part in value.items()}

    @model_serializer(mode="wrap")
    def _only_what_is_there(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: part for key, part in handler(self).items() if part is not None}

    @property
    def thing(self) -> Frozen | tuple[Frozen, ...]:
        """The one widget this is: a kinds.Title, a kinds.Button … or a tuple of icons or tabs."""
        parts = (getattr(self, name) for name in type(self).model_fields)
        thing: Frozen | tuple[Frozen, ...] = next(part for part in parts if part is not None)
        return thing


class Screen(Frozen):
    """Một màn hình điện thoại: kiểu ứng dụng, và những thứ nhìn thấy từ trên xuống."""

    app: App = Field(description="kiểu màu và cách xếp: ngân hàng, VNeID, Zalo …")
    widgets: Annotated[tuple[Widget, ...], Field(max_length=24), at_least(1)]

    @model_validator(mode="after")
    def _ids_are_right(self) -> "Screen":
        ids = list(self._ids())
        twice = [name for name, count in Counter(ids).items() if count > 1]
        if twice:
            raise WidgetRefused(_("Hai chỗ trên màn hình cùng tên {name}.", name=twice[0]))
        shown = Counter(kind for widget in self.widgets for kind in widget.model_fields_set)
        for kind in _ONCE:
            if shown[kind] > 1:
                raise WidgetRefused(_("Một màn hình chỉ có một {kind}.", kind=kind))
        for widget in self.widgets:
            if widget.pointer and widget.pointer.to not in ids:
                raise WidgetRefused(
                    _("Bàn tay chỉ vào {name}, mà màn hình không có.", name=widget.pointer.to)
                )
        return self

    def _ids(self) -> Iterator[str]:
        for part in _parts(widget.thing for widget in self.widgets):
            if isinstance(part, kinds.Tappable) and part.id:
                yield part.id
            if isinstance(part, kinds.Keypad):
                yield from KEYPAD_IDS

    def target_ids(self) -> frozenset[str]:
        """Return every id that can be tapped."""
        return frozenset(self._ids())

    def labels(self) -> tuple[str, ...]:
        """Return every text visible on the screen, from top to bottom, as written."""
        return tuple(
            text
            for part in _parts(widget.thing for widget in self.widgets)
            for text in _texts_of(part)
            if text
        )


class Scene(Frozen):
    """Một cảnh vẽ sẵn: tờ giấy, người, bàn tay; `point` là chỗ bàn tay chỉ vào."""

    draw: SceneName
    point: str | None = None

    @model_validator(mode="after")
    def _point_is_there(self) -> "Scene":
        if self.point is not None and self.point not in POINTS[self.draw]:
            raise WidgetRefused(
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


def _parts(things: Iterable[Frozen | tuple[Frozen, ...]]) -> Iterator[Frozen]:
    """Yield every widget and what is inside it: icons, tabs, actions, a dialog's buttons."""
    for thing in things:
        for part in thing if isinstance(thing, tuple) else (thing,):
            yield part
            match part:
                case kinds.Title():
                    yield from part.actions
                case kinds.Composer():
                    yield from part.items
                case kinds.Dialog():
                    yield from part.buttons
                case kinds.Bubble() if part.link:
                    yield part.link
                case _:
                    pass


def _texts_of(part: Frozen) -> tuple[str, ...]:
    """Return what can be read on one widget, in the order it stands there."""
    match part:
        case kinds.Keypad():
            return tuple("1234567890")
        case kinds.Receipt() | kinds.Card():
            return (part.label, *chain.from_iterable(part.rows))
        case kinds.Entry() | kinds.Search():
            return (getattr(part, "label", ""), part.shown or part.hint)
        case kinds.Composer():
            return (part.hint,)
        case kinds.Qr():
            return (part.label,)
        case _:
            return tuple(getattr(part, name, None) or "" for name in _READABLE)
