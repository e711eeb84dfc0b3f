"""What programs can do: the operations of all services, from their OpenAPI documents, on one page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from chassis.settings_base import CONTRACTS

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for."""

    id: str
    method: str
    path: str
    says: str
    parameters: list[str]
    body: list[str]
    answers: list[str]
    is_open: bool


@dataclass(frozen=True)
class Document:
    """One service's operations; none if its document was not published yet."""

    service: str
    operations: list[Operation]


@cache
def documents() -> list[Document]:
    """The committed OpenAPI documents, read once a process."""
    return [Document(service, _operations(service)) for service in settings.TOKEN_AUDIENCES]


def _operations(service: str) -> list[Operation]:
    found = CONTRACTS / "http" / f"{service}.yaml"
    if not found.exists():
        return []
    document = yaml.safe_load(found.read_text(encoding="utf-8"))
    schemas = document.get("components", {}).get("schemas", {})
    return [
        _operation(where, method, about, schemas)
        for where, methods in document["paths"].items()
        for method, about in methods.items()
        if method in METHODS
    ]


def _operation(where: str, method: str, about: dict[str, Any], schemas: dict[str, Any]) -> Operation:
    security = about.get("security")
    return Operation(
        id=about["operationId"],
        method=method.upper(),
        path=where,
        says=about.get("description") or about.get("summary", ""),
        parameters=[
            parameter["name"] for parameter in about.get("parameters", []) if parameter["in"] == "query"
        ],
        body=_fields(about.get("requestBody", {}), schemas),
        answers=list(about["responses"]),
        is_open=security == [] or {} in (security or []),
    )


def _fields(body: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    for content in body.get("content", {}).values():
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        schema = schemas.get(name, {})
        required = schema.get("required", [])
        return [field if field in required else f"{field}?" for field in schema.get("properties", {})]
    return []


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """One page for the services' OpenAPI documents; it needs no script."""
    return render(request, "docs/listing.html", {"documents": documents()})


urlpatterns = [path("", listing, name="docs")]
