"""Changing one's e-mail: asked for with the password, confirmed from the new mailbox by the same person."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chassis.errors import NotFound
from chassis.web.auth import PageRequest, signed_in
from users.accounts import actions as accounts
from users.accounts import queries
from users.accounts.access import own_account
from users.accounts.browser import seen_in
from users.accounts.models import Account
from users.limits.actions import count_attempt
from users.limits.rules import Limit
from users.signin.allauth import mail
from users.signin.forms import NewAddress
from users.signin.pages.proof import signed_in_lately

SALT = "users.signin.address"
GOOD_FOR = timedelta(days=1)
LETTERS = 10


@require_http_methods(["GET", "POST"])
@signed_in
def change(request: PageRequest) -> HttpResponse:
    """Ask for the new address, and send a letter there."""
    account = own_account(request.principal.account_id)
    form = NewAddress(request.POST or None, request=request, lately=signed_in_lately(request))
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return render(request, "signin/address.html", {"form": form, "account": account}, status=status)

    email = form.cleaned_data["email"]
    count_attempt(limits=[Limit("new address", str(account.id), LETTERS)], at=timezone.now())
    _write(account, email)

    messages.success(
        request, _("We sent a letter to %(email)s. Follow its link on this device.") % {"email": email}
    )
    return redirect("profile")


def _write(account: Account, email: str) -> None:
    if queries.is_taken(email, by_other_than=account.id):
        # The page says the same; only whoever reads mail there learns it.
        mail.write("change_email_taken", email, {})
        return
    link = signing.dumps([str(account.id), account.email, email], salt=SALT)
    mail.write("change_email", email, {"url": settings.PUBLIC_URL + reverse("confirm_address", args=[link])})


@require_http_methods(["GET", "POST"])
@signed_in
def confirm(request: PageRequest, link: str) -> HttpResponse:
    """The link of the letter: GET asks, POST changes. It counts for the one who asked, signed in."""
    account = own_account(request.principal.account_id)
    email = _promised(link, account)
    if request.method == "GET":
        return render(request, "signin/address_confirm.html", {"email": email})

    old = account.email or ""
    accounts.change_email(account_id=account.id, email=email, seen=seen_in(request), at=timezone.now())

    mail.write("email_changed", old, {"new": email, **_where(request)})
    messages.success(request, _("Your email is %(email)s now.") % {"email": email})
    return redirect("profile")


def _promised(link: str, account: Account) -> str:
    try:
        account_id, old, new = signing.loads(link, salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    # A second change in between makes the first letter's link worthless.
    if (account_id, old) != (str(account.id), account.email):
        raise NotFound
    return str(new)


def _where(request: PageRequest) -> dict[str, object]:
    seen = seen_in(request)
    return {"timestamp": timezone.now(), "ip": seen.address, "user_agent": seen.agent}
