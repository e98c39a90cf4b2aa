"""Draws a scene, with a yellow frame and a hand at the spot it points at."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from content_server.media.screens.drawing import DRAWING_CACHE_SIZE, Drawing, wrap_svg
from content_server.media.screens.models import Scene
from content_server.media.screens.painters import camera
from content_server.media.screens.scenes import calls, papers, places, safety, village
from content_server.media.screens.scenes.choices import choice_scenes
from content_server.media.screens.scenes.parts import INK, draw_highlight
from content_server.media.screens.scenes.spots import SceneName
from content_server.media.screens.shapes import Rectangle

WIDTH_PX, HEIGHT_PX = 360, 400

SCENES: Mapping[SceneName, Callable[[], papers.SceneDrawing]] = {
    "paper-bill": papers.draw_paper_bill,
    "sms-bill": papers.draw_sms_bill,
    "hang-up": calls.draw_hang_up,
    "read-out": calls.draw_read_out,
    "police-counter": places.draw_police_counter,
    "health-desk": places.draw_health_desk,
    "ask-helper": places.draw_ask_helper,
    "phone-hand": calls.draw_phone_hand,
    "wait-message": calls.draw_wait_message,
    "throw-link": calls.draw_throw_link,
    "family-show": places.draw_family_show,
    "water-bill": village.draw_water_bill,
    "market-stall": village.draw_market_stall,
    "shown-screenshot": village.draw_shown_screenshot,
    "goods-photo": village.draw_goods_photo,
    "health-bench": village.draw_health_bench,
    "commune-desk": village.draw_commune_desk,
    "masked-call": safety.draw_masked_call,
    "lost-phone": safety.draw_lost_phone,
    "call-for-me": safety.draw_call_for_me,
    "sim-counter": safety.draw_sim_counter,
    "switch-off": safety.draw_switch_off,
    "card-to-phone": safety.draw_card_to_phone,
    **choice_scenes(),
}


# Figures extend below the picture: this background hides them where a page leaves space there.
_BELOW = '<path d="M-400 400h1160v900h-1160z" fill="#e9edf6"/>'
# A pointing hand there would show the learner the wrong action.
_WITHOUT_POINTER = {"read-out", "throw-link", "shown-screenshot"}


@lru_cache(maxsize=DRAWING_CACHE_SIZE)
def draw_scene(scene: Scene) -> Drawing:
    """Return the drawing of `scene`, 360 by 400 px; every spot is in `targets`."""
    svg, spots = SCENES[scene.draw]()
    svg += _BELOW
    if scene.point and scene.draw not in _WITHOUT_POINTER:
        svg += _pointer_svg(spots[scene.point])
    return Drawing(wrap_svg(svg, WIDTH_PX, HEIGHT_PX, INK), WIDTH_PX, HEIGHT_PX, spots)


def _pointer_svg(box: Rectangle) -> str:
    """Return a frame around the spot and a hand pointing at it, beside its words."""
    beside = 0.37 if box.width > WIDTH_PX / 2 else 0.8
    x = min(box.x + box.width * beside, WIDTH_PX - camera.POINTER_WIDTH)
    y = min(box.y + box.height * 0.8, HEIGHT_PX - camera.POINTER_HEIGHT)
    return draw_highlight(box) + camera.pointer_svg(x, y)
