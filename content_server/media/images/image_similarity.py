"""Similarity of two pictures (SSIM), and the detection of screenshots."""

from PIL import Image, ImageChops, ImageFilter, ImageMath

BLOCK_PX = 8  # SSIM windows, as in Wang et al. 2004 §III
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

ANALYSIS_PX = 720  # longest side: large enough to show flat areas, small enough to be fast
FLAT_RANGE = 3  # levels; JPEG leaves this much noise in a flat area
FLAT_SHARE = 0.45
COMMON_COLOURS = 12
COMMON_COLOURS_SHARE = 0.5


def ssim(first: Image.Image, second: Image.Image) -> float:
    """Return the mean structural similarity of two pictures of one size, on luma; 1.0: equal.

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
    """Return whether a picture is a screenshot: large flat areas in few colours."""
    small = picture.convert("RGB")
    small.thumbnail((ANALYSIS_PX, ANALYSIS_PX), Image.Resampling.NEAREST)
    return _flat_share(small) >= FLAT_SHARE and _common_colours_share(small) >= COMMON_COLOURS_SHARE


def _flat_share(analysis: Image.Image) -> float:
    """Return the share of pixels whose 5×5 neighbourhood spans at most FLAT_RANGE levels."""
    luma = analysis.convert("L")
    spread = ImageChops.subtract(
        luma.filter(ImageFilter.MaxFilter(5)), luma.filter(ImageFilter.MinFilter(5))
    )
    return sum(spread.histogram()[: FLAT_RANGE + 1]) / (analysis.width * analysis.height)


def _common_colours_share(analysis: Image.Image) -> float:
    """Return the share of pixels in the COMMON_COLOURS commonest colours (32 levels a channel)."""
    coarse = analysis.point(lambda level: level & 0xF8)
    counts = sorted((count for count, _colour in coarse.getcolors(1 << 15) or []), reverse=True)
    return sum(counts[:COMMON_COLOURS]) / (analysis.width * analysis.height)
