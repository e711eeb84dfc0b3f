"""Pages that close an account."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chassis.errors import DomainError, NotFound
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import render_confirmation
from users.account_deletion import actions, queries, study
from users.accounts.access import own_account
from users.signin.allauth import emails
from users.signin.forms import ReauthenticationForm
from users.signin.pages import cookies

SALT = "users.account_deletion"
STATUS_LINK_LIFETIME = timedelta(days=30)


@never_cache
@signed_in("GET", "POST")
def close_account(request: PageRequest) -> HttpResponse:
    """GET asks for confirmation and the password; POST closes the account permanently.

    Refused while the account is the only operator of a cohort with other members. Study lists these cohorts
    (docs/adr/0026): StudyUnavailable if it does not answer.
    """
    account = own_account(request.principal.account_id)
    if cohorts := study.list_cohorts_to_hand_over(account.id, at=timezone.now()):
        status = 200 if request.method != "POST" else 409
        return render(request, "account_deletion/hand_over.html", {"cohorts": cohorts}, status=status)
    data = request.POST if request.method == "POST" else None
    form = ReauthenticationForm(data, request=request)
    if request.method != "POST" or not form.is_valid():
        return _render_confirmation(request, form, status=200 if request.method != "POST" else 422)

    email = account.email or ""
    try:
        actions.close_account(account_id=account.id, email=email, at=timezone.now())
    except DomainError as error:
        form.add_error(None, str(error))
        return _render_confirmation(request, form, status=error.status)

    emails.enqueue_email("closed", email, {})
    request.session.flush()
    response = redirect("closed", signing.dumps(str(account.id), salt=SALT))
    cookies.clear_token_cookie(response)
    return response


def _render_confirmation(request: HttpRequest, form: ReauthenticationForm, *, status: int) -> HttpResponse:
    return render_confirmation(
        request,
        title=_("Close your account?"),
        lines=[
            _("Your name, address, sessions, access tokens and log are erased here at once."),
            _("You leave every cohort, and what waits for your review is given to others."),
            _("Your cohorts keep what you submitted and reviewed, under “Former member”."),
            _("This cannot be undone."),
        ],
        button=_("Close my account for good"),
        back=reverse("profile"),
        form=form,
        status=status,
    )


@require_safe
@never_cache
def erasure_status(request: HttpRequest, token: str) -> HttpResponse:
    """Show which services have acknowledged the closing. The token in the URL grants nothing else."""
    try:
        account_id = UUID(signing.loads(token, salt=SALT, max_age=STATUS_LINK_LIFETIME))
    except (signing.BadSignature, ValueError):
        raise NotFound from None

    progress = queries.get_erasure_progress(account_id)

    template = "account_deletion/closed.html#progress" if request.htmx else "account_deletion/closed.html"  # type: ignore[attr-defined]
    return render(request, template, {"progress": progress, "is_complete": all(progress.values())})


urlpatterns = [
    path("close/", close_account, name="close_account"),
    path("closed/<str:token>/", erasure_status, name="closed"),
]
