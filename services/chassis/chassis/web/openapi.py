"""What the OpenAPI documents share: error responses, the token scheme, and hooks of drf-spectacular."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from django.conf import settings
from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers

from chassis.errors import MEDIA_TYPE, DomainError


class ProblemOut(serializers.Serializer[dict[str, Any]]):
    """An error, after RFC 9457. `code` is stable; `title` is for people, in their language."""

    type = serializers.CharField()
    code = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Field name to messages, where a field is at fault."
    )


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "chassis.web.rest.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def only_public(endpoints: list[Any], **_: Any) -> list[Any]:
    """Leave what only peers may call out of the OpenAPI document."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith("/internal/")]


def only_internal(endpoints: list[Any], **_: Any) -> list[Any]:
    """Leave what the gateway routes out of the OpenAPI document for peers."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/internal/")]


# For `spectacular --custom-settings`.
INTERNAL = {
    "TITLE": f"Seodang {settings.SERVICE}, internal: not routed by the gateway",
    "PREPROCESSING_HOOKS": ["chassis.web.openapi.only_internal"],
}


class AutoSchema(openapi.AutoSchema):
    """Adds the error responses: every code that the operation can answer, by status.

    The DomainErrors among them are read from the source of the view's method and of the functions it calls.
    """

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(
            path, path_regex, path_prefix, method, registry
        )
        if operation is None:
            return None
        codes = {(error.status, error.code) for error in errors_of(getattr(self.view, method.lower()))}
        if operation.get("security"):
            codes |= {(401, "authentication_failed"), (401, "not_authenticated"), (403, "permission_denied")}
        if "requestBody" in operation:
            codes |= {(400, "invalid"), (400, "parse_error"), (415, "unsupported_media_type")}
        if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
            codes.add((400, "invalid"))
        schema = self.resolve_serializer(ProblemOut, "response").ref
        for status in sorted({status for status, _ in codes}):
            operation["responses"][str(status)] = {
                "content": {MEDIA_TYPE: {"schema": schema}},
                "description": ", ".join(f"`{code}`" for of, code in sorted(codes) if of == status),
            }
        return operation


def errors_of(function: Callable[..., Any]) -> set[type[DomainError]]:
    """Return the DomainErrors that a function, or another of the service that it calls, makes or looks up."""
    found: set[type[DomainError]] = set()
    known: set[Any] = set()
    waiting = [inspect.unwrap(function)]
    while waiting:
        function = waiting.pop()
        known.add(function)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            made = (
                node.exc if isinstance(node, ast.Raise) else node.func if isinstance(node, ast.Call) else None
            )
            value = _value(node, function)
            table = value.values() if isinstance(value, dict) else ()
            for error in (_value(made, function), *table):
                if isinstance(error, type) and issubclass(error, DomainError):
                    found.add(error)
            value = inspect.unwrap(value) if callable(value) else None
            if inspect.isfunction(value) and value not in known and _is_ours(value):
                waiting.append(value)
    return found


def _value(node: ast.AST | None, function: Callable[..., Any]) -> Any:
    """Return the value of a global name, or of a module's attribute, in the function; None for others."""
    if isinstance(node, ast.Name):
        return function.__globals__.get(node.id)
    if isinstance(node, ast.Attribute) and inspect.ismodule(module := _value(node.value, function)):
        return getattr(module, node.attr, None)
    return None


def _is_ours(function: Callable[..., Any]) -> bool:
    return function.__module__.partition(".")[0] in {"chassis", settings.SERVICE}
