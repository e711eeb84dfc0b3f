"""Every response conforms to the service's OpenAPI document."""

from __future__ import annotations

import math
import os
import traceback
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from documents.callers import SEED, Ids, Person, choose_person, written
from documents.coercion import is_read_as_valid
from documents.conftest import Tally

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

# The number of random cases for the document, in addition to its examples.
DRAWN = int(os.environ.get("CASES", "600"))

# Load the service's Celery application, as its WSGI server does.
import_module(f"{settings.SERVICE}.celery")

Case = schemathesis.Case[Any]
Send = Callable[[Case, Person], schemathesis.Response]

service = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Call the service with a client address."""
    return service({"REMOTE_ADDR": "192.0.2.1", **environ}, start_response)


document = schemathesis.openapi.from_wsgi(
    f"/api/v1/{settings.SERVICE}/openapi.json",
    application,
    config=schemathesis.Config.from_dict(
        {"seed": SEED, "generation": {"with-security-parameters": False, "database": "none"}}
    ),
)
EACH = max(10, math.ceil(DRAWN / sum(1 for _ in document.get_all_operations())))


def malformed_is_refused(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> bool | None:
    """Check that invalid data is rejected, unless the framework coerces it."""
    try:
        return negative_data_rejection(ctx, response, case)
    except AcceptedNegativeData:
        if "" in (case.query or {}).values():  # `?show=` is the same as no parameter
            return None
        raw = dict(case.operation.schema.raw_schema)
        content = raw["paths"][case.path][case.method.lower()].get("requestBody", {}).get("content", {})
        schema = content.get(case.media_type or "application/json", {}).get("schema")
        body = {} if isinstance(case.body, NotSet) else case.body
        if schema is None or not is_read_as_valid(body, schema, raw.get("components", {})):
            raise
        return None


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    malformed_is_refused,
    unsupported_method,
]


@pytest.fixture(scope="session")
def send(people: list[Person], token_of: Callable[[Person], str], tally: Tally) -> Send:
    """Return a function that sends a case as a person and rolls back its changes."""
    tokens = {person.name: token_of(person) for person in people if person.account_id}

    def call(case: Case, person: Person) -> schemathesis.Response:
        headers = {"Authorization": f"Bearer {tokens[person.name]}"} if person.name in tokens else {}
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        tally.statuses[case.operation.label][response.status_code] += 1
        return response

    return call


@pytest.mark.django_db
@document.parametrize()
@hypothesis.settings(
    max_examples=EACH,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_it_answers_as_promised(
    case: Case, people: list[Person], ids: Ids, send: Send, raised: list[BaseException]
) -> None:
    shown = written([case.method, case.path, case.path_parameters, case.query, case.body])
    case.path_parameters = {
        name: ids.instead_of(name, value) for name, value in (case.path_parameters or {}).items()
    }
    case.body = ids.in_body(case.body)
    # The first person tests successful responses, another one tests errors.
    for person in (people[0], choose_person(people[1:], shown)):
        raised.clear()
        response = send(case, person)
        if raised:
            pytest.fail("".join(traceback.format_exception(raised[-1])[-12:]) + f"\n{case.as_curl_command()}")
        case.validate_response(response, checks=CHECKS)
