"""Authentication: a short-lived JWT of the users service, verified offline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, Concatenate, Literal, ParamSpec, cast
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from chassis.web import jwks

ALGORITHMS = ["Ed25519"]
# The audience that only a browser's token has. What a personal access token is exchanged for lacks it.
PAGES = "pages"
# Says that somebody is signed in in this browser, and nothing else: it lasts as long as their session at
# users, while the token goes after ten minutes.
KNOWN_COOKIE = "seodang_known"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
_header_names = JWSRegistry(algorithms=ALGORITHMS)


class InvalidToken(Exception):
    """The token is invalid, for another audience, or expired."""


@dataclass(frozen=True)
class Principal:
    """A verified token. `use` is "access" for a person, "service" for a peer.

    `is_for_pages` is True for the token that users puts into a browser's cookie.
    """

    account_id: UUID
    use: str
    scopes: frozenset[str]
    roles: frozenset[str]
    language: str
    time_zone: str
    expires_at: float
    subject: str
    is_for_pages: bool = False

    @property
    def can_create_cohorts(self) -> bool:
        return bool(self.roles & {"owner", "cohort_creator"})


class PageRequest(HttpRequest):
    """A request as our pages see it, after the middleware."""

    principal: Principal
    htmx: HtmxDetails


def verify(token: str) -> Principal:
    """Return the principal of a token. Raises InvalidToken unless it is valid now."""
    principal = _verified(token)
    if time.time() >= principal.expires_at:
        raise InvalidToken("expired")
    return principal


@lru_cache(maxsize=4096)
def _verified(token: str) -> Principal:
    return _principal_from_claims(_claims(token), now=time.time())


def _claims(token: str) -> dict[str, Any]:
    def key_for(header: Any) -> Any:
        headers = header.headers()
        if headers.get("alg") not in ALGORITHMS:
            raise InvalidToken("algorithm")
        key = jwks.keys.get(str(headers.get("kid", "")))
        if key is None:
            raise InvalidToken("unknown key")
        return key

    try:
        decoded = jwt.decode(token, key_for, algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidToken(str(error)) from None
    return dict(decoded.claims)


def _principal_from_claims(claims: dict[str, Any], *, now: float) -> Principal:
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if claims.get("iss") != settings.PUBLIC_URL:
        raise InvalidToken("issuer")
    if not isinstance(audiences, list) or settings.SERVICE not in audiences:
        raise InvalidToken("audience")
    if claims.get("use") not in {"access", "service"}:
        raise InvalidToken("use")
    try:
        begins, expires = float(claims["nbf"]), float(claims["exp"])
        subject = str(claims["sub"])
        account_id = UUID(subject) if claims["use"] == "access" else UUID(int=0)
    except (KeyError, TypeError, ValueError):
        raise InvalidToken("claims") from None
    if begins > now + 5:
        raise InvalidToken("not yet valid")
    return Principal(
        account_id=account_id,
        use=claims["use"],
        scopes=frozenset(str(claims.get("scope", "")).split()),
        roles=frozenset(map(str, claims.get("roles") or ())),
        language=str(claims.get("locale") or settings.LANGUAGE_CODE),
        time_zone=str(claims.get("zoneinfo") or settings.TIME_ZONE),
        expires_at=expires,
        subject=subject,
        # Releases up to 0.1 put no PAGES into a browser's token, but named all services in it; an exchanged
        # one names one. The second condition lets both releases run side by side and goes with the next one.
        is_for_pages=claims["use"] == "access" and (PAGES in audiences or len(audiences) > 1),
    )


def principal_of(request: Any) -> Principal:
    """Return the principal of a request that was authenticated (page or REST)."""
    return cast("Principal", request.principal)


def principal_from_token(token: str, *, request: HttpRequest) -> Principal:
    """Return the principal of a token. InvalidToken if it is invalid, or if a closed account would write.

    A token outlives its account by up to ten minutes; the service's own mirror knows of the closing earlier.
    """
    principal = verify(token)
    if request.method not in SAFE_METHODS and principal.use == "access" and _is_closed(principal.account_id):
        raise InvalidToken("closed")
    return principal


def _is_closed(account_id: UUID) -> bool:
    ask: Callable[[UUID], bool] = import_string(settings.ACCOUNT_IS_CLOSED)
    return ask(account_id)


def principal_from_cookie(request: HttpRequest) -> Principal:
    """Return the principal of the pages' cookie. InvalidToken for a token that was not made for pages."""
    principal = principal_from_token(request.COOKIES.get(settings.TOKEN_COOKIE, ""), request=request)
    if not principal.is_for_pages:
        raise InvalidToken("not for pages")
    return principal


def _from_cookie(request: HttpRequest) -> Principal | None:
    try:
        return principal_from_cookie(request)
    except InvalidToken:
        return None


class PrincipalMiddleware:
    """Sets request.principal from the token cookie, and activates its language and time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        principal = _from_cookie(request)
        request.principal = principal  # type: ignore[attr-defined]
        if principal and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(principal.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(_zone(principal)):
            response = self.get_response(request)
        patch_vary_headers(response, ["Cookie"])
        if principal and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


def _zone(principal: Principal | None) -> ZoneInfo:
    try:
        return ZoneInfo(principal.time_zone if principal else settings.TIME_ZONE)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def may_be_signed_in(request: HttpRequest) -> bool:
    """Return True if the token has expired but the session at users may still be valid."""
    return request.principal is None and KNOWN_COOKIE in request.COOKIES  # type: ignore[attr-defined]


def to_renew(request: HttpRequest, *, is_open: bool = False) -> HttpResponseRedirect:
    """Redirect by /accounts/renew and back here, with a fresh token, method and body unchanged (307).

    A user who is not signed in there goes to the login page; with `is_open` they come back as they are.
    """
    renew = f"/accounts/renew?next={quote(request.get_full_path())}{'&open=1' if is_open else ''}"
    return HttpResponseRedirect(renew, preserve_request=True)


Path = ParamSpec("Path")
View = Callable[Concatenate[HttpRequest, Path], HttpResponse]
SignedInView = Callable[Concatenate[PageRequest, Path], HttpResponse]


def signed_in(*methods: Literal["GET", "POST"]) -> Callable[[SignedInView[Path]], View[Path]]:
    """Make a view a page for signed-in people that allows these methods; GET includes HEAD.

    Without a valid token the request goes by /accounts/renew and comes back. The response is a 307, so a form
    that was just posted is posted again, unchanged, once renewed.
    """

    def decorate(view: SignedInView[Path]) -> View[Path]:
        @require_http_methods([*methods, "HEAD"] if "GET" in methods else methods)
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponse:
            if request.principal is None:  # type: ignore[attr-defined]
                return to_renew(request)
            return view(cast("PageRequest", request), *args, **kwargs)

        return wrapped  # type: ignore[return-value]

    return decorate
