"""Pages of the first set-up and of owners."""

from __future__ import annotations

from uuid import UUID

import structlog
from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chassis.jobs.pages import health_context
from chassis.web.auth import PageRequest, Principal, signed_in
from chassis.web.forms import render_confirmation
from users.accounts import queries
from users.accounts.access import account_for_owner, require_owner
from users.accounts.actions import roles as actions
from users.accounts.actions.registration import ensure_owner
from users.accounts.request_meta import client_info
from users.owners import access
from users.owners.forms import MAX_CODE_LENGTH, FirstOwnerForm
from users.ratelimit.actions import count_attempt
from users.ratelimit.rules import Limit, network_of

log = structlog.get_logger()
MAX_WRONG_CODES = 10
# Health pages of the other services, which also render as fragments.
HEALTH_PAGES = [("study", "/cohorts/health/"), ("notification", "/notifications/health/")]


@require_http_methods(["GET", "POST"])
@never_cache
def setup(request: HttpRequest) -> HttpResponse:
    """Create the first owner with the code from the log, and sign in. 404 once there is an owner.

    The link in the log has the code. An owner is redirected, such as one whose form was sent twice.
    """
    principal: Principal | None = request.principal  # type: ignore[attr-defined]
    if principal and "owner" in principal.roles:
        return redirect("/")
    access.require_unclaimed()
    if request.method != "POST":
        log.warning("nobody_owns_this_installation", code=access.setup_code())
        code = request.GET.get("code", "")[:MAX_CODE_LENGTH]
        form = FirstOwnerForm(initial={"code": code}, expected=access.setup_code())
        return render(request, "owners/setup.html", {"form": form})
    client, now = client_info(request), timezone.now()
    count_attempt(limits=[Limit("set-up code", network_of(client.address), MAX_WRONG_CODES)], at=now)
    form = FirstOwnerForm(request.POST, expected=access.setup_code())
    if not form.is_valid():
        return render(request, "owners/setup.html", {"form": form}, status=422)

    cleaned = form.cleaned_data
    account = ensure_owner(
        email=cleaned["email"], name=cleaned["name"], password=cleaned["password"], client=client, at=now
    )
    if account.check_password(cleaned["password"]):
        response: HttpResponse = perform_login(request, account, redirect_url="/", email=account.email)
        return response

    # The address had a confirmed account, which keeps its password: the code does not replace that.
    messages.success(request, _("This installation is yours. Sign in to open your first cohort."))
    return redirect(f"{reverse('account_login')}?next=/")


@signed_in("GET")
def people(request: PageRequest) -> HttpResponse:
    """List all accounts with their roles."""
    owner = require_owner(request.principal)
    search = request.GET.get("search", "").strip()[:254]

    page = queries.list_accounts(cursor=request.GET.get("cursor"), search=search)

    return render(request, "owners/people.html", {"page": page, "search": search, "owner": owner})


@never_cache
@signed_in("GET")
def health(request: PageRequest) -> HttpResponse:
    """Show whether periodic jobs run; the browser loads the fragments of the other services."""
    require_owner(request.principal)
    return render(request, "owners/health.html", {**health_context(), "health_pages": HEALTH_PAGES})


@signed_in("POST")
def set_cohort_creation(request: PageRequest, account_id: UUID) -> HttpResponse:
    """Grant or revoke the right to create cohorts."""
    owner = require_owner(request.principal)
    account = account_for_owner(account_id, principal=request.principal)

    actions.set_cohort_creation(
        account_id=account.id,
        is_allowed=request.POST.get("may") == "yes",
        by=owner.name,
        client=client_info(request),
        at=timezone.now(),
    )

    messages.success(request, _("Saved. It holds everywhere within 10 minutes."))
    return redirect("people")


@signed_in("GET", "POST")
def make_owner(request: PageRequest, account_id: UUID) -> HttpResponse:
    """GET asks for confirmation, POST makes the account an owner."""
    owner = require_owner(request.principal)
    account = account_for_owner(account_id, principal=request.principal)
    if request.method != "POST":
        return render_confirmation(
            request,
            title=_("Make %(name)s an owner?") % {"name": account.name},
            text=_(
                "Owners can create cohorts, allow others to, and make owners. This cannot be undone here."
            ),
            button=_("Make an owner"),
            back=reverse("people"),
        )

    actions.make_owner(account_id=account.id, client=client_info(request), at=timezone.now(), by=owner.name)

    messages.success(request, _("%(name)s is an owner now.") % {"name": account.name})
    return redirect("people")


urlpatterns = [
    path("setup/", setup, name="setup"),
    path("people/", people, name="people"),
    path("installation/health/", health, name="health"),
    path("people/<uuid:account_id>/opening/", set_cohort_creation, name="set_cohort_creation"),
    path("people/<uuid:account_id>/owner/", make_owner, name="make_owner"),
]
