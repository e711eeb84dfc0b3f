"""What an orchestrator asks. Never routed by the gateway."""

from __future__ import annotations

from collections.abc import Callable

from django.db import Error, OperationalError, connection
from django.http import HttpRequest, HttpResponse

from chassis import health


def live(request: HttpRequest) -> HttpResponse:
    """The process answers; the database is not asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """This service's own database answers; other services are not asked."""
    try:
        connection.cursor().execute("SELECT 1")
    except OperationalError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def watch_database() -> None:
    """Make /healthz answer 503 while the database has not answered for MAX_AGE."""
    health.watch("database", is_silence_expected=_database_answers, starts_healthy=True)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True


_VIEWS = {"/healthz/live": live, "/healthz/ready": ready}


class HealthMiddleware:
    """Answers before everything else: probes send the pod's address as Host, which ALLOWED_HOSTS rejects."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return _VIEWS.get(request.path_info, self.get_response)(request)
