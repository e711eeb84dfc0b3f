"""Queries that are built once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from chassis.account_mirror.models import AccountMirror
from chassis.compiled import compiled

pytestmark = pytest.mark.django_db


def named(*, account_id: UUID | None, name: str, github_id: int) -> QuerySet[AccountMirror]:
    same = AccountMirror.objects.filter(github_id=github_id, account_id=OuterRef("account_id"))
    rows = AccountMirror.objects.filter(Exists(same) | ~Exists(same), name=name)
    return (rows.filter(account_id=account_id) if account_id else rows).order_by("account_id")


def create(name: str, github_id: int) -> UUID:
    account_id = uuid4()
    AccountMirror.objects.create(account_id=account_id, name=name, github_id=github_id, version=1)
    return account_id


def statement(read: Callable[[], Any]) -> str:
    with CaptureQueriesContext(
        connection,
    ) as statements:
        list(read())
    return statements[0]["sql"]


def test_it_makes_the_same_statement_with_each_call_s_values() -> None:
    ids = {name: create(name, number) for number, name in enumerate(["Ann", "Bo'b", "민지"])}
    read = compiled(named)
    for number, (name, account_id) in enumerate(ids.items()):
        for asked in (account_id, None, uuid4()):
            values: dict[str, Any] = {"account_id": asked, "name": name, "github_id": number}
            assert read(**values) == list(named(**values))
            assert statement(partial(read, **values)) == statement(partial(named, **values))


def test_it_is_built_once() -> None:
    calls = []

    @compiled
    def names(*, account_id: UUID) -> QuerySet[AccountMirror, str]:
        calls.append(account_id)
        return AccountMirror.objects.filter(account_id=account_id).values_list("name", flat=True)

    first, second = create("Ann", 1), create("Bob", 2)
    assert [names(account_id=first), names(account_id=second), names(account_id=uuid4())] == [
        ["Ann"],
        ["Bob"],
        [],
    ]
    assert len(calls) == 1


def test_it_reads_values_too() -> None:
    def ids(*, name: str) -> QuerySet[AccountMirror, tuple[UUID, int | None]]:
        return AccountMirror.objects.filter(name=name).values_list("account_id", "github_id")

    account_id = create("Ann", 1)
    assert compiled(ids)(name="Ann") == list(ids(name="Ann")) == [(account_id, 1)]


def test_rows_are_of_that_call_and_may_be_changed() -> None:
    read = compiled(named)
    account_id = create("Ann", 1)
    values: dict[str, Any] = {"account_id": account_id, "name": "Ann", "github_id": 1}
    [row] = read(**values)
    row.name = "Other"
    assert [found.name for found in read(**values)] == ["Ann"]


def test_each_thread_builds_its_own() -> None:
    read = compiled(named)
    assert read(account_id=None, name="Nobody", github_id=0) == []
    found: list[object] = []

    def elsewhere() -> None:
        try:
            found.append(read(account_id=None, name="Nobody", github_id=0))
        finally:
            connection.close()

    thread = Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [[]]


def test_an_argument_that_is_not_used_as_it_is_is_refused() -> None:
    @compiled
    def like(*, name: str) -> QuerySet[AccountMirror]:
        return AccountMirror.objects.filter(name__contains=name)

    with pytest.raises(TypeError, match="name as it is"):
        like(name="Ann")

    def oldest(*, name: str) -> QuerySet[AccountMirror, str]:
        rows = AccountMirror.objects.filter(name=name).order_by("version")
        return rows.distinct().values_list("name", flat=True)

    with pytest.raises(TypeError, match="does not select"):
        compiled(oldest)(name="Ann")

    @compiled
    def in_lower_case(*, name: str) -> QuerySet[AccountMirror]:
        return AccountMirror.objects.filter(name=name.lower())

    with pytest.raises(TypeError, match="name as it is"):
        in_lower_case(name="Ann")
    with pytest.raises(TypeError, match="no UUID, integer, text or time"):
        compiled(named)(account_id=None, name="Ann", github_id=True)


def test_prefetching_is_refused_since_it_would_be_left_out() -> None:
    @compiled
    def prefetched() -> QuerySet[AccountMirror]:
        return AccountMirror.objects.prefetch_related("others")  # type: ignore[misc]  # not a relation

    with pytest.raises(TypeError, match="prefetched prefetches"):
        prefetched()


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only() -> None:
    @compiled
    def locked(*, name: str) -> QuerySet[AccountMirror]:
        return AccountMirror.objects.select_for_update().filter(name=name)

    create("Ann", 1)
    with transaction.atomic():
        assert len(locked(name="Ann")) == 1
    with pytest.raises(TransactionManagementError):
        locked(name="Ann")
