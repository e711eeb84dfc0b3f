"""Renew the token cookie from the session, and repeat the original request."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from users.accounts.request_meta import client_info
from users.signin import actions
from users.signin.pages import cookies
from users.signin.rules import redirect_path

LAST_RENEWED_KEY = "renewed_on"


# CSRF-exempt, so that the body of a redirected request is not read here: its target checks it. The one
# case that reads the body checks first.
@csrf_exempt
@never_cache
def renew(request: HttpRequest) -> HttpResponse:
    """Set a new token cookie and redirect to `next` with method and body preserved (307).

    Without a session, redirects to sign-in; a posted form is rendered on a page, to be sent again.
    `open=1` marks a page that is readable without sign-in: redirects back to it.
    """
    next_path = redirect_path(request.GET.get("next"))
    if not request.user.is_authenticated:
        return _respond_signed_out(request, next_path)

    # A changed session is saved with a new expiry: at most once a day.
    today = timezone.now().date().isoformat()
    if request.session.get(LAST_RENEWED_KEY) != today:
        request.session[LAST_RENEWED_KEY] = today
    actions.record_session_use(
        session_key=request.session.session_key or "", client=client_info(request), at=timezone.now()
    )
    response = HttpResponseRedirect(next_path, preserve_request=True)

    cookies.set_token_cookie(response, request.user, at=timezone.now())
    return response


def _respond_signed_out(request: HttpRequest, next_path: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Redirect": _sign_in(_current_page(request))})
    if request.method != "POST":
        response = HttpResponseRedirect(next_path if "open" in request.GET else _sign_in(next_path))
        # Without the signed-in cookie, an open page does not redirect here again.
        cookies.clear_token_cookie(response)
        return response
    return _render_posted_form(request, next_path)


# The form will be sent as the account: it must come from a page of this site.
@csrf_protect
def _render_posted_form(request: HttpRequest, next_path: str) -> HttpResponse:
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    return render(
        request,
        "look/signed_out_form.html",
        {"action": next_path, "fields": fields, "signin_url": _sign_in("/accounts/signed-in/")},
        status=401,
    )


def _current_page(request: HttpRequest) -> str:
    """Return the path of htmx's current page, or "/" if it is not a page of this site."""
    try:
        return redirect_path(request.htmx.current_url_abs_path)  # type: ignore[attr-defined]
    except ValueError:  # such as "http://[", which urllib cannot parse
        return "/"


def _sign_in(next_path: str) -> str:
    return f"/accounts/login/?next={quote(next_path)}"
