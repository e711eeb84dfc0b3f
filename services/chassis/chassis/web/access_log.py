"""Each request's line in the log, its time in the metrics, and the id that joins both with other services."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPMethod
from uuid import UUID, uuid4

import structlog
from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram
from structlog.contextvars import bound_contextvars

from chassis.logs import REQUEST_ID_HEADER
from chassis.web.auth import Principal

_METHODS = frozenset(HTTPMethod)
_seconds = Histogram(
    "seodang_request_seconds",
    "Time from a request to its response",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
log = structlog.get_logger()


class AccessLogMiddleware:
    """Logs and counts a request by its route: a path or a query may contain a secret.

    Everything that is logged meanwhile has its id, which a response names in a header, too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = _id_of(request)
        with bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            method = request.method if request.method in _METHODS else "other"
            route = request.resolver_match.route if request.resolver_match else ""
            _seconds.labels(method, route, response.status_code).observe(seconds)
            log.info(
                "request",
                method=method,
                route=route,
                status=response.status_code,
                ms=round(1000 * seconds, 1),
                account_id=_account_id(request),
            )
        response.headers[REQUEST_ID_HEADER] = request_id
        return response


def _id_of(request: HttpRequest) -> str:
    """Return the id that the gateway or a peer service gave it, else a new one; 32 hexadecimal digits."""
    try:
        return UUID(request.headers.get(REQUEST_ID_HEADER, "")).hex
    except ValueError:
        return uuid4().hex


def _account_id(request: HttpRequest) -> str | None:
    principal: Principal | None = getattr(request, "principal", None)
    return principal.subject if principal else None
