"""What serializers return for lists, without their work for each field of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import Field, SkipField, is_simple_callable

# (a value that is not None, the current zone) → what the field returns.
Convert = Callable[[Any, tzinfo], Any]
# A field: its name, how it is read from a row, what is made of that, and itself.
Column = tuple[str, Callable[[Any], Any], Convert, Field[Any, Any, Any, Any]]


def represented(item: type[serializers.Serializer[Any]], rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return `item(rows, many=True).data`."""
    columns, zone = _columns(item), timezone.get_current_timezone()
    # A dictionary has attributes of its own, like `items`.
    return [
        dict(item(row).data) if isinstance(row, dict) else _represented(row, columns, zone) for row in rows
    ]


def _represented(row: Any, columns: list[Column], zone: tzinfo) -> dict[str, Any]:
    found = {}
    for name, get, convert, field in columns:
        try:
            value = get(row)
        except AttributeError:
            # A relation of it is None: the field knows what to return then.
            try:
                value = field.get_attribute(row)
            except SkipField:
                continue
        found[name] = None if value is None else convert(value, zone)
    return found


@cache
def _columns(item: type[serializers.Serializer[Any]]) -> list[Column]:
    return [(name, _getter(field), _converter(field), field) for name, field in item().fields.items()]


def _getter(field: Field[Any, Any, Any, Any]) -> Callable[[Any], Any]:
    # A method's field takes the row itself.
    return attrgetter(".".join(field.source_attrs)) if field.source_attrs else field.get_attribute


def _converter(field: Field[Any, Any, Any, Any]) -> Convert:
    kind, convert = _FAST.get(type(field), (None, _same))

    def converted(value: Any, zone: tzinfo) -> Any:
        if type(value) is kind:
            return convert(value, zone)
        return field.to_representation(value() if is_simple_callable(value) else value)

    return converted


def _same(value: Any, _zone: tzinfo) -> Any:
    return value


def _time(value: datetime, zone: tzinfo) -> str:
    text = value.astimezone(zone).isoformat()
    return f"{text.removesuffix('+00:00')}Z" if text.endswith("+00:00") else text


# By the field's class: the type of a value whose representation is known, and that.
_FAST: dict[type, tuple[type, Convert]] = {
    serializers.CharField: (str, _same),
    serializers.ChoiceField: (str, _same),
    serializers.IntegerField: (int, _same),
    serializers.BooleanField: (bool, _same),
    serializers.UUIDField: (UUID, lambda value, _zone: str(value)),
    serializers.DateTimeField: (datetime, _time),
}
