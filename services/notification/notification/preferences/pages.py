"""Pages: notification preferences, and unsubscribing by the link in an email."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from notification.inbox.rules import KINDS
from notification.preferences import access, actions, queries
from notification.preferences.forms import PreferencesForm, QuietHoursForm
from notification.preferences.rules import CHANNELS, EMAIL

app_name = "preferences"


@signed_in("GET", "POST")
def edit(request: PageRequest) -> HttpResponse:
    """Show the settings; save the matrix of kinds and channels."""
    form = PreferencesForm(request.POST or None)

    if form.is_valid():
        actions.update_preferences(account_id=request.principal.account_id, choices=form.chosen())
        messages.success(request, _("Saved."))
        return redirect("preferences:edit")

    return _render(request)


@signed_in("POST")
def quiet_hours(request: PageRequest) -> HttpResponse:
    """Save the reader's quiet hours."""
    form = QuietHoursForm(request.POST)

    if handle_form(form, actions.update_quiet_hours, account_id=request.principal.account_id):
        messages.success(request, _("Saved."))
        return redirect("preferences:edit")

    return _render(request, form, status=422)


def _render(request: PageRequest, form: QuietHoursForm | None = None, *, status: int = 200) -> HttpResponse:
    me = request.principal.account_id
    hours = queries.quiet_hours([me])[me]
    initial = {"starts": hours.starts, "ends": hours.ends} if hours else {}
    context = {
        "choices": queries.choices(me),
        "channels": CHANNELS,
        "form": form or QuietHoursForm(initial=initial),
    }
    return render(request, "preferences/edit.html", context, status=status)


@csrf_exempt  # Mail clients post here (RFC 8058) without cookies; the signed link is the permission.
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET; on POST stop emails of this kind, or resume them with `undo`."""
    account_id, kind = access.unsubscribe_link(token)
    state = "confirm"

    if request.method == "POST":
        on = "undo" in request.POST
        actions.update_preferences(account_id=account_id, choices={(kind, EMAIL): on})
        state = "undone" if on else "stopped"

    return render(request, "preferences/unsubscribe.html", {"label": KINDS[kind].label, "state": state})


urlpatterns = [
    path("preferences/", edit, name="edit"),
    path("preferences/quiet-hours/", quiet_hours, name="quiet_hours"),
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
]
