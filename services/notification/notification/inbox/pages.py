"""Pages: the inbox, and the unread count in the header of every page."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chassis.web.auth import PageRequest, signed_in
from notification.inbox import access, actions, queries
from notification.inbox.forms import READ, BulkUpdateForm
from notification.inbox.rules import GROUPS

app_name = "inbox"
SHOW_CHOICES = {"", "unread", *GROUPS}


@signed_in("GET")
def inbox(request: PageRequest) -> HttpResponse:
    """List notifications, newest first; filter by ?show=."""
    show = _clean_show(request.GET.get("show"))
    page = queries.inbox(request.principal.account_id, show=show, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "unread": queries.unread_count(request.principal.account_id),
        "show": show,
        "groups": GROUPS,
        "marked": _parse_datetime(request.GET.get("marked")),
        "is_owner": "owner" in request.principal.roles,
    }
    return render(request, "inbox/list.html", context)


@signed_in("GET", "POST")
def open_notification(request: PageRequest, notification_id: UUID) -> HttpResponse:
    """Redirect to the notification's page. POST also marks it as read."""
    row = access.notification_for_recipient(notification_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.mark_read(account_id=request.principal.account_id, ids=[row.id], at=timezone.now())

    safe = url_has_allowed_host_and_scheme(row.url, allowed_hosts=None)
    return redirect(row.url if safe else "inbox:list")


@signed_in("POST")
def bulk_update(request: PageRequest) -> HttpResponse:
    """Mark the selected notifications as read or unread."""
    form = BulkUpdateForm(request.POST)
    now = timezone.now()

    if not form.is_valid() or not form.cleaned_data["n"]:
        messages.info(request, _("Select notifications first."))
        return _redirect_to_inbox(request)
    ids = form.cleaned_data["n"]
    if form.cleaned_data["do"] == READ:
        changed = actions.mark_read(account_id=request.principal.account_id, ids=ids, at=now)
        return _redirect_to_inbox(request, marked=now if changed else None)
    actions.mark_unread(account_id=request.principal.account_id, ids=ids)
    return _redirect_to_inbox(request)


@signed_in("POST")
def mark_all_read(request: PageRequest) -> HttpResponse:
    """Mark all notifications as read."""
    now = timezone.now()
    changed = actions.mark_read(account_id=request.principal.account_id, at=now)
    return _redirect_to_inbox(request, marked=now if changed else None)


@signed_in("POST")
def undo_mark_read(request: PageRequest) -> HttpResponse:
    """Undo one action that marked notifications as read, identified by its time."""
    if at := _parse_datetime(request.POST.get("at")):
        actions.undo_mark_read(account_id=request.principal.account_id, at=at)
    return _redirect_to_inbox(request)


@require_safe
def badge(request: HttpRequest) -> HttpResponse:
    """Return the unread count: a fragment for the header, or a whole page without JavaScript.

    A background request without a valid token gets 204: it must not redirect an open page to the login.
    """
    if request.htmx and request.principal is None:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return _badge(request)


@signed_in("GET")
def _badge(request: PageRequest) -> HttpResponse:
    template = "look/badge.html#fragment" if request.htmx else "look/badge.html"
    return render(request, template, {"unread": queries.unread_count(request.principal.account_id)})


def _clean_show(value: str | None) -> str:
    return value if value in SHOW_CHOICES else ""


def _parse_datetime(text: str | None) -> datetime | None:
    try:
        at = parse_datetime(text or "")
    except ValueError:
        return None
    return at if at and timezone.is_aware(at) else None


def _redirect_to_inbox(request: PageRequest, *, marked: datetime | None = None) -> HttpResponseRedirect:
    parameters = {
        "show": _clean_show(request.POST.get("show")),
        "marked": marked.isoformat() if marked else "",
    }
    query = urlencode({name: value for name, value in parameters.items() if value})
    return HttpResponseRedirect(reverse("inbox:list") + (f"?{query}" if query else ""))


urlpatterns = [
    path("", inbox, name="list"),
    path("badge/", badge, name="badge"),
    path("marks/", bulk_update, name="bulk_update"),
    path("read-all/", mark_all_read, name="mark_all_read"),
    path("take-back/", undo_mark_read, name="undo_mark_read"),
    path("<uuid:notification_id>/open/", open_notification, name="open"),
]
