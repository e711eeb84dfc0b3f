"""A7, A8: tokens are verified offline, and nothing but our own, for us, in time, is believed."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.web.auth import PAGES, InvalidToken, verify
from chassis.web.jwks import REFETCH_SECONDS, KeyCache, fetch_over_http

ADA = uuid4()


def claims(**changes: Any) -> dict[str, Any]:
    now = time.time()
    body = {
        "iss": "http://testserver",
        "aud": ["study"],
        "sub": str(ADA),
        "nbf": now - 1,
        "exp": now + 600,
        "use": "access",
        "scope": "read write",
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def signed(key: Any, body: dict[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": "Ed25519", "kid": "tests", **header}, body, key, algorithms=["Ed25519"])


def unsigned(body: dict[str, Any]) -> str:
    parts = [{"alg": "none", "kid": "tests"}, body]
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        + "."
    )


def test_a_token_of_ours_names_its_caller(signing_key):
    principal = verify(signed(signing_key, claims(roles=["cohort_creator"], locale="en")))

    assert principal.account_id == ADA
    assert principal.can_create_cohorts
    assert principal.language == "en"


def hmac_with_the_public_key(key):
    public = key.as_dict(private=False)["x"]
    return jwt.encode(
        {"alg": "HS256", "kid": "tests"}, claims(), OctKey.import_key(public), algorithms=["HS256"]
    )


FORGERIES = {
    "unsigned": lambda _key: unsigned(claims()),
    "hmac with the public key": hmac_with_the_public_key,
    "for another service": lambda key: signed(key, claims(aud=["notification"])),
    "for nobody": lambda key: signed(key, claims(aud=None)),
    "of another issuer": lambda key: signed(key, claims(iss="https://elsewhere.example")),
    "expired": lambda key: signed(key, claims(exp=time.time() - 1)),
    "without an end": lambda key: signed(key, claims(exp=None)),
    "not yet valid": lambda key: signed(key, claims(nbf=time.time() + 600)),
    "of no known use": lambda key: signed(key, claims(use="refresh")),
    "of an unknown key": lambda key: signed(key, claims(), kid="elsewhere"),
    "signed by a stranger": lambda _key: signed(OKPKey.generate_key("Ed25519"), claims()),
    "bringing its own key": lambda _key: signed(
        stranger := OKPKey.generate_key("Ed25519"), claims(), jwk=stranger.as_dict(private=False)
    ),
    "pointing elsewhere for keys": lambda _key: signed(
        OKPKey.generate_key("Ed25519"), claims(), jku="https://elsewhere.example/jwks"
    ),
    "about nobody": lambda key: signed(key, claims(sub="somebody")),
    "truncated": lambda key: signed(key, claims())[:-9],
    "noise": lambda _key: "noise",
    "empty": lambda _key: "",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(forgery, signing_key, api_as):
    token = FORGERIES[forgery](signing_key)

    with pytest.raises(InvalidToken):
        verify(token)
    client = api_as(None)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/me").status_code == 401


def test_a_verified_token_is_still_refused_once_it_is_over(signing_key, monkeypatch):
    token = signed(signing_key, claims(exp=time.time() + 100))
    verify(token)

    later = time.time() + 101
    monkeypatch.setattr("chassis.web.auth.time.time", lambda: later)
    with pytest.raises(InvalidToken):
        verify(token)


def test_ten_thousand_unknown_key_ids_ask_users_once_in_half_a_minute():
    now = [0.0]
    asked = []

    def fetch() -> dict[str, Any]:
        asked.append(now[0])
        return {"keys": []}

    cache = KeyCache(fetch, clock=lambda: now[0])
    for n in range(10_000):
        assert cache.get(f"unknown-{n}") is None
    assert len(asked) == 1

    now[0] = REFETCH_SECONDS
    cache.get("unknown")
    assert len(asked) == 2


def test_keys_outlive_a_users_service_that_is_away():
    now = [0.0]
    key = OKPKey.generate_key("Ed25519", parameters={"kid": "k"})
    answers = [{"keys": [key.as_dict(private=False)]}]
    cache = KeyCache(answers.pop, clock=lambda: now[0])
    assert cache.get("k") is not None

    now[0] = 7200
    assert cache.get("k") is not None


def test_without_any_key_users_is_asked_again_soon():
    """A pod that comes up while users is busy must not refuse everyone for half a minute."""
    now = [0.0]
    key = OKPKey.generate_key("Ed25519", parameters={"kid": "k"})
    answers: list[Any] = [{"keys": [key.as_dict(private=False)]}, OSError("busy"), OSError("busy")]

    def fetch():
        answer = answers.pop()
        if isinstance(answer, OSError):
            raise answer
        return answer

    cache = KeyCache(fetch, clock=lambda: now[0])
    assert cache.get("k") is None
    now[0] = 0.9
    assert cache.get("k") is None
    assert len(answers) == 2
    now[0] = 1.0
    assert cache.get("k") is None
    now[0] = 2.0
    assert cache.get("k") is not None


def test_keys_are_there_before_the_first_request_but_are_not_waited_for_for_ever():
    key = OKPKey.generate_key("Ed25519", parameters={"kid": "k"})
    asked: list[int] = []

    def fetch():
        asked.append(1)
        if len(asked) < 2:
            raise OSError("not up yet")
        return {"keys": [key.as_dict(private=False)]}

    cache = KeyCache(fetch)
    cache.warm(seconds=10)
    assert "k" in cache._keys
    assert len(asked) == 2

    def away():
        raise OSError("away")

    KeyCache(away).warm(seconds=0.1)


def test_a_connection_that_led_elsewhere_is_not_kept(settings):
    """As in a cluster that does not know the way to users yet, and sends the first packet somewhere."""
    connections = []

    class Somewhere(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            super().setup()
            connections.append(self)

        def do_GET(self):
            body = b'{"keys": []}'
            self.send_response(404 if self is connections[0] else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Somewhere) as server:
        threading.Thread(target=server.serve_forever).start()
        settings.USERS_URL = f"http://127.0.0.1:{server.server_port}"
        try:
            with pytest.raises(OSError, match="404"):
                fetch_over_http()
            assert fetch_over_http() == {"keys": []}
        finally:
            server.shutdown()


def test_a_person_is_not_a_peer_and_a_peer_is_not_a_person(api_as):
    peer = api_as("notification", use="service")

    assert peer.get("/internal/peers").json() == {"service": "notification"}
    assert peer.get("/api/me").status_code == 403
    assert api_as(ADA).get("/internal/peers").status_code == 403


def test_a_reading_token_does_not_write(api_as):
    reader = api_as(ADA, scope="read")

    assert reader.get("/api/me").status_code == 200
    assert reader.post("/api/me").status_code == 403


# Claims of a token → the answer of a page that is for signed-in people.
AT_PAGES: dict[str, tuple[dict[str, Any], int]] = {
    "a browser's": ({"aud": ["study", PAGES]}, 200),
    "a browser's, of release 0.1": ({"aud": ["users", "study", "notification"]}, 200),
    "a browser's, for other services": ({"aud": ["users", PAGES]}, 307),
    "a personal token's": ({"aud": ["study"]}, 307),
    "a personal token's, as a text": ({"aud": "study"}, 307),
    "a personal token's that may only read": ({"aud": ["study"], "scope": "read"}, 307),
    "a service's": ({"aud": ["study", PAGES], "use": "service"}, 307),
    "expired": ({"aud": ["study", PAGES], "exp": 1}, 307),
}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("kind", AT_PAGES)
def test_pages_take_only_a_token_that_was_made_for_pages(kind, method, as_principal):
    claims, status = AT_PAGES[kind]

    assert getattr(as_principal(ADA, **claims), method)("/page/").status_code == status


def test_the_cookie_of_a_page_opens_the_api_only_with_a_token_for_pages(as_principal):
    assert as_principal(ADA).get("/api/me").status_code == 200
    assert as_principal(ADA, aud=["study"]).get("/api/me").status_code == 401


def test_a_closed_account_writes_nowhere_though_its_token_lives_on(as_principal, api_as, monkeypatch):
    monkeypatch.setattr("tests.stand_in.closed", {ADA})

    assert as_principal(ADA).post("/page/").status_code == 307
    assert api_as(ADA).post("/api/me").status_code == 401
    assert api_as(uuid4()).post("/api/me").status_code == 409


def test_the_pages_cookie_writes_only_with_a_csrf_token(token_for):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.cookies["seodang"] = token_for(ADA, aud=["study", PAGES])

    assert browser.get("/api/me").status_code == 200
    assert browser.post("/api/me").status_code == 403


def test_a_page_sends_an_expired_caller_to_renew_and_keeps_the_form(as_principal):
    response = as_principal(None).post("/page/?tab=1", {"text": "typed"})

    assert response.status_code == 307
    assert response["Location"] == "/accounts/renew?next=/page/%3Ftab%3D1"


def test_a_page_speaks_the_language_of_its_caller(as_principal):
    assert " en " in as_principal(ADA, locale="en").get("/page/").content.decode()
    assert " ko " in as_principal(ADA, locale="ko").get("/page/").content.decode()


def test_a_page_is_never_kept_by_a_shared_cache(as_principal):
    assert "no-store" in as_principal(ADA).get("/page/")["Cache-Control"]
