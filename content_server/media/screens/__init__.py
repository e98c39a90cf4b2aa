"""Drawn screens: a few lines of YAML become one clean little SVG with named places to tap."""

from content_server.media.screens.drawing import Drawing
from content_server.media.screens.models import Scene, Screen
from content_server.media.screens.raster import render_png
from content_server.media.screens.scenes.draw import draw_scene
from content_server.media.screens.screen import ScreenTooFull, draw_screen
from content_server.media.screens.shapes import Rectangle

__all__ = [
    "Drawing",
    "Rectangle",
    "Scene",
    "Screen",
    "ScreenTooFull",
    "draw_scene",
    "draw_screen",
    "render_png",
]
