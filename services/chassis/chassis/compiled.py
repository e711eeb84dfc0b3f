"""Queries whose SQL Django writes once and not each time: for the few that every delivery makes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial, update_wrapper
from operator import attrgetter
from typing import Any, Generic, ParamSpec, TypeVar, cast
from uuid import UUID, uuid4

from django.db import connections
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

P = ParamSpec("P")
Row = TypeVar("Row")
# By the place of a column: what Django's converters make of its value.
_Converters = list[tuple[int, list[Callable[[Any], Any]]]]
# No id is as large as these, and no constant of a query is.
_FIRST_INTEGER = 1_987_654_321
_FIRST_TIME = datetime(1987, 6, 5, 4, 32, 10, 987_654, tzinfo=UTC)


def compiled(build: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """Return a function that returns the rows of the query that `build` returns.

    `build` is called once in each thread, with placeholders for its arguments: UUIDs, integers, times and
    text, given by keyword. It must use each as it is, not in lower case or cut, and depend on nothing else
    that may change: no time, no setting. None is allowed, and is another query. Nothing is prefetched.
    """
    return cast("Callable[P, list[Row]]", update_wrapper(_Compiled(build), build))


def row_converter(columns: QuerySet[Any, Any]) -> Callable[[Sequence[Any]], list[Any]]:
    """Return what makes of a row of hand-written SQL what Django would of one with a query's columns."""
    compiler = columns.query.get_compiler(columns.db)
    compiler.setup_query()
    return partial(_converted, _prepared_converters(compiler))


class _Compiled(Generic[Row]):
    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._local = threading.local()

    def __call__(self, **arguments: Any) -> list[Row]:
        statements = self._local.__dict__
        given = ",".join(name for name, value in arguments.items() if value is not None)
        statement = statements.get(given)
        # A thread gets another connection, for one, when a test ends.
        if statement is None or statement.connection is not connections[statement.alias]:
            statement = statements[given] = _Statement(self._build, arguments)
        rows: list[Row] = statement.rows(arguments)
        return rows


class _Statement:
    """The SQL of a query, and which of its parameters are which arguments."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], arguments: Mapping[str, Any]) -> None:
        placeholders = {
            name: _placeholder(value, number)
            for number, (name, value) in enumerate(arguments.items())
            if value is not None
        }
        self._queryset = build(**{name: placeholders.get(name) for name in arguments})
        if self._queryset._prefetch_related_lookups:  # type: ignore[attr-defined]  # noqa: SLF001
            raise TypeError(f"{build.__name__} prefetches")
        self.alias = self._queryset.db
        self._compiler = compiler = self._queryset.query.get_compiler(self.alias)
        self.connection = compiler.connection
        sql, parameters = compiler.as_sql()
        self._sql, self._parameters = sql, list(parameters)
        names = {value: name for name, value in placeholders.items()}
        # Databases without a type for them store UUIDs as text.
        names |= {value.hex: name for name, value in placeholders.items() if isinstance(value, UUID)}
        names |= {
            self._time(value): name for name, value in placeholders.items() if isinstance(value, datetime)
        }
        self._places = [
            (place, names[value], self._as_stored(placeholders[names[value]], value))
            for place, value in enumerate(self._parameters)
            if isinstance(value, UUID | int | str | datetime) and value in names
        ]
        if missing := placeholders.keys() - {name for _place, name, _convert in self._places}:
            raise TypeError(f"{build.__name__} does not use {', '.join(sorted(missing))} as it is")
        if compiler.has_extra_select:
            raise TypeError(f"{build.__name__} orders by what it does not select")
        self._converters = _prepared_converters(compiler)
        # What an iterable of Django's calls.
        compiler.execute_sql, compiler.results_iter = self._execute, self._convert
        self._queryset.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]

    def rows(self, arguments: Mapping[str, Any]) -> list[Any]:
        # Django checks it as it compiles, which is once.
        if self._queryset.query.select_for_update and self.connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction")
        for place, name, convert in self._places:
            value = arguments[name]
            self._parameters[place] = convert(value) if convert else value
        rows: Iterable[Any] = self._queryset._iterable_class(self._queryset)  # type: ignore[assignment]  # noqa: SLF001
        return list(rows)

    def _as_stored(self, placeholder: object, parameter: object) -> Callable[[Any], Any] | None:
        if isinstance(placeholder, UUID) and isinstance(parameter, str):
            return attrgetter("hex")
        return self._time if isinstance(placeholder, datetime) else None

    def _time(self, value: datetime) -> Any:
        return self.connection.ops.adapt_datetimefield_value(value)

    def _execute(self, **_options: Any) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(self._sql, self._parameters)
            return list(cursor.fetchall())

    def _convert(
        self, rows: list[Any] | None = None, *, tuple_expected: bool = False, **_options: Any
    ) -> Iterable[Any]:
        found: Iterable[Any] = self._execute() if rows is None else rows
        if self._converters:
            found = map(partial(_converted, self._converters), found)
        return map(tuple, found) if tuple_expected else found


def _converted(converters: _Converters, row: Sequence[Any]) -> list[Any]:
    values = list(row)
    for place, converts in converters:
        for convert in converts:
            values[place] = convert(values[place])
    return values


def _prepared_converters(compiler: Any) -> _Converters:
    converters = compiler.get_converters([column[0] for column in compiler.select])
    return [
        (place, [_prepared(convert, expression, compiler.connection) for convert in converts])
        for place, (converts, expression) in converters.items()
    ]


def _prepared(convert: Callable[..., Any], expression: Any, connection: Any) -> Callable[[Any], Any]:
    """Return Django's converter as a function of the value alone."""
    ops = connection.ops
    if convert == getattr(ops, "convert_uuidfield_value", None):
        return _uuid
    if (
        connection.vendor == "mysql"
        and convert == ops.convert_datetimefield_value
        and connection.timezone == UTC
    ):
        return _in_utc
    return lambda value: convert(value, expression, connection)


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.replace(tzinfo=UTC)


def _placeholder(value: object, number: int) -> UUID | int | str | datetime:
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, str):
        # No cleaning leaves it as it is.
        return f" {uuid4().hex} Aa "
    if type(value) is int:
        return _FIRST_INTEGER + number
    if isinstance(value, datetime):
        return _FIRST_TIME + timedelta(seconds=number)
    raise TypeError(f"{value!r} is no UUID, integer, text or time")
