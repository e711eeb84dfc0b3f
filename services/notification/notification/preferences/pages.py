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
from notification.inbox.rules import KINDS
from notification.preferences import access, actions, queries
from notification.preferences.forms import PreferencesForm
from notification.preferences.rules import CHANNELS, EMAIL

app_name = "preferences"


@signed_in("GET", "POST")
def edit(request: PageRequest) -> HttpResponse:
    """Show and save the matrix of kinds and channels."""
    form = PreferencesForm(request.POST or None)

    if form.is_valid():
        actions.update_preferences(account_id=request.principal.account_id, choices=form.chosen())
        messages.success(request, _("Saved."))
        return redirect("preferences:edit")

    context = {"choices": queries.choices(request.principal.account_id), "channels": CHANNELS}
    return render(request, "preferences/edit.html", context)


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
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
]
