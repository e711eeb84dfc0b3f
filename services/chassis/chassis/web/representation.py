"""What serializers return for lists, without their work for each field of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import Field, is_simple_callable

# (a value that is not None, the current zone) → what the field returns.
Convert = Callable[[Any, tzinfo], Any]
_NONE = type(None)


@dataclass(frozen=True)
class _Column:
    """A field, and how its values are read from rows."""

    name: str
    get: Callable[[Any], Any]
    field: Field[Any, Any, Any, Any]
    # The type of values whose representation is known, and that; None where they are as they are.
    fast: tuple[type, Convert | None] | None

    def values(self, rows: list[Any], zone: tzinfo) -> Sequence[Any]:
        """Return what the field returns for each row. AttributeError where a relation of one is None."""
        values = list(map(self.get, rows))
        if self.fast and {*map(type, values)} <= {self.fast[0], _NONE}:
            convert = self.fast[1]
            return (
                [None if value is None else convert(value, zone) for value in values] if convert else values
            )
        return [None if value is None else self._represented(value) for value in values]

    def _represented(self, value: Any) -> Any:
        return self.field.to_representation(value() if is_simple_callable(value) else value)


def represented(item: type[serializers.Serializer[Any]], rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return what renders as `item(rows, many=True).data`: ids and times are left to the renderer."""
    rows = list(rows)
    # A dictionary has attributes of its own, like `items`.
    if any(isinstance(row, dict) for row in rows):
        return [dict(item(row).data) for row in rows]
    columns, zone = _columns(item), timezone.get_current_timezone()
    try:
        found = [column.values(rows, zone) for column in columns]
    except AttributeError:
        # A relation of a row is None: the field knows what to return, or to leave out, then.
        return [dict(item(row).data) for row in rows]
    names = [column.name for column in columns]
    return [dict(zip(names, values, strict=True)) for values in zip(*found, strict=True)]


@cache
def _columns(item: type[serializers.Serializer[Any]]) -> list[_Column]:
    fields = item().fields.items()
    return [_Column(name, _getter(field), field, _FAST.get(type(field))) for name, field in fields]


def _getter(field: Field[Any, Any, Any, Any]) -> Callable[[Any], Any]:
    # A method's field takes the row itself.
    return attrgetter(".".join(field.source_attrs)) if field.source_attrs else field.get_attribute


# By the field's class.
_FAST: dict[type, tuple[type, Convert | None]] = {
    serializers.CharField: (str, None),
    serializers.ChoiceField: (str, None),
    serializers.IntegerField: (int, None),
    serializers.BooleanField: (bool, None),
    serializers.UUIDField: (UUID, None),
    serializers.DateTimeField: (datetime, datetime.astimezone),
}
