"""Drawn screens: a few lines of YAML become one clean little SVG with named places to tap."""

from content_server.media.screens.drawing import Drawing
from content_server.media.screens.models import Scene, Screen
from content_server.media.screens.raster import draw_pixels
from content_server.media.screens.scenes.draw import draw_scene
from content_server.media.screens.screen import ScreenTooFull, draw_screen
from content_server.media.screens.shapes import Box

__all__ = [
    "Box",
    "Drawing",
    "Scene",
    "Screen",
    "ScreenTooFull",
    "draw_pixels",
    "draw_scene",
    "draw_screen",
]
