"""API reference: the operations of all services, from their OpenAPI documents."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from chassis.web.openapi import read_document

METHODS = {"get", "post", "put", "patch", "delete"}


@cache
def operations_by_service() -> dict[str, list[dict[str, Any]]]:
    """Return each service's operations from its committed OpenAPI document, read once per process."""
    return {service: _operations(read_document(service)) for service in settings.TOKEN_AUDIENCES}


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    schemas = document.get("components", {}).get("schemas", {})
    return [
        {
            "id": operation["operationId"],
            "method": method.upper(),
            "path": url_path,
            "description": operation.get("description") or operation.get("summary", ""),
            "query": [
                parameter["name"]
                for parameter in operation.get("parameters", [])
                if parameter["in"] == "query"
            ],
            "body": _fields(operation.get("requestBody", {}), schemas),
            "statuses": list(operation["responses"]),
        }
        for url_path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


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
    return render(request, "docs/operations.html", {"services": operations_by_service()})


urlpatterns = [path("", list_operations, name="docs")]
