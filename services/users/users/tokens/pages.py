"""Pages of personal access tokens. Tokens are created only here: no token can create another."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from users.accounts.access import own_account
from users.accounts.request_meta import client_info
from users.tokens import access, actions, queries
from users.tokens.forms import TokenForm


@never_cache
@signed_in("GET", "POST")
def tokens(request: PageRequest) -> HttpResponse:
    """GET lists the tokens, POST creates one and shows it once."""
    account = own_account(request.principal.account_id)
    form = TokenForm(request.POST if request.method == "POST" else None)

    new_token = handle_form(
        form, actions.create, account_id=account.id, client=client_info(request), at=timezone.now()
    )

    status = 201 if new_token else 422 if form.is_bound else 200
    context = {
        "form": TokenForm() if new_token else form,
        "new_token": new_token,
        "tokens": queries.list_tokens(account.id),
        "now": timezone.now(),
    }
    return render(request, "tokens/tokens.html", context, status=status)


@signed_in("GET", "POST")
def revoke(request: PageRequest, token_id: UUID) -> HttpResponse:
    """GET asks for confirmation, POST revokes the token."""
    account = own_account(request.principal.account_id)
    token = access.own_token(token_id, account_id=account.id)
    if request.method != "POST":
        return render_confirmation(
            request,
            title=_("Revoke “%(name)s”?") % {"name": token.name},
            text=_("Whatever uses it stops working within 10 minutes."),
            button=_("Revoke"),
            back=reverse("tokens"),
        )

    actions.revoke(token=token, client=client_info(request), at=timezone.now())

    messages.success(request, _("“%(name)s” is revoked.") % {"name": token.name})
    return redirect("tokens")


urlpatterns = [
    path("tokens/", tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", revoke, name="revoke_token"),
]
