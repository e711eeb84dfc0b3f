"""Every operation of the OpenAPI document for every role. A new operation needs a row in a table."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from chassis.account_mirror.models import AccountMirror
from chassis.web.auth import PAGES
from chassis.web.endpoints import Endpoint, endpoints
from study.cohorts.models import Membership, Role
from tests import authorization
from tests.authorization import ROLES, Row, reviews
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
    """Method and path by operation id."""
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
    values = table.create_rows(club)

    def answer(account_id: Any, **claims: Any) -> int:
        with transaction.atomic():
            given = getattr(api_as(account_id, **claims), method)(
                path.format(**values), fill_in(row.body, values)
            )
            # Undo the changes for the next role.
            transaction.set_rollback(True)
        if given.status_code >= 400:
            assert given["Content-Type"] == "application/problem+json"
        return int(given.status_code)

    answers = {role: answer(PEOPLE[role][0], **PEOPLE[role][1]) for role in ROLES}
    assert answers == dict(zip(ROLES, row.answers, strict=True))

    reader = row.answers[ROLES.index("operator")] if method in SAFE else 403
    assert answer(OLGA, scope="read") == reader, "a token that may only read"
    assert answer("notification", use="service", scope="") == 403, "a token of a service"
    AccountMirror.objects.filter(account_id=OLGA).update(closed=True)
    if method not in SAFE:
        assert answer(OLGA) == 401, "a token of a closed account"


@pytest.mark.parametrize(("table", "name"), CASES)
def test_a_former_operator_with_an_open_link_is_like_anybody_else(
    table: ModuleType,
    name: str,
    operations: dict[str, tuple[str, str]],
    club: SimpleNamespace,
    api_as: Callable[..., Any],
) -> None:
    values, former = table.create_rows(club), uuid4()
    Membership.objects.create(
        cohort=club.cohort,
        account_id=former,
        role=Role.OPERATOR,
        joined_at=club.cohort.opened_at,
        left_at=timezone.now(),
    )

    status = _status(api_as(former), operations[name], table.ROWS[name], values)

    anybody = table.ROWS[name].answers[ROLES.index("other")]
    assert status == getattr(table, "FORMER_OPERATOR", {}).get(name, anybody)


def test_a_mentor_judges_no_submission_of_their_own(
    operations: dict[str, tuple[str, str]], club: SimpleNamespace, api_as: Callable[..., Any]
) -> None:
    values = reviews.create_rows(club)
    Membership.objects.filter(id=club.ada.id).update(role=Role.MENTOR)

    answers = {
        name: _status(api_as(ADA), operations[name], reviews.ROWS[name], values)
        for name in reviews.ROWS
        if "{submission_id}" in operations[name][1]
    }

    assert answers == reviews.OWN_SUBMISSION


def _status(api: Any, operation: tuple[str, str], row: Row, values: dict[str, Any]) -> int:
    method, path = operation
    return int(getattr(api, method)(path.format(**values), fill_in(row.body, values)).status_code)


def fill_in(body: Any, values: dict[str, Any]) -> Any:
    if isinstance(body, dict):
        return {key: fill_in(value, values) for key, value in body.items()}
    if isinstance(body, list):
        return [fill_in(value, values) for value in body]
    if isinstance(body, str) and body.startswith("{") and body.endswith("}"):
        return str(values[body[1:-1]])
    return body


# Pages open to anonymous visitors, and GitHub's webhooks.
OPEN_PAGES = {"/", "/join/{token}/", "/healthz/live", "/healthz/ready"}
OPEN_PAGES |= {"/hooks/github/{webhook_id}", "/hooks/github/app"}
OWN_PAGES = [page for page in endpoints() if not page.is_api and page.template not in OPEN_PAGES]
# Claims of tokens in the page cookie that were not issued for this service's pages.
NOT_FOR_PAGES: dict[str, dict[str, Any]] = {
    "a personal token's": {"aud": ["study"]},
    "a personal token's that may only read": {"aud": ["study"], "scope": "read"},
    "a browser's, of another service": {"aud": ["notification", PAGES]},
    "a service's": {"aud": ["study", PAGES], "use": "service"},
    "expired": {"exp": 1},
}


def is_sent_to_renew(answer: Any) -> bool:
    return bool(answer.status_code == 307 and answer["Location"].startswith("/accounts/renew?"))


def has_no_such_method(answer: Any, path: str) -> bool:
    """Return True for 405, or for a redirect from a form's URL to its page."""
    return answer.status_code == 405 or (answer.status_code == 302 and path.startswith(answer["Location"]))


@pytest.mark.parametrize("page", OWN_PAGES, ids=lambda page: page.template)
def test_a_page_takes_only_a_token_that_was_made_for_pages(
    page: Endpoint, club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    path = page.path({"cohort_id": club.cohort.id, "membership_id": club.ada.id})

    for method in ("get", "post"):
        for kind, claims in NOT_FOR_PAGES.items():
            answer = getattr(as_principal(OLGA, **claims), method)(path)
            assert has_no_such_method(answer, path) or is_sent_to_renew(answer), f"{method} by {kind}"
    browser = as_principal(OLGA)
    assert not is_sent_to_renew(browser.get(path))
    AccountMirror.objects.filter(account_id=OLGA).update(closed=True)
    written = browser.post(path)
    assert written.status_code == 405 or is_sent_to_renew(written), "a closed account"
