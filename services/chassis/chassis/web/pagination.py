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
MAX_PAGE_SIZE = 100


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
    size: int = 25,
    read: Callable[[Any], QuerySet[Table]] | None = None,
) -> Page[Table]:
    """One page, in one statement, or in two if the rows are annotated or there is a `read`.

    `order` names non-null columns ("-": descending), the last unique. `read` joins and annotates what a page
    shows of its rows: `rows` itself should need no more than an index.
    BadCursor if `cursor` is not one that an earlier page of this list gave: it is signed, for this order.
    """
    size = max(1, min(size, MAX_PAGE_SIZE))
    list_of = f"{rows.model.__qualname__} {' '.join(order)}"
    if cursor:
        try:
            rows = rows.filter(_after(order, signing.loads(cursor, salt=list_of)))
        except signing.BadSignature:
            raise BadCursor from None
    rows = rows.order_by(*order)
    if read or rows.query.annotations:
        # MySQL computes annotations before it sorts and limits: choose the rows first.
        chosen = list(rows.values_list("pk", flat=True)[: size + 1])
        rows = read(rows.model._default_manager.all()).order_by(*order) if read else rows  # noqa: SLF001
        rows = rows.filter(pk__in=chosen)
    found = list(rows[: size + 1])
    if len(found) <= size:
        return Page(found, None)
    last = [str(attrgetter(name.lstrip("-").replace("__", "."))(found[size - 1])) for name in order]
    return Page(found[:size], signing.dumps(last, salt=list_of))


def _after(order: Sequence[str], values: list[str]) -> Q:
    # (a, b) > (x, y) written out, which MySQL can answer from an index.
    condition = Q()
    equal: dict[str, Any] = {}
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        condition |= Q(**equal, **{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal[column] = value
    return condition
