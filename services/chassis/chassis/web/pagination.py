"""Keyset pagination: a page costs the same at any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chassis.compiled import compiled
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
    size = max(1, min(size, MAX_PAGE_SIZE))
    if cursor:
        rows = rows.filter(_after(order, _read_cursor(cursor, rows.model, order)))
    rows = rows.order_by(*order)
    shown: QuerySet[Table] = rows[: size + 1]
    if read or rows.query.annotations:
        # MySQL computes annotations before it sorts and limits: choose the rows first.
        chosen = list(shown.values_list("pk", flat=True))
        rows = read(rows.model._default_manager.all()).order_by(*order) if read else rows  # noqa: SLF001
        shown = rows.filter(pk__in=chosen)
    return _page(list(shown), size, rows.model, order)


class CompiledList(Generic[Table, Row]):
    """A list for compiled_page: Django writes the SQL of its pages once.

    `choose` takes the list's arguments by keyword, as `compiled` allows them, and returns rows of the model
    that an index gives in `order`; `read` takes those of a page and returns the columns of `make`, which has
    an attribute for each column of `order`. These are the table's own, the last of them its key.
    """

    def __init__(
        self,
        model: type[Table],
        choose: Callable[..., QuerySet[Table]],
        read: Callable[[Any], QuerySet[Table, Any]],
        make: Callable[[Any], Row],
        *,
        order: Sequence[str],
    ) -> None:
        self.model, self.choose, self.read, self.make, self.order = model, choose, read, make, order
        self.columns = [name.lstrip("-") for name in order]
        self.ids: Callable[..., list[UUID]] = compiled(self._ids)
        self.rows: Callable[..., list[Any]] = compiled(self._rows)

    def _ids(self, **arguments: Any) -> QuerySet[Table, Any]:
        return self.choose_ids(**arguments)[: PAGE_SIZE + 1]

    def _rows(self, **ids: UUID) -> QuerySet[Table, Any]:
        return self.read_rows(ids.values())

    def choose_ids(self, **arguments: Any) -> QuerySet[Table, Any]:
        """Return the ids in order, after the row with the given `after_` values."""
        after = [arguments.pop(f"after_{name}") for name in self.columns]
        rows = self.choose(**arguments)
        if None not in after:
            rows = rows.filter(_after(self.order, after))
        return rows.order_by(*self.order).values_list("pk", flat=True)

    def read_rows(self, ids: Iterable[UUID]) -> QuerySet[Table, Any]:
        """Return what `read` does of these rows, in order."""
        rows = self.read(self.model._default_manager.filter(pk__in=list(ids)))  # noqa: SLF001
        return rows.order_by(*self.order)


def compiled_page(
    of: CompiledList[Table, Row], *, cursor: str | None = None, size: int = PAGE_SIZE, **arguments: Any
) -> Page[Row]:
    """Return a page of the list with these arguments. The SQL of another size than 25 is written anew."""
    size = max(1, min(size, MAX_PAGE_SIZE))
    after: dict[str, Any] = dict.fromkeys(of.columns)
    if cursor:
        fields: Any = of.model._meta  # noqa: SLF001
        texts = zip(of.columns, _read_cursor(cursor, of.model, of.order), strict=True)
        after = {name: fields.get_field(name).to_python(text) for name, text in texts}
    arguments |= {f"after_{name}": value for name, value in after.items()}
    if size != PAGE_SIZE:
        rows = of.read_rows(of.choose_ids(**arguments)[: size + 1])
    elif ids := of.ids(**arguments):
        # The statement is the same for every number of rows: the last is asked for again.
        ids += [ids[-1]] * (PAGE_SIZE + 1 - len(ids))
        rows = of.rows(**{f"id_{n}": id_ for n, id_ in enumerate(ids)})
    else:
        rows = []
    return _page([of.make(row) for row in rows], size, of.model, of.order)


def _read_cursor(cursor: str, model: type[Model], order: Sequence[str]) -> list[str]:
    try:
        values: list[str] = signing.loads(cursor, salt=_name(model, order))
    except signing.BadSignature:
        raise BadCursor from None
    return values


def _page(found: list[Row], size: int, model: type[Model], order: Sequence[str]) -> Page[Row]:
    if len(found) <= size:
        return Page(found, None)
    last = [str(attrgetter(name.lstrip("-").replace("__", "."))(found[size - 1])) for name in order]
    return Page(found[:size], signing.dumps(last, salt=_name(model, order)))


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
