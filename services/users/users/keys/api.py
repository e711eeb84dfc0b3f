"""The public JWKS, and the internal endpoint that issues service tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.settings_base import TOKEN_LIFETIME
from chassis.web.rest import validated
from users.keys import access, queries
from users.keys.jwt import service_token

# HTTP caches may serve the JWKS for this long. Verifiers cache it for up to an hour, and fetch it
# again, at most every 30 s, for an unknown key id.
JWKS_MAX_AGE = timedelta(minutes=5)


def load_jwks() -> dict[str, Any]:
    """Return the JWKS from the database; other services fetch it over HTTP. See JWKS_LOADER."""
    return queries.get_jwks(at=timezone.now())


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """Serve the public keys that verify tokens (JWKS)."""
    response = JsonResponse(load_jwks(), content_type="application/jwk-set+json")
    response["Cache-Control"] = f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}, must-revalidate"
    return response


class ServiceTokenIn(serializers.Serializer[dict[str, str]]):
    service = serializers.CharField(max_length=32)
    secret = serializers.CharField(max_length=200)
    audience = serializers.CharField(max_length=32)


class ServiceTokenOut(serializers.Serializer[dict[str, Any]]):
    access_token = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class ServiceTokens(APIView):
    """Issue tokens to services. Not routed by the gateway."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    @extend_schema(auth=[], request=ServiceTokenIn, responses={200: ServiceTokenOut})
    def post(self, request: Request) -> Response:
        """Exchange a service credential for a token. 401 if it is invalid, 403 for other audiences."""
        body = validated(ServiceTokenIn, request)
        access.authorise_service(**body)

        token = service_token(service=body["service"], audience=body["audience"], at=timezone.now())

        return Response({"access_token": token, "expires_in": int(TOKEN_LIFETIME.total_seconds())})


internal = [path("internal/token", ServiceTokens.as_view())]
public = [path(".well-known/jwks.json", jwks, name="jwks")]
