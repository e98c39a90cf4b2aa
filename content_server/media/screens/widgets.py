"""The widgets a drawn screen is made of, as they are written in a lesson file.

The docstrings of the widget classes are Vietnamese because they are the descriptions of the JSON
Schema that lesson authors see while typing (docs/lesson.schema.json). Field names are the keys of
lesson files.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from content_server.errors import AppError
from content_server.media.screens.icons import IconName
from content_server.media.screens.labels import Id, Label, OptionalLabel, require_at_least
from content_server.phrases import _


class InvalidWidget(AppError, ValueError):
    """A widget, or the screen as a whole, cannot be drawn."""

    status = 422


NameAndValue = tuple[OptionalLabel, OptionalLabel]
ButtonStyle = Literal["primary", "plain", "good", "danger"]


class DrawingModel(BaseModel):
    """Base of all models of drawings: immutable, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tappable(DrawingModel):
    """A widget that may be a tap target."""

    id: Id | None = None


def label_from_string(value: object) -> object:
    """Let a plain string stand for `{label: …}`."""
    return {"label": value} if isinstance(value, str) else value


class Action(Tappable):
    """A small icon: at the right of a title, or in the bar under a chat."""

    icon: IconName


class TitleWidget(Tappable):
    """Thanh tiêu đề. Có `id` thì mũi tên quay lại là chỗ bấm; `back: true` chỉ vẽ mũi tên."""

    label: Label
    back: bool = False
    actions: Annotated[tuple[Action, ...], Field(max_length=3)] = ()


class TextWidget(Tappable):
    """Một đoạn chữ."""

    label: Label
    size: Literal["small", "normal", "big"] = "normal"
    align: Literal["left", "center"] = "left"
    tone: Literal["plain", "quiet", "good", "danger"] = "plain"


class EntryWidget(Tappable):
    """Ô để gõ chữ. Chưa có `value` thì hiện `hint` màu xám; `masked` thì hiện dấu chấm."""

    label: Label
    value: OptionalLabel = ""
    hint: OptionalLabel = ""
    masked: bool = False

    @property
    def displayed_text(self) -> str:
        """The text in the box: the value, or a dot for each of its letters when masked."""
        if not self.masked:
            return self.value
        return "".join(" " if letter == " " else "●" for letter in self.value)


class ChoiceWidget(Tappable):
    """Ô chọn một trong nhiều thứ, có mũi tên xuống."""

    label: Label
    value: OptionalLabel


class SearchWidget(Tappable):
    """Ô tìm kiếm có kính lúp."""

    value: OptionalLabel = ""
    hint: OptionalLabel = ""

    @property
    def displayed_text(self) -> str:
        return self.value


class ButtonWidget(Tappable):
    """Nút to, ngang màn hình."""

    label: Label
    look: ButtonStyle = "primary"


class ListRowWidget(Tappable):
    """Một dòng trong danh sách; các dòng liền nhau nhập thành một khung."""

    icon: IconName | None = None
    label: Label
    note: OptionalLabel = ""
    value: OptionalLabel = ""


class IconWidget(Tappable):
    """Một hình có chữ ở dưới, trong lưới hình."""

    icon: IconName
    label: Label


class TabWidget(Tappable):
    """Một ô của thanh dưới cùng; ô đầu là ô đang mở, trừ khi ô khác có `on: true`."""

    icon: IconName | None = None
    label: Label
    on: bool = False


class KeypadWidget(Tappable):
    """Bàn phím số ở cuối màn hình. Mỗi phím cũng là một chỗ bấm: key-0 … key-9."""


class DotsWidget(Tappable):
    """Các chấm của mật mã: `filled` chấm đã gõ trong `of` chấm."""

    of: Annotated[int, Field(ge=1, le=8)] = 6
    filled: Annotated[int, Field(ge=0, le=8)] = 0


class DialogButton(Tappable):
    """Một nút trong hộp thoại."""

    label: Label
    look: ButtonStyle = "plain"


class DialogWidget(DrawingModel):
    """Hộp thoại giữa màn hình, phía sau tối lại."""

    label: Label
    text: OptionalLabel = ""
    buttons: Annotated[
        tuple[
            Annotated[
                DialogButton,
                BeforeValidator(label_from_string, json_schema_input_type=str | DialogButton),
            ],
            ...,
        ],
        Field(max_length=3),
        require_at_least(1),
    ]


class ToastWidget(DrawingModel):
    """Lời báo ngắn nổi ở gần cuối màn hình."""

    label: Label


class Link(DrawingModel):
    """Thẻ của một trang, hay một tấm ảnh (`icon: photo`), được gửi trong tin nhắn."""

    title: Label
    site: OptionalLabel = ""
    icon: IconName = "play"


class BubbleWidget(Tappable):
    """Một tin nhắn: nhận (`in`) hay gửi (`out`); có đúng một trong text, voice, link."""

    side: Literal["in", "out"] = "in"
    text: Label | None = None
    voice: Annotated[str, StringConstraints(pattern=r"^\d{1,2}:\d\d$")] | None = None
    link: Link | None = None
    # `from` is a Python word: the field has another name inside.
    sender: OptionalLabel = Field("", alias="from")

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    def model_post_init(self, _context: object) -> None:
        if sum(part is not None for part in (self.text, self.voice, self.link)) != 1:
            raise InvalidWidget(_("Một tin nhắn có đúng một trong: text, voice, link."))


class ComposerWidget(DrawingModel):
    """Thanh gõ tin nhắn ở cuối màn hình."""

    hint: OptionalLabel = ""
    items: Annotated[tuple[Action, ...], Field(max_length=4)] = ()


class RoundWidget(Tappable):
    """Một nút tròn to, như nút thu âm."""

    icon: IconName
    label: OptionalLabel = ""
    look: ButtonStyle = "primary"


class ReceiptWidget(Tappable):
    """Biên lai: mỗi dòng là [tên, giá trị]."""

    label: OptionalLabel = ""
    rows: Annotated[tuple[NameAndValue, ...], Field(max_length=10), require_at_least(1)]


class CardWidget(Tappable):
    """Thẻ giấy tờ: căn cước hay tài khoản (`id`), bảo hiểm y tế (`insurance`)."""

    kind: Literal["id", "insurance"]
    label: Label
    rows: Annotated[tuple[NameAndValue, ...], Field(max_length=6)] = ()


class QrWidget(Tappable):
    """Mã QR thật, quét được; chỉ dùng chữ giả hoặc địa chỉ của bài học."""

    text: Annotated[Label, StringConstraints(max_length=90)]
    label: OptionalLabel = ""


class CameraWidget(Tappable):
    """Khung máy ảnh đang ngắm: mã QR, khuôn mặt hay tấm thẻ."""

    inside: Literal["qr", "face", "card"]
    label: OptionalLabel = ""


class SwitchWidget(Tappable):
    """Công tắc bật, tắt; có `box: true` thì là ô để đánh dấu."""

    label: Label
    on: bool = False
    box: bool = False


class TickWidget(Tappable):
    """Dấu đúng to, có chữ ở dưới."""

    label: Label


class WarningWidget(Tappable):
    """Tam giác cảnh báo, có chữ bên cạnh."""

    label: Label


class PointerWidget(DrawingModel):
    """Bàn tay chỉ vào một chỗ trên màn hình."""

    to: Id


class GapWidget(DrawingModel):
    """Khoảng trống: co giãn, đẩy những thứ bên dưới xuống."""
