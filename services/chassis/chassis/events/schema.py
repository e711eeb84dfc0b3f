"""JSON Schemas of events, generated from their dataclasses."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule
from msgspec.json import schema_components

from chassis.events.publish import Event


def event_classes() -> list[type[Event]]:
    """Return the event classes in the `events` modules of the installed apps."""
    modules = [
        import_module(f"{app.name}.events")
        for app in apps.get_app_configs()
        if app.module and module_has_submodule(app.module, "events")
    ]
    return [item for module in modules for item in vars(module).values() if hasattr(item, "event_name")]


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Return the schema of an event's payload. It allows unknown fields: a later release may add some."""
    _, components = schema_components([event])
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **components.pop(event.__name__),
        "title": event.event_name,
        "description": inspect.cleandoc(event.__doc__ or ""),
    }
    return {**schema, "$defs": components} if components else schema


def breaking_changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the differences other than new optional fields and descriptions: they need a new event."""
    old, new = before["properties"], after["properties"]
    retyped = [name for name in old if _type_of(old[name]) != _type_of(new.get(name, {}))]
    nested = after.get("$defs", {})
    return [
        *(f"`{name}` has another type, or is gone" for name in retyped),
        *(
            f"`{name}` is now {'required' if name in after['required'] else 'optional'}"
            for name in sorted(({*before["required"]} ^ {*after["required"]}) - {*retyped})
        ),
        *(
            change
            for name, schema in before.get("$defs", {}).items()
            if name in nested
            for change in breaking_changes(schema, nested[name])
        ),
    ]


def _type_of(field: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in field.items() if key not in {"description", "default"}}
