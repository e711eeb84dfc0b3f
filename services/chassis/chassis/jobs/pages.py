"""Owners see when each periodic job of this service last ran."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chassis.errors import NotFound
from chassis.jobs.records import job_statuses
from chassis.web.auth import PageRequest, signed_in


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Show the jobs of this service to owners; htmx gets only the fragment for another page.

    A fragment request does not renew the token: the page's own request did.
    """
    if request.htmx and request.principal is None:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return _health(request)


@signed_in("GET")
def _health(request: PageRequest) -> HttpResponse:
    if "owner" not in request.principal.roles:
        raise NotFound
    template = "jobs/health.html#fragment" if request.htmx else "jobs/health.html"
    return render(request, template, health_context())


def health_context() -> dict[str, Any]:
    """Return what `jobs/health.html` and its fragment show."""
    statuses = job_statuses(at=timezone.now())
    notices = [import_string(path)() for path in settings.HEALTH_NOTICES]
    return {
        "notices": [notice for notice in notices if notice],
        "service": settings.SERVICE,
        "jobs": [(status.record, status.is_overdue, _words(status.interval)) for status in statuses],
    }


def _words(interval: timedelta) -> str:
    seconds = round(interval.total_seconds())
    if seconds % 86_400 == 0:
        return ngettext("every day", "every %(count)d days", seconds // 86_400) % {"count": seconds // 86_400}
    if seconds % 3600 == 0:
        return ngettext("every hour", "every %(count)d hours", seconds // 3600) % {"count": seconds // 3600}
    if seconds % 60 == 0:
        return ngettext("every minute", "every %(count)d minutes", seconds // 60) % {"count": seconds // 60}
    return ngettext("every second", "every %(count)d seconds", seconds) % {"count": seconds}
