"""Page: sign-up by the link of a mailed invitation."""

from __future__ import annotations

from allauth.account.utils import perform_login
from allauth.decorators import rate_limit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from users.accounts.actions.registration import EmailTaken, register_invited
from users.accounts.models import Account
from users.accounts.queries import has_account
from users.accounts.request_meta import client_info
from users.accounts.rules import MAX_NAME_LENGTH
from users.invitations import study
from users.signin.forms import ConfirmEmailForm
from users.signin.rules import redirect_path


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="signup")  # type: ignore[untyped-decorator] # allauth carries no types
def sign_up(request: HttpRequest) -> HttpResponse:
    """GET asks for name and password, POST creates the account, signs in and leads to the invitation.

    The key in the query was mailed to the address and shown to nobody: it proves the address, as the link of
    a confirmation email does. An address that has an account is left alone: its owner signs in.
    """
    person = study.get_invited_person(request.GET.get("key", ""), at=timezone.now())
    if person is None:
        return render(request, "invitations/sign_up.html", status=404)
    next_url = redirect_path(person.path)
    if request.user.is_authenticated:
        return redirect(next_url)
    context = {"email": person.email, "next": next_url}
    if has_account(person.email):
        status = 409 if request.method == "POST" else 200
        return render(request, "invitations/sign_up.html", {**context, "is_known": True}, status=status)

    account = Account(email=person.email, name=person.name[:MAX_NAME_LENGTH])
    data = request.POST if request.method == "POST" else None
    form = ConfirmEmailForm(data, account=account, with_github=False, initial={"name": account.name})
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "invitations/sign_up.html", {**context, "form": form}, status=status)

    try:
        account = register_invited(
            email=person.email,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password1"],
            language=translation.get_language(),
            client=client_info(request),
            at=timezone.now(),
        )
    except EmailTaken:
        return render(request, "invitations/sign_up.html", {**context, "is_known": True}, status=409)
    response: HttpResponse = perform_login(request, account, redirect_url=next_url, email=account.email)
    return response


urlpatterns = [path("signup/invited/", sign_up, name="sign_up_invited")]
