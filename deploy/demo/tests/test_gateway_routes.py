"""The routes, and the Caddyfile generated from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import render_gateway

ROUTES = render_gateway.read()

EXPECTED = {
    "/": "study",
    "/nav/": "study",
    "/cohorts/new": "study",
    "/cohorts/1/missions/import/": "study",
    "/cohorts/1/members/import/": "study",
    "/missions": "study",
    "/submissions/1": "study",
    "/reviews/": "study",
    "/announcements/": "study",
    "/join/abc": "study",
    "/hooks/github/1": "study",
    "/api/v1/study/cohorts": "study",
    "/static/study/a.css": "study",
    "/accounts/sign-in/": "users",
    "/.well-known/jwks.json": "users",
    "/api/v1/users/me": "users",
    "/api/docs": "users",
    "/static/users/a.css": "users",
    "/static/look/fonts/a.woff2": "users",
    "/notifications/badge/": "notification",
    "/api/v1/notification/inbox": "notification",
    "/static/notification/a.css": "notification",
    "/service-worker.js": "notification",
    "/manifest.webmanifest": "notification",
    "/service-worker.js/x": None,
    "/joiners": None,
    "/api/v1": None,
    "/static/": None,
    "/hooks": None,
    "/internal": None,
    "/internal/token": None,
    "/healthz/ready": None,
    "/metrics": None,
    "/favicon.ico": None,
}


@pytest.mark.parametrize(("path", "service"), EXPECTED.items())
def test_a_path_belongs_to_one_service_or_to_none(path: str, service: str | None) -> None:
    assert ROUTES.service_for(path) == service


def test_the_longest_path_comes_first() -> None:
    lengths = [len(route.path) for route in ROUTES.routes]
    assert lengths == sorted(lengths, reverse=True)


def test_only_uploads_take_a_large_body() -> None:
    larger = {route.path: route.max_body_mib for route in ROUTES.routes if route.max_body_mib > 1}
    assert larger == {
        "/hooks/github": 25,
        "/cohorts/*/missions/import": 5,
        "/cohorts/*/members/import": 6,
        "/cohorts/*/missions/*/work": 11,
        # Its old address, which redirects what was sent.
        "/missions/*/work": 11,
        "/api/v1/study/cohorts/*/people-imports": 6,
        "/api/v1/study/missions/*/work": 11,
        # It brings back what was typed, and sent with it, when the sign-in had ended.
        "/accounts/renew": 11,
    }


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/cohorts/1/missions/import", 5),
        ("/cohorts/1/missions/import/", 5),
        ("/cohorts/1/2/missions/import/", 1),
        ("/cohorts/missions/import/", 1),
        ("/cohorts/1/missions/imported", 1),
    ],
)
def test_a_star_is_one_segment(path: str, size: int) -> None:
    assert next(route for route in ROUTES.routes if route.matches(path)).max_body_mib == size


def test_the_committed_gateway_file_is_current() -> None:
    assert render_gateway.CADDYFILE.read_text(encoding="utf-8") == render_gateway.render(ROUTES)


@pytest.mark.parametrize("path", ["cohorts", "/cohorts/", "/two words", "/a//b"])
def test_a_path_that_caddy_would_read_otherwise_is_refused(tmp_path: Path, path: str) -> None:
    file = tmp_path / "routes.json"
    routes = [{"path": path, "service": "study"}]
    file.write_text(json.dumps({"max_body_mib": 5, "never": [], "routes": routes}))
    with pytest.raises(ValueError, match="must start with a slash"):
        render_gateway.read(file)


def test_a_path_listed_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "routes.json"
    routes = [{"path": "/a", "service": "study"}, {"path": "/a", "service": "users"}]
    file.write_text(json.dumps({"max_body_mib": 5, "never": [], "routes": routes}))
    with pytest.raises(ValueError, match="listed twice: /a"):
        render_gateway.read(file)
