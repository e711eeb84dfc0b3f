"""API reference: the operations of all services, from their OpenAPI documents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from chassis.web.openapi import read_document

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """An API operation."""

    id: str
    method: str
    path: str
    description: str
    parameters: list[str]
    body: list[str]
    responses: list[str]
    is_public: bool


@dataclass(frozen=True)
class Document:
    """A service's operations."""

    service: str
    operations: list[Operation]


@cache
def documents() -> list[Document]:
    """Return the committed OpenAPI documents, read once per process."""
    return [Document(service, _operations(service)) for service in settings.TOKEN_AUDIENCES]


def _operations(service: str) -> list[Operation]:
    document = read_document(service)
    schemas = document.get("components", {}).get("schemas", {})
    return [
        _operation(url_path, method, operation, schemas)
        for url_path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def _operation(url_path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Operation:
    security = operation.get("security")
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=url_path,
        description=operation.get("description") or operation.get("summary", ""),
        parameters=[
            parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"
        ],
        body=_fields(operation.get("requestBody", {}), schemas),
        responses=list(operation["responses"]),
        is_public=security == [] or {} in (security or []),
    )


def _fields(body: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    for content in body.get("content", {}).values():
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        schema = schemas.get(name, {})
        required = schema.get("required", [])
        return [field if field in required else f"{field}?" for field in schema.get("properties", {})]
    return []


@require_safe
def list_operations(request: HttpRequest) -> HttpResponse:
    """List the operations of all services."""
    return render(request, "docs/operations.html", {"documents": documents()})


urlpatterns = [path("", list_operations, name="docs")]
