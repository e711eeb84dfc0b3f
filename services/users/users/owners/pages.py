"""Setting up the first owner, and what owners decide."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chassis.jobs.pages import health_context
from chassis.web.auth import PageRequest, signed_in
from users.accounts import actions, queries
from users.accounts.access import account_to_manage, owner_to_act
from users.accounts.browser import seen_in
from users.limits.actions import count_attempt
from users.limits.rules import Limit, network_of
from users.owners import access
from users.owners.forms import FirstOwner

log = structlog.get_logger()
WRONG_CODES = 10
# Where the other services show their jobs, as a part of a page or alone.
OTHERS = [("study", "/cohorts/health/"), ("notification", "/notifications/health/")]


@require_http_methods(["GET", "POST"])
@never_cache
def setup(request: HttpRequest) -> HttpResponse:
    """Make the first owner, with the code that the log prints. Afterwards there is no such page."""
    access.place_without_owner()
    if request.method == "GET":
        log.warning("nobody_owns_this_installation", code=access.setup_code())
        return render(request, "owners/setup.html", {"form": FirstOwner(expected=access.setup_code())})
    seen, now = seen_in(request), timezone.now()
    count_attempt(limits=[Limit("set-up code", network_of(seen.address), WRONG_CODES)], at=now)
    form = FirstOwner(request.POST, expected=access.setup_code())
    if not form.is_valid():
        return render(request, "owners/setup.html", {"form": form}, status=422)

    given = form.cleaned_data
    actions.create_owner(
        email=given["email"], name=given["name"], password=given["password"], seen=seen, at=now
    )

    messages.success(request, _("This installation is yours. Sign in to open your first cohort."))
    return redirect(f"{reverse('account_login')}?next=/")


@require_safe
@signed_in
def people(request: PageRequest) -> HttpResponse:
    """Everyone, and what they may do."""
    owner = owner_to_act(request.principal)
    search = request.GET.get("search", "").strip()[:254]

    page = queries.people(cursor=request.GET.get("cursor"), search=search)

    return render(request, "owners/people.html", {"page": page, "search": search, "owner": owner})


@require_safe
@never_cache
@signed_in
def health(request: PageRequest) -> HttpResponse:
    """Show whether the periodic jobs of every service run. The others give their own lines to the browser."""
    owner_to_act(request.principal)
    return render(request, "owners/health.html", {**health_context(), "others": OTHERS})


@require_POST
@signed_in
def set_opening(request: PageRequest, account_id: UUID) -> HttpResponse:
    """Allow someone to open cohorts, or withdraw it."""
    owner = owner_to_act(request.principal)
    account = account_to_manage(account_id, principal=request.principal)

    act = actions.allow_opening if request.POST.get("may") == "yes" else actions.withdraw_opening
    act(account_id=account.id, seen=seen_in(request), at=timezone.now(), by=owner.name)

    messages.success(request, _("Saved. It holds everywhere within 10 minutes."))
    return redirect("people")


@require_http_methods(["GET", "POST"])
@signed_in
def make_owner(request: PageRequest, account_id: UUID) -> HttpResponse:
    """GET asks, POST makes someone an owner."""
    owner = owner_to_act(request.principal)
    account = account_to_manage(account_id, principal=request.principal)
    if request.method == "GET":
        asked = {
            "title": _("Make %(name)s an owner?") % {"name": account.name},
            "text": _("Owners open cohorts, allow others to, and make owners. It cannot be taken back here."),
            "button": _("Make an owner"),
            "back": reverse("people"),
        }
        return render(request, "chassis/confirm.html", asked)

    actions.make_owner(account_id=account.id, seen=seen_in(request), at=timezone.now(), by=owner.name)

    messages.success(request, _("%(name)s is an owner now.") % {"name": account.name})
    return redirect("people")


urlpatterns = [
    path("setup/", setup, name="setup"),
    path("people/", people, name="people"),
    path("installation/health/", health, name="health"),
    path("people/<uuid:account_id>/opening/", set_opening, name="set_opening"),
    path("people/<uuid:account_id>/owner/", make_owner, name="make_owner"),
]
