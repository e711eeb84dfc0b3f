"""The way back after ten minutes: a new token from the session, and what was asked for goes on by itself."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from users.accounts.request_meta import client_info
from users.signin import actions
from users.signin.pages import cookies
from users.signin.rules import redirect_path

LAST_RENEWED_KEY = "renewed_on"


# Exempt, so that a body on its way through is not read here: where it goes, it is checked. The one
# case that does read it checks first.
@csrf_exempt
@never_cache
def renew(request: HttpRequest) -> HttpResponse:
    """Give a new token and send the request on, method and body untouched (307).

    Without a session: a page to sign in on; and a form that was posted is kept on a page to be sent again.
    `open=1` says that the page can be read without: then it is gone back to as it was.
    """
    next_path = redirect_path(request.GET.get("next"))
    if not request.user.is_authenticated:
        return _respond_signed_out(request, next_path)

    _extend_session(request)
    response = HttpResponseRedirect(next_path, preserve_request=True)

    cookies.set_token_cookie(response, request.user, at=timezone.now())
    return response


def _extend_session(request: HttpRequest) -> None:
    """A session in use does not end; once a day is often enough to write that down."""
    today = timezone.now().date().isoformat()
    if request.session.get(LAST_RENEWED_KEY) != today:
        request.session[LAST_RENEWED_KEY] = today
    actions.record_session_use(
        session_key=request.session.session_key or "", client=client_info(request), at=timezone.now()
    )


def _respond_signed_out(request: HttpRequest, next_path: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Redirect": _sign_in(_current_page(request))})
    if request.method != "POST":
        response = HttpResponseRedirect(next_path if "open" in request.GET else _sign_in(next_path))
        # Without the sign that somebody is signed in, an open page does not ask here again.
        cookies.clear_token_cookie(response)
        return response
    # What is kept will be sent under the person's name: it must have come from a page of ours.
    if rejection := CsrfViewMiddleware(lambda _request: HttpResponse()).process_view(
        request, _csrf_checked_view, (), {}
    ):
        return rejection
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    return render(
        request,
        "chassis/signed_out_form.html",
        {"action": next_path, "fields": fields, "signin_url": _sign_in("/accounts/signed-in/")},
        status=401,
    )


def _current_page(request: HttpRequest) -> str:
    """Return the path of the page that htmx says it is on, "/" if that is not a page of this site."""
    try:
        return redirect_path(request.htmx.current_url_abs_path)  # type: ignore[attr-defined]
    except ValueError:  # an address such as "http://[", which the standard library refuses to take apart
        return "/"


def _csrf_checked_view(request: HttpRequest) -> HttpResponse:
    """Stands for a view that is not exempt."""
    return HttpResponse()


def _sign_in(next_path: str) -> str:
    return f"/accounts/login/?next={quote(next_path)}"


def sign_in_complete(request: HttpRequest) -> HttpResponse:
    """The end of a sign-in in a second tab: go back to the first."""
    return render(request, "signin/signed_in.html")
