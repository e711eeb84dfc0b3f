"""Every operation of the OpenAPI document × everyone who may come. A new one fails until it has its row."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from tests import authorization
from tests.authorization import ROLES, Row
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER

SAFE = {"get", "head"}
TABLES: list[ModuleType] = [
    importlib.import_module(f"tests.authorization.{found.name}")
    for found in pkgutil.iter_modules(authorization.__path__)
]
CASES = [pytest.param(table, name, id=name) for table in TABLES for name in table.ROWS]
PEOPLE: dict[str, tuple[Any, dict[str, Any]]] = {
    "anonymous": (None, {}),
    "other": (CLARA, {}),
    "member": (ADA, {}),
    "mentor": (BORIS, {}),
    "operator": (OLGA, {}),
    "owner": (STRANGER, {"roles": ["owner"]}),
}


@pytest.fixture(scope="module")
def operations() -> dict[str, tuple[str, str]]:
    """Each operation of the document: its method and path."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    return {
        operation["operationId"]: (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_has_its_row(operations: dict[str, tuple[str, str]]) -> None:
    rows = [name for table in TABLES for name in table.ROWS]

    assert sorted(rows) == sorted(operations)


@pytest.mark.parametrize(("table", "name"), CASES)
def test_everybody_gets_the_answer_of_the_table(
    table: ModuleType,
    name: str,
    operations: dict[str, tuple[str, str]],
    club: SimpleNamespace,
    api_as: Callable[..., Any],
) -> None:
    row: Row = table.ROWS[name]
    method, path = operations[name]
    scene = table.scene(club)

    def answer(account_id: Any, **claims: Any) -> int:
        with transaction.atomic():
            given = getattr(api_as(account_id, **claims), method)(
                path.format(**scene), _filled(row.body, scene)
            )
            # The next one finds the scene as it was.
            transaction.set_rollback(True)
        if given.status_code >= 400:
            assert given["Content-Type"] == "application/problem+json"
        return int(given.status_code)

    answers = {role: answer(PEOPLE[role][0], **PEOPLE[role][1]) for role in ROLES}
    assert answers == dict(zip(ROLES, row.answers, strict=True))

    reader = row.answers[ROLES.index("operator")] if method in SAFE else 403
    assert answer(OLGA, scope="read") == reader, "a token that may only read"
    assert answer("notification", use="service", scope="") == 403, "a token of a service"


def _filled(body: Any, scene: dict[str, Any]) -> Any:
    if isinstance(body, dict):
        return {key: _filled(value, scene) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, scene) for value in body]
    if isinstance(body, str) and body.startswith("{") and body.endswith("}"):
        return str(scene[body[1:-1]])
    return body
