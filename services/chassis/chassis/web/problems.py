"""Translates errors to responses: problem+json for programs, a page for people."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from chassis.errors import MEDIA_TYPE, DomainError, NotFound, problem_document


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: a problem document for every expected error; others are raised."""
    set_rollback()
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, DomainError):
        at_fault = {error.field: [str(error)]} if error.field else None
        return _answer(
            error.status, error.code, str(error), at_fault, _retry_after(error.details.get("wait"))
        )
    if isinstance(error, exceptions.ValidationError):
        errors = error.detail if isinstance(error.detail, dict) else {"": error.detail}
        return _answer(400, "invalid", force_str(error.default_detail), errors)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = _retry_after(getattr(error, "wait", None))
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    code = error.get_codes()
    return _answer(
        error.status_code,
        code if isinstance(code, str) else "refused",
        force_str(error.detail),
        None,
        headers,
    )


def _retry_after(seconds: float | None) -> dict[str, str]:
    return {"Retry-After": str(int(seconds))} if seconds else {}


def _answer(
    status: int, code: str, title: str, errors: Any = None, headers: dict[str, str] | None = None
) -> Response:
    body = problem_document(status, code, title) | ({"errors": errors} if errors else {})
    return Response(body, status=status, content_type=MEDIA_TYPE, headers=headers)


def problem_response(
    status: int, code: str, title: str, headers: dict[str, str] | None = None
) -> JsonResponse:
    """Return a problem document as the response of a view outside of DRF."""
    body = problem_document(status, code, title)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, headers=headers)


def _is_for_programs(request: HttpRequest) -> bool:
    """Return True if a program asks, which gets a problem document instead of a page."""
    is_documentation = request.path.startswith("/api/docs/")
    return not is_documentation and request.path.startswith(("/api/", "/internal/", "/hooks/"))


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer as `handler400` of every service: 413 for what is too large, 400 for what cannot be read."""
    if isinstance(exception, RequestDataTooBig):
        status, code, title = 413, "too_large", _("That is too large")
    else:
        status, code, title = 400, "unreadable", _("We could not read that")
    if _is_for_programs(request):
        return problem_response(status, code, title)
    return render(request, f"{status}.html", status=status)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler404` of every service."""
    if _is_for_programs(request):
        return problem_response(404, NotFound.code, str(NotFound()))
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """`handler500` of every service: 503 if the database is unavailable, else 500."""
    away = isinstance(sys.exception(), OperationalError)
    status, code, again = (503, "unavailable", _retry_after(10)) if away else (500, "broken", {})
    if _is_for_programs(request):
        title = _("This page cannot be opened right now") if away else _("Something went wrong")
        return problem_response(status, code, title, again)
    return HttpResponse(render_to_string(f"{status}.html"), status=status, headers=again)


def key_reused() -> HttpResponse:
    """Return the response to an idempotency key that was used with other content before."""
    title = _("This Idempotency-Key was used for another request.")
    return problem_response(422, "idempotency_key_reused", title)


def _page_above(path: str) -> str:
    """Return the nearest path above that one which this service answers, else "/"."""
    parts = path.rstrip("/").split("/")
    while len(parts) > 1:
        parts.pop()
        above = "/".join(parts) + "/"
        if is_valid_path(above):
            return above
    return "/"


class DomainErrorMiddleware:
    """Turns a DomainError that a view did not catch into an error page.

    The address of a form that cannot be opened leads to the page above it: a refused form leaves the browser
    there, and reloading it or choosing a language opens it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            # Codecs such as "hex" are found by Django and then fail in the first view that reads a field.
            "".encode(request.encoding or "utf-8")
        except (LookupError, UnicodeError):
            raise BadRequest("character set") from None
        response = self.get_response(request)
        opened = request.method in {"GET", "HEAD"} and not _is_for_programs(request)
        return redirect(_page_above(request.path)) if opened and response.status_code == 405 else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotFound):
            return render(request, "404.html", status=404)
        if isinstance(error, DomainError):
            return HttpResponse(
                render_to_string("look/domain_error.html", {"error": error}, request),
                status=error.status,
                headers=_retry_after(error.details.get("wait")),
            )
        return None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the error page for a missing CSRF token, in place of Django's."""
    return render(request, "403_csrf.html", status=403)
