"""Judges pictures by their pixels: how alike two are, and whether one is a screenshot."""

from PIL import Image, ImageChops, ImageFilter, ImageMath

BLOCK_PX = 8  # SSIM windows, as in Wang et al. 2004 §III
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

LOOK_PX = 720  # wide enough to see flat areas, small enough to be quick
FLAT_RANGE = 3  # levels; JPEG leaves that much in a flat area
FLAT_SHARE = 0.45
FEW_COLOURS = 12
FEW_COLOURS_SHARE = 0.5


def ssim(first: Image.Image, second: Image.Image) -> float:
    """Return the mean structural similarity of two pictures of one size, on luma: 1.0 = the same.

    Windows of 8×8 px in two grids half a window apart: within 0.01 of ffmpeg's ssim filter.
    """
    whole = [_ssim_on_grid(first, second, shift) for shift in (0, BLOCK_PX // 2)]
    return sum(whole) / len(whole)


def _ssim_on_grid(first: Image.Image, second: Image.Image, shift: int) -> float:
    box = (shift, shift, max(first.width, shift + 1), max(first.height, shift + 1))
    x, y = (picture.convert("L").crop(box).convert("F") for picture in (first, second))
    size = (max(1, x.width // BLOCK_PX), max(1, x.height // BLOCK_PX))

    def mean(picture: Image.Image) -> Image.Image:
        return picture.resize(size, Image.Resampling.BOX)

    product = ImageMath.lambda_eval(lambda args: args["x"] * args["y"], x=x, y=y)
    squares = ImageMath.lambda_eval(
        lambda args: args["x"] * args["x"] + args["y"] * args["y"], x=x, y=y
    )
    scores = ImageMath.lambda_eval(
        lambda args: (
            (2 * args["x"] * args["y"] + C1)
            * (2 * (args["xy"] - args["x"] * args["y"]) + C2)
            / (
                (args["x"] * args["x"] + args["y"] * args["y"] + C1)
                * (args["xx_yy"] - args["x"] * args["x"] - args["y"] * args["y"] + C2)
            )
        ),
        x=mean(x),
        y=mean(y),
        xy=mean(product),
        xx_yy=mean(squares),
    )
    return float(scores.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))  # the mean


def is_screenshot(picture: Image.Image) -> bool:
    """Tell a screenshot from a photo: large flat areas in few colours."""
    look = picture.convert("RGB")
    look.thumbnail((LOOK_PX, LOOK_PX), Image.Resampling.NEAREST)
    return _flat_share(look) >= FLAT_SHARE and _few_colours_share(look) >= FEW_COLOURS_SHARE


def _flat_share(look: Image.Image) -> float:
    """Share of pixels whose 5×5 neighbourhood hardly changes."""
    luma = look.convert("L")
    spread = ImageChops.subtract(
        luma.filter(ImageFilter.MaxFilter(5)), luma.filter(ImageFilter.MinFilter(5))
    )
    return sum(spread.histogram()[: FLAT_RANGE + 1]) / (look.width * look.height)


def _few_colours_share(look: Image.Image) -> float:
    """Share of the picture in its commonest colours (32 levels a channel)."""
    coarse = look.point(lambda level: level & 0xF8)
    counts = sorted((count for count, _colour in coarse.getcolors(1 << 15) or []), reverse=True)
    return sum(counts[:FEW_COLOURS]) / (look.width * look.height)
