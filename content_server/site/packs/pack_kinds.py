"""The kinds of pack, and the one place where each is registered: `PACK_KINDS`."""

from dataclasses import dataclass
from enum import StrEnum

from content_server.phrases import Phrase, _


class PackKind(StrEnum):
    """One kind of file made of one lesson in one language. The value is part of its address."""

    ONE_FILE = "html"
    VIDEO = "mp4"
    STILLS = "jpg"
    AUDIO = "mp3"
    STEP_CARDS = "the-a5"
    HANDOUT = "to-a4"
    POSTER = "ap-phich-a3"
    NOTES = "ghi-chu-a4"
    ANSWER_CARDS = "the-abcd"
    SLIDES = "pptx"
    EPUB = "epub"

    @property
    def file_name(self) -> str:
        """Return the end of the file's name: mp4, the-a5.pdf, jpg.zip."""
        suffix = PACK_KINDS[self].suffix
        return self.value if suffix == f".{self.value}" else f"{self.value}{suffix}"


@dataclass(frozen=True)
class PackKindInfo:
    """What the server knows of a kind: its words on the downloads page, its file, its maker."""

    name: Phrase
    purpose: Phrase  # when a person would take it
    suffix: str
    content_type: str
    maker: str  # "module.function" of this package, a PackMaker (see pack_makers)


PDF = ".pdf", "application/pdf"
PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PACK_KINDS = {  # in the order of the downloads page: what most people take comes first
    PackKind.ONE_FILE: PackKindInfo(
        _("Một tệp"),
        _("Gửi qua Zalo hay Bluetooth, mở không cần mạng."),
        ".html",
        "text/html",
        "one_file.make_one_file",
    ),
    PackKind.VIDEO: PackKindInfo(
        _("Phim"),
        _("Gửi qua Zalo, hoặc chép vào USB cắm ti vi."),
        ".mp4",
        "video/mp4",
        "video.make_video",
    ),
    PackKind.AUDIO: PackKindInfo(
        _("Lời đọc"),
        _("Phát trên loa của bản, nghe trên đường."),
        ".mp3",
        "audio/mpeg",
        "lesson_audio.make_audio",
    ),
    PackKind.HANDOUT: PackKindInfo(
        _("Tờ phát tay"), _("In A4, cả bài, mang về nhà."), *PDF, "paper.make_handout"
    ),
    PackKind.STEP_CARDS: PackKindInfo(
        _("Thẻ bước"), _("In A4, cắt đôi thành thẻ A5 phát tay."), *PDF, "paper.make_step_cards"
    ),
    PackKind.POSTER: PackKindInfo(
        _("Áp phích"), _("In A3, treo ở chợ, nhà văn hóa."), *PDF, "paper.make_poster"
    ),
    PackKind.SLIDES: PackKindInfo(
        _("Trình chiếu PowerPoint"),
        _("Sửa được, có lời đọc trong từng trang."),
        ".pptx",
        PPTX_TYPE,
        "slides.make_slides",
    ),
    PackKind.NOTES: PackKindInfo(
        _("Tờ của người dạy"),
        _("In A4: dạy gì, hỏi gì, nhắc gì."),
        *PDF,
        "paper.make_trainer_notes",
    ),
    PackKind.ANSWER_CARDS: PackKindInfo(
        _("Thẻ A B C D"), _("In A4: câu hỏi và thẻ giơ tay."), *PDF, "paper.make_answer_cards"
    ),
    PackKind.STILLS: PackKindInfo(
        _("Ảnh từng bước"),
        _("Cho ti vi chỉ xem được ảnh: giải nén vào USB."),
        ".zip",
        "application/zip",
        "video.make_stills",
    ),
    PackKind.EPUB: PackKindInfo(
        _("Sách có lời đọc"),
        _("Mở bằng ứng dụng đọc sách EPUB."),
        ".epub",
        "application/epub+zip",
        "epub.make_epub",
    ),
}
