"""Pages: push messages to browsers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chassis.errors import DomainError, NotFound
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from notification.push import access, actions, queries, tasks
from notification.push.forms import RenewalForm, SubscriptionForm

app_name = "push"


@signed_in("GET")
def devices(request: PageRequest) -> HttpResponse:
    """List the reader's browsers, with a button that subscribes this one."""
    return _render(request, SubscriptionForm())


@signed_in("POST")
def subscribe(request: PageRequest) -> HttpResponse:
    """Subscribe the browser that the script on the page has asked."""
    form = SubscriptionForm(request.POST)

    me = request.principal.account_id
    if handle_form(form, actions.subscribe, account_id=me, at=timezone.now()):
        messages.success(request, _("Push messages come to this browser now."))
        return redirect("push:devices")

    return _render(request, form, status=422)


# A service worker posts here without cookies, with nobody signed in; the old secret is the permission.
@csrf_exempt
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Replace the subscription of a browser whose push service gave it another one."""
    form = RenewalForm(request.POST)

    if not form.is_valid():
        raise NotFound
    given = form.cleaned_data
    row = access.subscription_by_secret(endpoint=given.pop("old_endpoint"), auth=given.pop("old_auth"))
    actions.renew(subscription=row, at=timezone.now(), **given)

    return HttpResponse(status=204)


@signed_in("POST")
def unsubscribe(request: PageRequest, subscription_id: UUID) -> HttpResponse:
    """Unsubscribe a browser."""
    row = access.subscription_for_owner(subscription_id, account_id=request.principal.account_id)

    actions.unsubscribe(subscription=row)

    messages.success(request, _("Push messages no longer come there."))
    return redirect("push:devices")


@signed_in("POST")
def test(request: PageRequest, subscription_id: UUID) -> HttpResponse:
    """Send a test to a browser."""
    row = access.subscription_for_owner(subscription_id, account_id=request.principal.account_id)

    try:
        actions.start_test(subscription=row, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        tasks.enqueue_test(row.id, translation.get_language())
        messages.success(request, _("A test is on its way. Reload this page to see how it went."))
    return redirect("push:devices")


def _render(request: PageRequest, form: SubscriptionForm, *, status: int = 200) -> HttpResponse:
    try:
        key = actions.create_vapid_key(at=timezone.now()).public_key
    except actions.PushIsOff:
        key = ""
    context = {
        "form": form,
        "public_key": key,
        "devices": queries.subscriptions(request.principal.account_id),
    }
    return render(request, "push/devices.html", context, status=status)


urlpatterns = [
    path("push/", devices, name="devices"),
    path("push/subscribe/", subscribe, name="subscribe"),
    path("push/renew/", renew, name="renew"),
    path("push/<uuid:subscription_id>/unsubscribe/", unsubscribe, name="unsubscribe"),
    path("push/<uuid:subscription_id>/test/", test, name="test"),
]
