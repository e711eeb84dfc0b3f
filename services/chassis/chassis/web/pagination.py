"""Keyset pagination: a page costs the same at any depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError

Row = TypeVar("Row")
Table = TypeVar("Table", bound=Model)
PAGE_SIZE, MAX_PAGE_SIZE = 25, 100


class BadCursor(DomainError):
    code = "bad_cursor"
    title = _("This page link is broken. Start again from the first page.")
    status = 400


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the next page, or None on the last."""

    rows: list[Row]
    next: str | None


def page_of(
    rows: QuerySet[Table],
    *,
    order: Sequence[str],
    cursor: str | None = None,
    size: int = PAGE_SIZE,
    read: Callable[[Any], QuerySet[Table]] | None = None,
) -> Page[Table]:
    """One page, in one statement, or in two if the rows are annotated or there is a `read`.

    `order` names non-null columns ("-": descending), the last unique. `read` joins and annotates what a page
    shows of its rows: `rows` itself should need no more than an index.
    BadCursor if `cursor` is not one that an earlier page of this list gave: it is signed, for this order.
    """
    size = clamped(size)
    if cursor:
        rows = rows.filter(_after(order, _read_cursor(cursor, rows.model, order)))
    rows = rows.order_by(*order)
    shown: QuerySet[Table] = rows[: size + 1]
    if read or rows.query.annotations:
        # MySQL computes annotations before it sorts and limits: choose the rows first.
        chosen = list(shown.values_list("pk", flat=True))
        rows = read(rows.model._default_manager.all()).order_by(*order) if read else rows  # noqa: SLF001
        shown = rows.filter(pk__in=chosen)
    return page_from(list(shown), size, rows.model, order)


def clamped(size: int) -> int:
    """Return a page's number of rows within what is allowed."""
    return max(1, min(size, MAX_PAGE_SIZE))


def position(cursor: str, model: type[Model], order: Sequence[str]) -> list[Any]:
    """Return the values of `order` in the last row of the page before. BadCursor as page_of."""
    fields: Any = model._meta  # noqa: SLF001
    texts = zip(order, _read_cursor(cursor, model, order), strict=True)
    return [fields.get_field(name.lstrip("-")).to_python(text) for name, text in texts]


def page_from(found: list[Row], size: int, model: type[Model], order: Sequence[str]) -> Page[Row]:
    """Return a page of what was found in `order`: a row more than `size`, if there is another page.

    A row has an attribute for each name of `order`.
    """
    if len(found) <= size:
        return Page(found, None)
    last = [str(attrgetter(name.lstrip("-").replace("__", "."))(found[size - 1])) for name in order]
    return Page(found[:size], signing.dumps(last, salt=_name(model, order)))


def _read_cursor(cursor: str, model: type[Model], order: Sequence[str]) -> list[str]:
    try:
        values: list[str] = signing.loads(cursor, salt=_name(model, order))
    except signing.BadSignature:
        raise BadCursor from None
    return values


def _name(model: type[Model], order: Sequence[str]) -> str:
    # A cursor is for this list alone.
    return f"{model.__qualname__} {' '.join(order)}"


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    # (a, b) > (x, y) written out. The bound on `a` alone is what MySQL begins to read an index at.
    first = order[0].lstrip("-")
    bound = Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": values[0]})
    condition = Q()
    equal: dict[str, Any] = {}
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        condition |= Q(**equal, **{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal[column] = value
    return bound & condition
