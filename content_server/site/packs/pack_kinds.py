"""The kinds of pack: what each file is called, what it is for, and who opens it."""

from dataclasses import dataclass
from enum import StrEnum

from content_server.phrases import Phrase, _


class PackKind(StrEnum):
    """What can be taken away of one lesson in one language; the value stands in addresses."""

    ONE_FILE = "html"
    MOVIE = "mp4"
    STILLS = "jpg"
    SOUND = "mp3"
    CARDS = "the-a5"
    HANDOUT = "to-a4"
    POSTER = "ap-phich-a3"
    NOTES = "ghi-chu-a4"
    ANSWERS = "the-abcd"
    SLIDES = "pptx"
    BOOK = "epub"

    @property
    def file_name(self) -> str:
        """Return the end of the file's name: mp4, the-a5.pdf, jpg.zip."""
        suffix = ABOUT[self].suffix
        return self.value if suffix == f".{self.value}" else f"{self.value}{suffix}"


@dataclass(frozen=True)
class About:
    """A kind in words, and what its file is to a computer."""

    name: Phrase
    use: Phrase  # when one would take it
    suffix: str
    content_type: str


PDF = ".pdf", "application/pdf"
PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ABOUT = {
    PackKind.ONE_FILE: About(
        _("Một tệp"),
        _("Gửi qua Zalo hay Bluetooth, mở không cần mạng."),
        ".html",
        "text/html",
    ),
    PackKind.MOVIE: About(
        _("Phim"),
        _("Gửi qua Zalo, hoặc chép vào USB cắm ti vi."),
        ".mp4",
        "video/mp4",
    ),
    PackKind.SOUND: About(
        _("Lời đọc"),
        _("Phát trên loa của bản, nghe trên đường."),
        ".mp3",
        "audio/mpeg",
    ),
    PackKind.STILLS: About(
        _("Ảnh từng bước"),
        _("Cho ti vi chỉ xem được ảnh: giải nén vào USB."),
        ".zip",
        "application/zip",
    ),
    PackKind.SLIDES: About(
        _("Trình chiếu PowerPoint"),
        _("Sửa được, có lời đọc trong từng trang."),
        ".pptx",
        PPTX_TYPE,
    ),
    PackKind.CARDS: About(_("Thẻ bước"), _("In A4, cắt đôi thành thẻ A5 phát tay."), *PDF),
    PackKind.HANDOUT: About(_("Tờ phát tay"), _("In A4, cả bài, mang về nhà."), *PDF),
    PackKind.POSTER: About(_("Áp phích"), _("In A3, treo ở chợ, nhà văn hóa."), *PDF),
    PackKind.NOTES: About(_("Tờ của người dạy"), _("In A4: dạy gì, hỏi gì, nhắc gì."), *PDF),
    PackKind.ANSWERS: About(_("Thẻ A B C D"), _("In A4: câu hỏi và thẻ giơ tay."), *PDF),
    PackKind.BOOK: About(
        _("Sách có lời đọc"),
        _("Mở bằng ứng dụng đọc sách EPUB."),
        ".epub",
        "application/epub+zip",
    ),
}
