"""A gallery: one example of every widget and scene, for the contact sheet and the tests."""

from pathlib import Path

import yaml

from content_server.media.screens.models import Scene, Screen
from content_server.media.screens.scenes.spots import POINTS

_FILE = Path(__file__).with_suffix(".yaml")


def gallery_screens() -> dict[str, Screen]:
    """Return the example screens by name; together they hold every kind of widget and app."""
    screens = yaml.load(_FILE.read_text("utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506  # knows strings only
    return {name: Screen.model_validate(value) for name, value in screens.items()}


def gallery_scenes() -> dict[str, Scene]:
    """Return every scene, pointing at its first spot."""
    return {name: Scene(draw=name, point=points[0]) for name, points in POINTS.items()}
