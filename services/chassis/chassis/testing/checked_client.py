"""An API client for tests, which compares every answer with the service's OpenAPI document."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import Resolver404
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework.test import APIClient

from chassis.settings_base import CONTRACTS
from chassis.web.openapi import read_document

# What the server, middleware and content negotiation may answer to any request.
ANYWHERE = {"broken", "idempotency_key_reused", "not_acceptable", "too_large", "unavailable", "unreadable"}


class CheckedClient(APIClient):
    """Fails a test whose answer has a status, an error code or a body that the document does not declare."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        try:
            path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", response.resolver_match.route)
        except Resolver404:
            return response
        operations, components = _documents().get(path, ({}, {}))
        if operation := operations.get(request["REQUEST_METHOD"].lower()):
            _check(response, operation["responses"].get(str(response.status_code), {}), components)
        return response


@cache
def _documents() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return the operations and the components of each path."""
    documents = [read_document(file.stem) for file in (CONTRACTS / "http").glob(f"{settings.SERVICE}.*")]
    return {
        path: (operations, document["components"])
        for document in documents
        for path, operations in document["paths"].items()
    }


def _check(response: Any, declared: dict[str, Any], components: dict[str, Any]) -> None:
    name = f"{response.request['REQUEST_METHOD']} {response.request['PATH_INFO']}: {response.status_code}"
    if response.status_code >= 400:
        code = response.json()["code"]
        is_declared = code in ANYWHERE or f"`{code}`" in declared.get("description", "")
        assert is_declared, f"{name} {code} is not declared"
        return
    assert declared, f"{name} is not declared"
    for media_type, media in declared.get("content", {}).items():
        if media_type == "application/octet-stream":
            assert response["Content-Type"] == media_type
            continue
        schema = {**media["schema"], "components": components}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(response.json())
