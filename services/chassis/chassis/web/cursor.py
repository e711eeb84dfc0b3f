"""Pages by cursor: the next begins after the last row seen, so its price does not grow with its depth."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chassis.refusals import Refusal

Row = TypeVar("Row")
Table = TypeVar("Table", bound=Model)
LARGEST = 100


class BadCursor(Refusal):
    code = "bad_cursor"
    title = _("This page link is broken. Start again from the first page.")
    status = 400


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the next page, or None on the last."""

    rows: list[Row]
    next: str | None


def page_of(
    rows: QuerySet[Table], *, order: Sequence[str], cursor: str | None = None, size: int = 25
) -> Page[Table]:
    """One page in one statement. `order` names non-null columns ("-": descending), the last unique.

    BadCursor if `cursor` is not one that an earlier page gave.
    """
    size = max(1, min(size, LARGEST))
    if cursor:
        rows = rows.filter(_after(order, _decode(cursor, len(order))))
    try:
        found = list(rows.order_by(*order)[: size + 1])
    except (ValueError, TypeError):
        raise BadCursor from None
    more = len(found) > size
    return Page(found[:size], _encode(found[size - 1], order) if more else None)


def _after(order: Sequence[str], values: list[Any]) -> Q:
    # (a, b) > (x, y) written out, which MySQL can answer from an index.
    condition = Q()
    equal: dict[str, Any] = {}
    try:
        for name, value in zip(order, values, strict=True):
            column = name.lstrip("-")
            condition |= Q(**equal, **{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
            equal[column] = value
    except (ValueError, TypeError):
        raise BadCursor from None
    return condition


def _encode(row: Model, order: Sequence[str]) -> str:
    values = [_value(row, name.lstrip("-")) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values, cls=_Exact).encode()).decode().rstrip("=")


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


class _Exact(DjangoJSONEncoder):
    # Django's encoder cuts microseconds, and a cut instant would skip or repeat rows.
    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _decode(cursor: str, count: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise BadCursor from None
    if not isinstance(values, list) or len(values) != count:
        raise BadCursor
    if not all(isinstance(value, str | int | float) for value in values):
        raise BadCursor
    return values
