"""The security page: sessions, password and audit log."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import render_confirmation
from users.accounts import queries as accounts
from users.accounts.access import own_account
from users.accounts.request_meta import client_info
from users.signin import actions, queries
from users.signin.pages import cookies


@signed_in("GET")
def security(request: PageRequest) -> HttpResponse:
    """Show password, sessions and the audit log."""
    account = own_account(request.principal.account_id)

    sessions = queries.list_sessions(account.id, at=timezone.now())
    page = accounts.list_audit_log(account.id, cursor=request.GET.get("cursor"))

    return render(request, "signin/security.html", {"account": account, "sessions": sessions, "page": page})


@signed_in("POST")
def end_session(request: PageRequest, session_id: int) -> HttpResponse:
    """End one other session."""
    account = own_account(request.principal.account_id)

    actions.end_session(
        account_id=account.id, session_id=session_id, client=client_info(request), at=timezone.now()
    )

    messages.success(request, _("That device is signed out. Its pages stop within 10 minutes."))
    return redirect("security")


@signed_in("POST")
def end_others(request: PageRequest) -> HttpResponse:
    """End all other sessions."""
    account = own_account(request.principal.account_id)

    ended = actions.end_sessions(
        account_id=account.id,
        except_key=request.session.session_key,
        client=client_info(request),
        at=timezone.now(),
    )

    messages.success(request, _signed_out_message(ended))
    return redirect("security")


@signed_in("GET", "POST")
def end_all(request: PageRequest) -> HttpResponse:
    """GET asks for confirmation, POST ends all sessions, this one included."""
    account = own_account(request.principal.account_id)
    if request.method != "POST":
        return render_confirmation(
            request,
            title=_("Sign out everywhere?"),
            text=_("This device too. What is typed elsewhere and not sent yet is lost."),
            button=_("Sign out everywhere"),
            back=reverse("security"),
        )

    ended = actions.end_sessions(account_id=account.id, client=client_info(request), at=timezone.now())
    request.session.flush()

    messages.success(request, _signed_out_message(ended))
    response = redirect("account_login")
    cookies.clear_token_cookie(response)
    return response


def _signed_out_message(ended: int) -> str:
    return ngettext(
        "Signed out on %(count)d device. Pages that are open elsewhere stop within 10 minutes.",
        "Signed out on %(count)d devices. Pages that are open elsewhere stop within 10 minutes.",
        ended,
    ) % {"count": ended}
