"""OpenAPI documents: served as committed; error responses, the token scheme and hooks for generating them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from chassis.errors import MEDIA_TYPE
from chassis.settings_base import CONTRACTS
from chassis.web.raised_errors import errors_of


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


def read_document(name: str) -> dict[str, Any]:
    """Return the committed OpenAPI document of a service (study) or of its internal API (study.internal)."""
    text = (CONTRACTS / "http" / f"{name}.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return document


class DocumentView(APIView):
    """Responds with the service's committed OpenAPI document, since generating it takes a second of CPU."""

    schema = None
    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(_document_json(), content_type="application/vnd.oai.openapi+json")


@cache
def _document_json() -> str:
    return json.dumps(read_document(settings.SERVICE), ensure_ascii=False)


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
        places = {parameter["in"] for parameter in operation.get("parameters", [])}
        if "query" in places:
            codes.add((400, "invalid"))
        if "path" in places:  # A value that is no UUID matches no address.
            codes.add((404, "not_found"))
        schema = self.resolve_serializer(ProblemOut, "response").ref
        for status in sorted({status for status, _ in codes}):
            operation["responses"][str(status)] = {
                "content": {MEDIA_TYPE: {"schema": schema}},
                "description": ", ".join(f"`{code}`" for of, code in sorted(codes) if of == status),
            }
        return operation
