"""Photos and screenshots come out small, upright, in sRGB, and without a trace of their owner."""

import io
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw, ImageOps, PngImagePlugin

from content_server.errors import InvalidMedia
from content_server.media.clip_ladder import STRIP_LADDER
from content_server.media.ffmpeg import runner
from content_server.media.ffmpeg.runner import Limits, ToolPriority
from content_server.media.images import image_renditions, image_worker
from content_server.media.images.image_renditions import encode_image_renditions, encode_picture
from content_server.media.images.image_similarity import is_screenshot, ssim
from content_server.media.images.redaction import PhotoEdits
from content_server.media.media_kinds import EncodedFile
from content_server.settings import Settings
from tests.support.media_files import run_ffmpeg

NAMES = ["avif-360", "webp-360", "jpeg-360", "avif-720", "webp-720", "jpeg-720"]


def draw_photo(width: int = 1600, height: int = 1200, *, roughness: float = 0.5) -> Image.Image:
    """Clouds at every size, as light falls in nature; more roughness, more leaves and gravel."""
    dice = random.Random(7)  # noqa: S311  # the same photo each time
    photo = Image.new("RGB", (width, height), "grey")
    for octave in range(1, 8):
        size = (2**octave, 2**octave)
        spots = Image.frombytes("RGB", size, dice.randbytes(3 * size[0] * size[1]))
        layer = spots.resize((width, height), Image.Resampling.BICUBIC)
        photo = Image.blend(photo, layer, 0.5 if octave == 1 else roughness**2)
    return photo


def draw_screenshot(width: int = 1080, height: int = 2280) -> Image.Image:
    screen = Image.new("RGB", (width, height), "#f4f6f8")
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, width, 220), fill="#0b5cad")
    draw.text((60, 100), "Thanh toán tiền điện", fill="white", font_size=64)
    for row in range(8):
        top = 300 + row * 220
        draw.rounded_rectangle((40, top, width - 40, top + 180), 30, fill="white")
        draw.ellipse((80, top + 40, 180, top + 140), fill=f"#{row * 30 + 20:02x}80a0")
        draw.text((220, top + 40), f"Mã khách hàng PC0500{row}", fill="#202020", font_size=48)
        draw.text((220, top + 105), "Kỳ hóa đơn tháng 6", fill="#777777", font_size=36)
    return screen


def save_picture(picture: Image.Image, path: Path, **options: object) -> Path:
    picture.save(path, **options)  # type: ignore[arg-type]  # each format has its own options
    return path


def encode_image(source: Path) -> dict[str, EncodedFile]:
    folder = source.parent / f"made-{source.name}"
    folder.mkdir()
    made = {each.rung: each for each in encode_image_renditions(source, folder)}
    assert sorted(folder.iterdir()) == sorted(each.path for each in made.values())
    return made


def open_rendition(made: EncodedFile) -> Image.Image:
    picture = Image.open(made.path)
    picture.load()
    return picture


def similarity_to(source: Image.Image, made: EncodedFile) -> float:
    assert made.width_px is not None
    assert made.height_px is not None
    size = (made.width_px, made.height_px)
    return ssim(source.resize(size, Image.Resampling.LANCZOS), open_rendition(made))


@pytest.mark.parametrize(
    ("picture", "most_bytes"), [(draw_photo(), 30_000), (draw_screenshot(), 20_000)]
)
def test_a_360_px_picture_looks_the_same_in_few_bytes(
    tmp_path: Path, picture: Image.Image, most_bytes: int
) -> None:
    made = encode_image(save_picture(picture, tmp_path / "in.png"))
    assert list(made) == NAMES
    assert made["avif-360"].path.stat().st_size <= most_bytes
    for each in made.values():
        assert each.note is None
        assert each.width_px == int(each.rung[-3:])
        assert open_rendition(each).size == (each.width_px, each.height_px)
        assert similarity_to(picture, each) >= 0.95


def test_a_picture_too_rich_for_its_bytes_is_the_best_that_fits_and_says_so(tmp_path: Path) -> None:
    rough = Image.frombytes("RGB", (720, 720), random.Random(1).randbytes(720 * 720 * 3))  # noqa: S311  # as above
    made = encode_image(save_picture(rough, tmp_path / "in.png"))
    assert 20_000 < made["avif-360"].path.stat().st_size <= 30_000
    assert made["avif-360"].note is not None
    assert similarity_to(rough, made["avif-360"]) < 0.95


def test_stills_of_one_clip_are_found_in_few_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def counted(picture: Image.Image, name: str, quality: int) -> bytes:
        tries.append(name)
        return encode_picture(picture, name, quality)

    monkeypatch.setattr(image_renditions, "encode_picture", counted)
    thorough = [replace(rung, ssim_tolerance=0.0) for rung in STRIP_LADDER]
    qualities: image_renditions.Qualities = {}
    for still, most_tries in (
        (draw_screenshot(), 12),
        (ImageOps.flip(draw_screenshot()), 6),  # what is like the one before is found at once
        (draw_photo(roughness=0.3), 12),  # nothing is like it
    ):
        best = [
            measure_rendition(each, still)
            for each in image_renditions.encode_rungs(still, tmp_path, thorough)
        ]
        tries.clear()
        made = image_renditions.encode_rungs(still, tmp_path, STRIP_LADDER, qualities=qualities)
        assert len(tries) <= most_tries
        for each, (best_bytes, best_ssim) in zip(made, best, strict=True):
            found_bytes, found_ssim = measure_rendition(each, still)
            assert found_bytes <= 1.12 * best_bytes
            assert found_ssim >= best_ssim - 0.003


def measure_rendition(made: EncodedFile, source: Image.Image) -> tuple[int, float]:
    return made.path.stat().st_size, similarity_to(source, made)


def test_formats_are_what_they_say(tmp_path: Path) -> None:
    for each in encode_image(save_picture(draw_photo(370, 200), tmp_path / "in.jpg")).values():
        assert Image.MIME[str(open_rendition(each).format)] == each.content_type


def test_a_small_picture_is_never_enlarged(tmp_path: Path) -> None:
    made = encode_image(save_picture(draw_photo(200, 100), tmp_path / "in.png"))
    assert list(made) == NAMES[:3]
    assert all((each.width_px, each.height_px) == (200, 100) for each in made.values())
    made = encode_image(save_picture(draw_photo(500, 100), tmp_path / "middle.png"))
    assert [each.width_px for each in made.values()] == [360] * 3 + [500] * 3


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    made = encode_image(save_picture(Image.new("RGB", (1, 1), "red"), tmp_path / "in.png"))
    assert all((each.width_px, each.height_px) == (1, 1) for each in made.values())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright(tmp_path: Path, orientation: int) -> None:
    upright = Image.new("RGB", (400, 200), "white")
    upright.paste("red", (0, 0, 100, 100))  # the red corner is top left
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying = next(
        turned
        for turned in (
            upright if way is None else upright.transpose(way) for way in (None, *Image.Transpose)
        )
        if _upright(turned, exif) == upright.tobytes()
    )
    made = encode_image(save_picture(lying, tmp_path / "in.png", exif=exif))
    picture = open_rendition(made["jpeg-360"])
    assert picture.size == (360, 180)
    red, green, _blue = picture.convert("RGB").getpixel((30, 30))  # type: ignore[misc]  # three
    assert red > 200
    assert green < 80


def _upright(turned: Image.Image, exif: Image.Exif) -> bytes:
    file = io.BytesIO()
    turned.save(file, "PNG", exif=exif)
    return ImageOps.exif_transpose(Image.open(file)).tobytes()


def test_no_place_no_owner_no_profile_leaves_the_house(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x013B] = "SECRETPHONE", "SECRETOWNER"
    exif.get_ifd(0x8825)[2] = (22.0, 23.0, 45.0)
    exif.get_ifd(0x8825)[29] = "SECRETDATE"
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Author", "SECRETAUTHOR")
    comment.add_itxt("XML:com.adobe.xmp", "<x>SECRETXMP</x>")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = draw_photo(120, 90)
    sources = [
        save_picture(
            photo, tmp_path / "in.jpg", exif=exif, comment=b"SECRETCOMMENT", icc_profile=profile
        ),
        save_picture(photo, tmp_path / "in.png", exif=exif, pnginfo=comment, icc_profile=profile),
        save_picture(photo, tmp_path / "in.webp", exif=exif, xmp=b"SECRETXMP", icc_profile=profile),
        save_picture(photo, tmp_path / "in.avif", exif=exif, xmp=b"SECRETXMP", icc_profile=profile),
    ]
    for source in sources:
        assert b"SECRET" in source.read_bytes()
        for each in encode_image(source).values():
            assert b"SECRET" not in each.path.read_bytes()
            picture = open_rendition(each)
            assert not picture.getexif()
            assert not {"icc_profile", "exif", "xmp", "comment"} & set(picture.info)


def test_colours_of_another_profile_become_srgb(tmp_path: Path) -> None:
    # A profile that means something else by the same numbers: Lab values in a file are not RGB,
    # but a picture in CMYK must come out in its own colours.
    ink = Image.new("CMYK", (100, 100), (0, 255, 255, 0))  # red
    for each in encode_image(save_picture(ink, tmp_path / "in.jpg")).values():
        red, green, blue = open_rendition(each).convert("RGB").getpixel((50, 50))  # type: ignore[misc]  # three
        assert red > 200
        assert max(green, blue) < 60


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_understood(tmp_path: Path, mode: str) -> None:
    half = Image.new("L", (100, 100), 0)
    half.paste(255, (50, 0, 100, 100))
    if mode == "I;16":
        picture = Image.new("I;16", (100, 100), 0)
        picture.paste(65535, (50, 0, 100, 100))
    else:
        picture = half.convert("RGBA" if mode == "P" else mode)
        if mode == "P":
            picture = picture.quantize(4)
    made = encode_image(save_picture(picture, tmp_path / "in.png"))
    result = open_rendition(made["jpeg-360"]).convert("L")
    assert result.getpixel((20, 50)) < 20  # type: ignore[operator]  # one channel: a number
    assert result.getpixel((80, 50)) > 235  # type: ignore[operator]  # as above


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    made = encode_image(
        save_picture(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), tmp_path / "in.png")
    )
    assert open_rendition(made["jpeg-360"]).convert("L").getpixel((25, 25)) >= 250  # type: ignore[operator]  # one channel


def test_a_moving_picture_gives_its_first_frame_and_says_so(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "lime", "blue")]
    for suffix in ("gif", "webp", "png"):
        source = tmp_path / f"in.{suffix}"
        frames[0].save(source, save_all=True, append_images=frames[1:])
        for each in encode_image(source).values():
            assert open_rendition(each).convert("RGB").getpixel((30, 30))[0] > 200  # type: ignore[index]  # three
            assert "Ảnh động" in str(each.note)


def test_the_same_photo_makes_the_same_bytes(tmp_path: Path) -> None:
    photo = draw_photo(200, 150)
    first, second = (
        [
            each.path.read_bytes()
            for each in encode_image(save_picture(photo, tmp_path / name)).values()
        ]
        for name in ("first.png", "second.png")
    )
    assert first == second


@pytest.mark.parametrize("quality", [10, 50, 90])
def test_our_likeness_agrees_with_ffmpeg(tmp_path: Path, quality: int) -> None:
    photo = draw_photo(360, 270)
    worse = Image.open(save_picture(photo, tmp_path / "b.jpg", quality=quality))
    said = run_ffmpeg(
        *(
            "-i",
            save_picture(photo, tmp_path / "a.png"),
            "-i",
            save_picture(worse, tmp_path / "b.png"),
        ),
        *("-lavfi", "[0]format=gray[a];[1]format=gray[b];[a][b]ssim", "-f", "null", "-"),
    )
    found = re.search(r"SSIM Y:([\d.]+)", said)
    assert found is not None
    assert ssim(photo, worse) == pytest.approx(float(found[1]), abs=0.01)
    assert ssim(photo, photo) == pytest.approx(1)


def test_screenshots_are_told_from_photos() -> None:
    assert is_screenshot(draw_screenshot())
    assert is_screenshot(draw_screenshot().resize((360, 760)))
    shared = io.BytesIO()
    draw_screenshot().resize((540, 1140)).save(shared, "JPEG", quality=60)  # as a chat sends it
    assert is_screenshot(Image.open(shared))
    assert not is_screenshot(draw_photo())
    assert not is_screenshot(draw_photo(roughness=0.1))


@pytest.mark.parametrize(("width", "height"), [(12_001, 1), (1, 12_001), (8000, 6300)])
def test_a_picture_too_large_is_refused_by_its_header(
    tmp_path: Path, width: int, height: int
) -> None:
    with pytest.raises(InvalidMedia, match="to quá"):
        encode_image(save_picture(Image.new("1", (width, height)), tmp_path / "in.png"))


def test_a_file_too_heavy_is_refused(tmp_path: Path) -> None:
    source = save_picture(Image.new("RGB", (9, 9)), tmp_path / "in.png")
    with source.open("r+b") as file:
        file.truncate(20_000_001)
    with pytest.raises(InvalidMedia, match="20 MB"):
        encode_image(source)


def test_pictures_are_developed_in_a_process_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_picture(draw_screenshot(), tmp_path / "man-hinh.png")
    tiny = save_picture(Image.new("RGB", (4, 4)), tmp_path / "nho.png")

    def never(*_given: object, **_named: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Image, "open", never)  # in this process: a server's
    (tmp_path / "made").mkdir()
    made = image_worker.make_image_renditions(source, tmp_path / "made")
    assert [each.rung for each in made] == NAMES
    assert all(each.path.stat().st_size for each in made)
    assert image_worker.photo_size(source) == (1080, 2280)
    assert image_worker.redact_photo(tiny, PhotoEdits(boxes=())).width_px == 4
    assert image_worker.make_preview(source)[:2] == b"\xff\xd8"
    with pytest.raises(InvalidMedia, match="không phải ảnh"):
        image_worker.photo_size(Path(__file__))


def test_a_person_waits_at_normal_niceness_and_on_the_cores_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_picture(Image.new("RGB", (4, 4)), tmp_path / "nho.png")
    priorities: list[ToolPriority] = []
    run = runner.run_tool

    def record(
        argv: Sequence[str], limits: Limits, folder: Path, *, priority: ToolPriority
    ) -> runner.ToolResult:
        priorities.append(priority)
        return run(argv, limits, folder)

    monkeypatch.setattr(runner, "run_tool", record)
    for settings in (
        Settings(tool_niceness=7, tool_cores=(0,)),
        Settings(tool_niceness=12, tool_cores=(1,)),
    ):
        priority = ToolPriority.from_settings(settings)
        image_worker.make_image_renditions(source, tmp_path, priority)
        image_worker.photo_size(source, priority)
    assert priorities == [
        ToolPriority(7, (0,)),
        ToolPriority(0, (0,)),
        ToolPriority(12, (1,)),
        ToolPriority(0, (1,)),
    ]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (replace(image_worker.LIMITS, memory_bytes=300 << 20), "Ảnh"),
        (replace(image_worker.LIMITS, wall_s=0.1), "quá sức máy"),
    ],
)
def test_a_picture_beyond_its_limits_costs_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits, words: str
) -> None:
    source = save_picture(Image.new("RGB", (9000, 5000)), tmp_path / "to.png")
    monkeypatch.setattr(image_worker, "LIMITS", limits)
    with pytest.raises(InvalidMedia, match=words):
        image_worker.make_preview(source)
