"""Error responses of the OpenAPI documents are read from the source."""

from __future__ import annotations

from django.db.models import Model, QuerySet

from chassis.errors import DomainError, NotAllowed, NotFound
from chassis.web.pagination import BadCursor, page_of
from chassis.web.raised_errors import errors_of


class Closed(DomainError):
    code = "closed"


BY_STATE = {"closed": Closed}


def find(name: str) -> str:
    if not name:
        raise NotFound
    return name


def error_in(state: str) -> DomainError | None:
    return BY_STATE[state]() if state in BY_STATE else NotAllowed()


def lists(rows: QuerySet[Model]) -> None:
    try:
        page_of(rows, order=("id",))
    except NotFound:
        return


def answers_another(rows: QuerySet[Model]) -> None:
    try:
        page_of(rows, order=("id",))
    except BadCursor:
        raise NotAllowed from None


def raises_again(rows: QuerySet[Model]) -> None:
    try:
        page_of(rows, order=("id",))
    except BadCursor:
        rows.none()
        raise


def test_raised_made_and_looked_up_errors_are_found_also_in_called_functions_and_caught_ones_are_not():
    assert errors_of(find) == {NotFound}
    assert errors_of(error_in) == {NotAllowed, Closed}
    assert errors_of(lists) == {BadCursor}
    assert errors_of(answers_another) == {NotAllowed}
    assert errors_of(raises_again) == {BadCursor}
