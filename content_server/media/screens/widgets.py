"""The kinds of widget a drawn screen is made of, as they are written in a lesson file."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from content_server.errors import AppError
from content_server.media.screens.icons import IconName
from content_server.media.screens.labels import Id, Label, Words, at_least
from content_server.phrases import _


class WidgetRefused(AppError, ValueError):
    """A widget, or the screen as a whole, is not one we can draw."""

    status = 422


Row = tuple[Words, Words]
Look = Literal["primary", "plain", "good", "danger"]


class Frozen(BaseModel):
    """A value that never changes and takes no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tappable(Frozen):
    """Whatever may be a tap target."""

    id: Id | None = None


def label_alone(value: object) -> object:
    """Let a plain string stand for `{label: …}`."""
    return {"label": value} if isinstance(value, str) else value


class Action(Tappable):
    """A small icon: at the right of a title, or in the bar under a chat."""

    icon: IconName


class Title(Tappable):
    """Thanh tiêu đề. Có `id` thì mũi tên quay lại là chỗ bấm; `back: true` chỉ vẽ mũi tên."""

    label: Label
    back: bool = False
    actions: Annotated[tuple[Action, ...], Field(max_length=3)] = ()


class Text(Tappable):
    """Một đoạn chữ."""

    label: Label
    size: Literal["small", "normal", "big"] = "normal"
    align: Literal["left", "center"] = "left"
    tone: Literal["plain", "quiet", "good", "danger"] = "plain"


class Entry(Tappable):
    """Ô để gõ chữ. Chưa có `value` thì hiện `hint` màu xám; `masked` thì hiện dấu chấm."""

    label: Label
    value: Words = ""
    hint: Words = ""
    masked: bool = False

    @property
    def shown(self) -> str:
        """What stands in the box: the value, or a dot for each of its letters."""
        if not self.masked:
            return self.value
        return "".join(" " if letter == " " else "●" for letter in self.value)


class Choice(Tappable):
    """Ô chọn một trong nhiều thứ, có mũi tên xuống."""

    label: Label
    value: Words


class Search(Tappable):
    """Ô tìm kiếm có kính lúp."""

    value: Words = ""
    hint: Words = ""

    @property
    def shown(self) -> str:
        return self.value


class Button(Tappable):
    """Nút to, ngang màn hình."""

    label: Label
    look: Look = "primary"


class ListRow(Tappable):
    """Một dòng trong danh sách; các dòng liền nhau nhập thành một khung."""

    icon: IconName | None = None
    label: Label
    note: Words = ""
    value: Words = ""


class Icon(Tappable):
    """Một hình có chữ ở dưới, trong lưới hình."""

    icon: IconName
    label: Label


class Tab(Tappable):
    """Một ô của thanh dưới cùng; ô đầu là ô đang mở, trừ khi ô khác có `on: true`."""

    icon: IconName | None = None
    label: Label
    on: bool = False


class Keypad(Tappable):
    """Bàn phím số ở cuối màn hình. Mỗi phím cũng là một chỗ bấm: key-0 … key-9."""


class Dots(Tappable):
    """Các chấm của mật mã: `filled` chấm đã gõ trong `of` chấm."""

    of: Annotated[int, Field(ge=1, le=8)] = 6
    filled: Annotated[int, Field(ge=0, le=8)] = 0


class DialogButton(Tappable):
    """Một nút trong hộp thoại."""

    label: Label
    look: Look = "plain"


class Dialog(Frozen):
    """Hộp thoại giữa màn hình, phía sau tối lại."""

    label: Label
    text: Words = ""
    buttons: Annotated[
        tuple[
            Annotated[
                DialogButton,
                BeforeValidator(label_alone, json_schema_input_type=str | DialogButton),
            ],
            ...,
        ],
        Field(max_length=3),
        at_least(1),
    ]


class Toast(Frozen):
    """Lời báo ngắn nổi ở gần cuối màn hình."""

    label: Label


class Link(Frozen):
    """Thẻ của một trang, hay một tấm ảnh (`icon: photo`), được gửi trong tin nhắn."""

    title: Label
    site: Words = ""
    icon: IconName = "play"


class Bubble(Tappable):
    """Một tin nhắn: nhận (`in`) hay gửi (`out`); có đúng một trong text, voice, link."""

    side: Literal["in", "out"] = "in"
    text: Label | None = None
    voice: Annotated[str, StringConstraints(pattern=r"^\d{1,2}:\d\d$")] | None = None
    link: Link | None = None
    # `from` is a Python word: the field has another name inside.
    sender: Words = Field("", alias="from")

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    def model_post_init(self, _context: object) -> None:
        if sum(part is not None for part in (self.text, self.voice, self.link)) != 1:
            raise WidgetRefused(_("Một tin nhắn có đúng một trong: text, voice, link."))


class Composer(Frozen):
    """Thanh gõ tin nhắn ở cuối màn hình."""

    hint: Words = ""
    items: Annotated[tuple[Action, ...], Field(max_length=4)] = ()


class Round(Tappable):
    """Một nút tròn to, như nút thu âm."""

    icon: IconName
    label: Words = ""
    look: Look = "primary"


class Receipt(Tappable):
    """Biên lai: mỗi dòng là [tên, giá trị]."""

    label: Words = ""
    rows: Annotated[tuple[Row, ...], Field(max_length=10), at_least(1)]


class Card(Tappable):
    """Thẻ giấy tờ: căn cước hay tài khoản (`id`), bảo hiểm y tế (`insurance`)."""

    kind: Literal["id", "insurance"]
    label: Label
    rows: Annotated[tuple[Row, ...], Field(max_length=6)] = ()


class Qr(Tappable):
    """Mã QR thật, quét được; chỉ dùng chữ giả hoặc địa chỉ của bài học."""

    text: Annotated[Label, StringConstraints(max_length=90)]
    label: Words = ""


class Camera(Tappable):
    """Khung máy ảnh đang ngắm: mã QR, khuôn mặt hay tấm thẻ."""

    inside: Literal["qr", "face", "card"]
    label: Words = ""


class Switch(Tappable):
    """Công tắc bật, tắt; có `box: true` thì là ô để đánh dấu."""

    label: Label
    on: bool = False
    box: bool = False


class Tick(Tappable):
    """Dấu đúng to, có chữ ở dưới."""

    label: Label


class Warned(Tappable):
    """Tam giác cảnh báo, có chữ bên cạnh."""

    label: Label


class Pointer(Frozen):
    """Bàn tay chỉ vào một chỗ trên màn hình."""

    to: Id


class Gap(Frozen):
    """Khoảng trống: co giãn, đẩy những thứ bên dưới xuống."""
