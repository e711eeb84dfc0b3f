"""Django REST framework's type coercion: 1 is accepted for true, "12" for 12."""

from __future__ import annotations

from typing import Any

import jsonschema

_BOOLEANS = "t|f|true|false|yes|no|y|n|on|off|1|0|0.0|null|none|"
# The inputs that are coerced to each type.
_READINGS: dict[str, dict[str, Any]] = {
    "boolean": {
        "anyOf": [
            {"type": ["boolean", "null"]},
            {"enum": [0, 1]},
            {"type": "string", "pattern": rf"^\s*(?i:{_BOOLEANS})\s*$"},
        ]
    },
    "string": {"type": ["string", "number"]},
    "integer": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\s*[-+]?\d+(\.0*)?\s*$"}]},
    "number": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[-+]?\d+(\.\d*)?\s*$"}]},
}
# Bounds are dropped for numbers given as text.
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern"}


def is_read_as_valid(body: Any, schema: dict[str, Any], components: dict[str, Any]) -> bool:
    """Return True if the framework accepts the body by coercion."""
    loose = {**_relaxed(schema), "components": _relaxed(components)}
    return jsonschema.Draft202012Validator(loose).is_valid(body)


def _relaxed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_relaxed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    types = schema.get("type")
    names = types if isinstance(types, list) else [types]
    if not any(name in _READINGS for name in names if isinstance(name, str)):
        return {name: _relaxed(value) for name, value in schema.items()}
    rest = {name: value for name, value in schema.items() if name not in {"type", "enum", *_BOUNDS}}
    allowed = [_READINGS.get(str(name), {"type": name}) for name in names]
    kept = {name: schema[name] for name in _BOUNDS & schema.keys() if "string" in names}
    if "enum" in schema:
        allowed = [{"enum": [*schema["enum"], *map(str, schema["enum"])]}]
    return {**rest, **kept, "anyOf": allowed}
