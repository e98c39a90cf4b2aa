"""The JSON Schema of lesson files: an editor's program completes and checks while typing."""

import json
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
    """Return the schema of a source edition, as an editor writes it: screens may be named."""
    schema = _opened(Lesson.model_json_schema())
    named = {"type": "object", "additionalProperties": NAMED_SCREEN}
    schema["properties"]["screens"] = named | {"description": "màn hình riêng của bài này"}
    return {"$schema": DIALECT, **schema}


def translation_schema() -> dict[str, Any]:
    """Return the schema of an edition in another language."""
    return {"$schema": DIALECT, **_opened(Translation.model_json_schema())}


def schema_text(schema: dict[str, Any]) -> str:
    """Return a schema as it stands in docs/, the same every time."""
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _opened(part: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Return `part` with names allowed wherever a screen or a scene may stand."""
    if isinstance(part, list):
        return [_opened(item) for item in part]
    if not isinstance(part, dict):
        return part
    opened = {key: _opened(item) for key, item in part.items()}
    properties = opened.get("properties")
    if isinstance(properties, dict):
        if "screen" in properties:
            properties["screen"] = NAMED_SCREEN
        if "scene" in properties:
            properties["scene"] = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Scene"}]}
    return opened
