"""Draws a scene, with a yellow frame and a hand at the spot it points at."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from content_server.media.screens.drawing import KEPT, Drawing, svg_of
from content_server.media.screens.models import Scene
from content_server.media.screens.painters import camera
from content_server.media.screens.scenes import calls, papers, places, safety, village
from content_server.media.screens.scenes.choices import choices
from content_server.media.screens.scenes.parts import INK, ring
from content_server.media.screens.scenes.spots import SceneName
from content_server.media.screens.shapes import Box

WIDTH_PX, HEIGHT_PX = 360, 400

SCENES: Mapping[SceneName, Callable[[], papers.Scenery]] = {
    "paper-bill": papers.paper_bill,
    "sms-bill": papers.sms_bill,
    "hang-up": calls.hang_up,
    "read-out": calls.read_out,
    "police-counter": places.police_counter,
    "health-desk": places.health_desk,
    "ask-helper": places.ask_helper,
    "phone-hand": calls.phone_hand,
    "wait-message": calls.wait_message,
    "throw-link": calls.throw_link,
    "family-show": places.family_show,
    "water-bill": village.water_bill,
    "market-stall": village.market_stall,
    "shown-screenshot": village.shown_screenshot,
    "goods-photo": village.goods_photo,
    "health-bench": village.health_bench,
    "commune-desk": village.commune_desk,
    "masked-call": safety.masked_call,
    "lost-phone": safety.lost_phone,
    "call-for-me": safety.call_for_me,
    "sim-counter": safety.sim_counter,
    "switch-off": safety.switch_off,
    "card-to-phone": safety.card_to_phone,
    **choices(),
}


# People reach below the picture: where a page leaves room under it, its own ground hides them.
_BELOW = '<path d="M-400 400h1160v900h-1160z" fill="#e9edf6"/>'
# A finger there would teach the wrong thing.
_NOT_TO_TOUCH = {"read-out", "throw-link", "shown-screenshot"}


@lru_cache(maxsize=KEPT)
def draw_scene(scene: Scene) -> Drawing:
    """Return the drawing of `scene`, 360 by 400 px; every spot is in `targets`."""
    svg, spots = SCENES[scene.draw]()
    svg += _BELOW
    if scene.point and scene.draw not in _NOT_TO_TOUCH:
        svg += _pointed_at(spots[scene.point])
    return Drawing(svg_of(svg, WIDTH_PX, HEIGHT_PX, INK), WIDTH_PX, HEIGHT_PX, spots)


def _pointed_at(box: Box) -> str:
    """Frame the spot and lay a finger on it, beside its words rather than on the next ones."""
    beside = 0.37 if box.width > WIDTH_PX / 2 else 0.8
    x = min(box.x + box.width * beside, WIDTH_PX - camera.HAND_WIDTH)
    y = min(box.y + box.height * 0.8, HEIGHT_PX - camera.HAND_HEIGHT)
    return ring(box) + camera.hand(x, y)
