"""JSON Schemas of lesson files, by which text editors complete and check them while typing."""

import json
import re
from typing import Any

from content_server.lessons.lesson import Lesson, Translation

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAMED_SCREEN = {
    "anyOf": [
        {"type": "string", "description": "tên màn hình: bank/home, hoặc tên trong mục screens"},
        {
            "type": "object",
            "description": "màn hình có sẵn, đổi vài chữ",
            "properties": {
                "like": {"type": "string"},
                "change": {"type": "object", "additionalProperties": {"type": "object"}},
            },
            "required": ["like"],
            "additionalProperties": False,
        },
        {"$ref": "#/$defs/Screen"},
    ]
}


def lesson_schema() -> dict[str, Any]:
    """Return the schema of a source edition's file, where screens may be named."""
    schema = _allow_screen_names(_published_names(Lesson.model_json_schema()))
    named = {"type": "object", "additionalProperties": NAMED_SCREEN}
    schema["properties"]["screens"] = named | {"description": "màn hình riêng của bài này"}
    return {"$schema": DIALECT, **schema}


def translation_schema() -> dict[str, Any]:
    """Return the schema of a translation's file."""
    schema = _allow_screen_names(_published_names(Translation.model_json_schema()))
    return {"$schema": DIALECT, **schema}


def schema_text(schema: dict[str, Any]) -> str:
    """Return a schema as JSON text with sorted keys, as kept in docs/."""
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _published_names(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with "Button" for ButtonWidget: authors see these names while typing."""
    text = json.dumps(schema).replace("WarningWidget", "WarnedWidget")
    published: dict[str, Any] = json.loads(re.sub(r"\b(\w+)Widget\b", r"\1", text))
    return published


def _allow_screen_names(part: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Return `part` of a schema with names allowed wherever a screen or a scene may be."""
    if isinstance(part, list):
        return [_allow_screen_names(item) for item in part]
    if not isinstance(part, dict):
        return part
    extended = {key: _allow_screen_names(item) for key, item in part.items()}
    properties = extended.get("properties")
    if isinstance(properties, dict):
        if "screen" in properties:
            properties["screen"] = NAMED_SCREEN
        if "scene" in properties:
            properties["scene"] = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Scene"}]}
    return extended
