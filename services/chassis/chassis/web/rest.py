"""REST: authentication, permissions, parsers, and lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, ParseError, PermissionDenied
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from chassis.web.auth import InvalidToken, Principal, principal_from_cookie, principal_from_token
from chassis.web.pagination import MAX_PAGE_SIZE, Page
from chassis.web.representation import represented


def _http(request: Request) -> HttpRequest:
    """Django's request, which the middleware sees too; DRF keeps it under this name for good."""
    return request._request  # noqa: SLF001


# Django expects a user here; views use request.principal.
AUTHENTICATED_USER = SimpleNamespace(is_authenticated=True, is_active=True, pk=None)


class TokenAuthentication(BaseAuthentication):
    """A token in the Authorization header, or in the pages' cookie together with a CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme:
            if scheme.lower() != "bearer":
                raise AuthenticationFailed
            return self._of(request, lambda http: principal_from_token(token.strip(), request=http))
        if request.COOKIES.get(settings.TOKEN_COOKIE):
            principal = self._of(request, principal_from_cookie)
            self._check_csrf(request)
            return principal
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def _of(self, request: Request, find: Callable[[HttpRequest], Principal]) -> tuple[Any, Any]:
        try:
            principal = find(_http(request))
        except InvalidToken:
            raise AuthenticationFailed from None
        _http(request).principal = principal  # type: ignore[attr-defined]
        return AUTHENTICATED_USER, principal

    def _check_csrf(self, request: Request) -> None:
        check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
        check.process_request(_http(request))
        if reason := check.process_view(_http(request), HttpResponse, (), {}):
            raise PermissionDenied(f"CSRF: {reason}")


class StrictJSONParser(JSONParser):
    """JSON that can be processed: no deeper than Python reads, no lone surrogate, no larger than allowed."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request: Request = (parser_context or {})["request"]
        # DRF hands the socket to the parser, so Django's own limit is never asked.
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            body = super().parse(stream, media_type, parser_context)
            # A lone surrogate parses, and fails later wherever the text is written.
            json.dumps(body, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError):
            raise ParseError from None
        return body


class CompactJSONRenderer(JSONRenderer):
    """JSON as DRF renders it, faster, and of UUIDs and times as they are. An indent of the caller is kept."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any | None = None
    ) -> bytes:
        if data is None or self.get_indent(accepted_media_type or "", renderer_context or {}):
            indented: bytes = super().render(data, accepted_media_type, renderer_context)
            return indented
        rendered: bytes = _encoder.encode(data)
        return rendered


def _plain(value: Any) -> Any:
    # A subclass of text, such as a translation or a choice.
    if isinstance(value, str | Promise):
        return str(value)
    raise TypeError(f"{value!r} has no JSON")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


class SignedIn(BasePermission):
    """A person's token; one whose scope lacks "write" may only read."""

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = request.auth
        if not isinstance(principal, Principal) or principal.use != "access":
            return False
        return ("read" if request.method in SAFE_METHODS else "write") in principal.scopes


class ServiceOnly(BasePermission):
    """A peer service's token: for /internal/ alone."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, Principal) and request.auth.use == "service"


def validated(
    serializer: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False
) -> dict[str, Any]:
    """Return the request's body as the serializer reads it. Raise ValidationError if it is invalid.

    `partial` allows required fields to be missing.
    """
    body = serializer(data=request.data, partial=partial)
    body.is_valid(raise_exception=True)
    data: dict[str, Any] = body.validated_data
    return data


class PageIn(serializers.Serializer[dict[str, Any]]):
    """What every list takes in its query: where to go on, and how many rows."""

    cursor = serializers.CharField(max_length=1000, required=False)
    size = serializers.IntegerField(min_value=1, max_value=MAX_PAGE_SIZE, default=25)

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """Return the query's parameters as keyword arguments. Raise ValidationError if one is invalid."""
        if not request.query_params:
            return _defaults(cls).copy()
        return _read(cls, request.query_params)


def _read(query: type[PageIn], parameters: Mapping[str, Any]) -> dict[str, Any]:
    given = query(data=parameters)
    given.is_valid(raise_exception=True)
    return {"cursor": None, **given.validated_data}


@cache
def _defaults(query: type[PageIn]) -> dict[str, Any]:
    return _read(query, {})


@cache
def list_of(item: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the serializer of every list of these items: {"results": […], "next": cursor or null}."""
    fields = {
        "results": item(many=True),
        "next": serializers.CharField(
            allow_null=True, help_text="`cursor` of the next page; null: the last."
        ),
    }
    return type(f"{item.__name__.removesuffix('Out')}ListOut", (serializers.Serializer,), fields)


def list_response(
    item: type[serializers.Serializer[Any]], rows: Page[Any] | Iterable[Any], *, status: int = 200
) -> Response:
    """Return a page, or all rows, in the form of `list_of(item)`."""
    page = rows if isinstance(rows, Page) else Page([*rows], None)
    return Response({"results": represented(item, page.rows), "next": page.next}, status=status)
