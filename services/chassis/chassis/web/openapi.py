"""What the OpenAPI documents share: error responses, the token scheme, and hooks of drf-spectacular."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import serializers

from chassis.errors import MEDIA_TYPE


class ProblemOut(serializers.Serializer[dict[str, Any]]):
    """An error, after RFC 9457. `code` is stable; `title` is for people, in their language."""

    type = serializers.CharField()
    code = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Field name to messages, where a field is at fault."
    )


def problems(*statuses: int) -> dict[int, type[ProblemOut]]:
    """Return the error responses of an operation for `responses=`; 401 and 403 are always included."""
    return dict.fromkeys(sorted({401, 403, *statuses}), ProblemOut)


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


def problems_by_name(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Declare in the OpenAPI document that errors are application/problem+json."""
    problem = {"$ref": "#/components/schemas/ProblemOut"}
    for operations in result["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                content = response.get("content", {})
                if content.get("application/json", {}).get("schema") == problem:
                    content[MEDIA_TYPE] = content.pop("application/json")
    return result
