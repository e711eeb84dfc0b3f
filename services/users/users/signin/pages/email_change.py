"""Change the email address: requested with the password, confirmed by the link sent to the new address."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.errors import NotFound
from chassis.web.auth import PageRequest, signed_in
from users.accounts import queries
from users.accounts.access import own_account
from users.accounts.actions.registration import change_email
from users.accounts.models import Account
from users.accounts.request_meta import client_info
from users.ratelimit.actions import count_attempt
from users.ratelimit.rules import Limit
from users.signin.allauth import emails
from users.signin.forms import EmailChangeForm

SALT = "users.signin.email_change"
LINK_LIFETIME = timedelta(days=1)
MAX_EMAILS = 10


@signed_in("GET", "POST")
def change(request: PageRequest) -> HttpResponse:
    """Ask for the new address, and send a confirmation link there."""
    account = own_account(request.principal.account_id)
    form = EmailChangeForm(request.POST or None, request=request)
    if request.method != "POST" or not form.is_valid():
        status = 200 if request.method != "POST" else 422
        return render(request, "signin/email_change.html", {"form": form, "account": account}, status=status)

    email = form.cleaned_data["email"]
    count_attempt(limits=[Limit("email change", str(account.id), MAX_EMAILS)], at=timezone.now())
    _enqueue_confirmation(account, email)

    messages.success(
        request, _("We sent an email to %(email)s. Follow its link on this device.") % {"email": email}
    )
    return redirect("profile")


def _enqueue_confirmation(account: Account, email: str) -> None:
    if queries.is_email_taken(email, excluding=account.id):
        # The page shows the same; only the owner of the address learns it.
        emails.enqueue_email("change_email_taken", email, {})
        return
    link = signing.dumps([str(account.id), account.email, email], salt=SALT)
    emails.enqueue_email(
        "change_email", email, {"url": settings.PUBLIC_URL + reverse("confirm_email_change", args=[link])}
    )


@signed_in("GET", "POST")
def confirm(request: PageRequest, link: str) -> HttpResponse:
    """Confirm by the emailed link: GET asks, POST changes. Only for the account that requested it."""
    account = own_account(request.principal.account_id)
    email = _email_from_link(link, account)
    if request.method != "POST":
        return render(request, "signin/email_change_confirm.html", {"email": email})

    old = account.email or ""
    change_email(account_id=account.id, email=email, client=client_info(request), at=timezone.now())

    get_adapter(request).send_notification_mail("email_changed", account, {"new": email}, email=old)
    messages.success(request, _("Your email is %(email)s now.") % {"email": email})
    return redirect("profile")


def _email_from_link(link: str, account: Account) -> str:
    try:
        account_id, old, new = signing.loads(link, salt=SALT, max_age=LINK_LIFETIME)
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    # Invalid if the address has changed since the request.
    if (account_id, old) != (str(account.id), account.email):
        raise NotFound
    return str(new)
