"""GitHub's pages on this machine: create an App from a manifest, install and authorize it; its deliveries."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from chassis.testing.github import (
    CLIENT_ID,
    CLIENT_SECRET,
    ENTERPRISE_PREFIX,
    GitHubServer,
    signed_delivery,
)
from chassis.testing.serving import Request, Response

APPS = "/github-apps/seodang-club"
INSTALLATION = 77
# An avatar of one pixel.
AVATAR = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# The permission that GitHub requires for each event.
EVENT_PERMISSIONS = {
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "check_suite": "checks",
    "check_run": "checks",
    "repository": "metadata",
}


@dataclass
class GitHubSite(GitHubServer):
    """An Enterprise Server. `user` is signed in; the App is `granted` repositories of `organization`."""

    codes: set[str] = field(default_factory=set)
    manifest: dict[str, Any] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    organization: str = ""
    granted: list[dict[str, Any]] = field(default_factory=list)
    # Authorization code → what it was given for; user token → the user.
    authorizations: dict[str, dict[str, Any]] = field(default_factory=dict)
    user_tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def respond(self, request: Request) -> Response:
        """Return the answer of the API, or a page."""
        if request.path.startswith(ENTERPRISE_PREFIX):
            return super().respond(request)
        form = {**request.query, **dict(parse_qsl(request.body.decode()))}
        pages: dict[tuple[str, str], Callable[[dict[str, str]], Response]] = {
            ("POST", "/settings/apps/new"): self._confirm_app,
            ("POST", "/settings/apps"): self._create_app,
            ("GET", f"{APPS}/installations/new"): self._confirm_installation,
            ("POST", f"{APPS}/installations"): self._install_app,
            ("GET", "/login/oauth/authorize"): self._confirm_authorization,
            ("POST", "/login/oauth/authorize"): self._authorize,
            ("POST", "/login/oauth/access_token"): self._create_user_token,
        }
        if request.path == f"/avatars/u/{self.user.get('id')}":
            return 200, {"Content-Type": "image/png"}, AVATAR
        page = pages.get((request.method, request.path))
        return page(form) if page else NOT_THERE

    def answer(self, method: str, path: str, token: str) -> tuple[int, Any]:
        if token in self.user_tokens:
            if path == "/user":
                return 200, self.user_tokens[token]
            # The manifest asks for no permission to read addresses.
            return 403, {"message": "Resource not accessible by integration"}
        return super().answer(method, path, token)

    def deliver(self, event: str, payload: Any, *, secret: str = "", delivery: str = "") -> tuple[int, Any]:
        """Send a delivery to the App's webhook; return the status and the JSON of the answer."""
        hook = urlsplit(self.manifest["hook_attributes"]["url"])
        body, headers = signed_delivery(
            event, payload, secret=secret or self.webhook_secret, delivery=delivery
        )
        headers |= {"Host": hook.netloc, "Content-Type": "application/json"}
        connection = HTTPConnection("127.0.0.1", hook.port or 80, timeout=30)
        try:
            connection.request("POST", hook.path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.load(answer)
        finally:
            connection.close()

    def uninstall(self, number: int) -> int:
        """Remove an installation as an owner of the organization does; return the delivery's status."""
        data = self.installations[number]
        self.remove(number)
        return self.deliver("installation", {"action": "deleted", "installation": data})[0]

    def _confirm_app(self, form: dict[str, str]) -> Response:
        if faults := manifest_faults(json.loads(form["manifest"])):
            return _page(422, "Invalid GitHub App configuration", html.escape(", ".join(faults)))
        return _form("/settings/apps", "Create GitHub App", form)

    def _create_app(self, form: dict[str, str]) -> Response:
        self.manifest = json.loads(form["manifest"])
        self.name, self.html_url = self.manifest["name"], f"{self.url}{APPS}"
        self.has_webhook = "hook_attributes" in self.manifest
        self.codes.add(code := secrets.token_hex(20))
        return _redirect(self.manifest["redirect_url"], code=code, state=form["state"])

    def _confirm_installation(self, form: dict[str, str]) -> Response:
        return _form(f"{APPS}/installations", "Install", form)

    def _install_app(self, form: dict[str, str]) -> Response:
        is_new = INSTALLATION not in self.installations
        now = datetime.now(UTC).isoformat()
        self.install(INSTALLATION, self.organization, *self.granted, updated_at=now)
        if is_new:
            data = {"installation": self.installations[INSTALLATION], "repositories": self.granted}
            self.deliver("installation", {"action": "created", **data})
        return _redirect(
            self.manifest["setup_url"],
            installation_id=str(INSTALLATION),
            setup_action="install" if is_new else "update",
            state=form.get("state", ""),
        )

    def _confirm_authorization(self, form: dict[str, str]) -> Response:
        if form["client_id"] != CLIENT_ID or form["redirect_uri"] not in self.manifest["callback_urls"]:
            return NOT_THERE
        return _form("/login/oauth/authorize", "Authorize", form)

    def _authorize(self, form: dict[str, str]) -> Response:
        code = secrets.token_hex(10)
        self.authorizations[code] = {**form, "user": self.user}
        return _redirect(form["redirect_uri"], code=code, state=form["state"])

    def _create_user_token(self, form: dict[str, str]) -> Response:
        given = self.authorizations.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_valid = (
            given is not None
            and (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
            and form["redirect_uri"] == given["redirect_uri"]
            and challenge == given["code_challenge"]
        )
        if not given or not is_valid:
            return _json({"error": "bad_verification_code"})
        self.user_tokens[token := f"ghu_{secrets.token_hex(18)}"] = given["user"]
        return _json({"access_token": token, "token_type": "bearer", "scope": ""})


def manifest_faults(manifest: dict[str, Any]) -> list[str]:
    """Return what GitHub refuses in a manifest."""
    faults = [f"{name} is missing" for name in ("url", "redirect_url") if not manifest.get(name)]
    if not 0 < len(manifest.get("name", "")) <= 34:
        faults.append("the name has 1 to 34 characters")
    if len(manifest.get("callback_urls", [])) > 10:
        faults.append("at most 10 callback URLs")
    permissions = manifest.get("default_permissions", {})
    faults += [
        f"no permission for the event {event}"
        for event in manifest.get("default_events", [])
        if EVENT_PERMISSIONS.get(event) not in permissions
    ]
    hook = manifest.get("hook_attributes")
    if hook and urlsplit(hook["url"]).hostname in {None, "localhost", "127.0.0.1"}:
        faults.append("the webhook's URL is not reachable")
    return faults


def _page(status: int, title: str, content: str) -> Response:
    body = f"<!doctype html><html lang=en><title>{title}</title><main><h1>{title}</h1>{content}</main></html>"
    return status, {"Content-Type": "text/html; charset=utf-8"}, body.encode()


def _form(action: str, button: str, hidden: dict[str, str]) -> Response:
    fields = "".join(
        f'<input type=hidden name="{name}" value="{html.escape(value)}">' for name, value in hidden.items()
    )
    return _page(200, button, f'<form method=post action="{action}">{fields}<button>{button}</button></form>')


def _redirect(address: str, **query: str) -> Response:
    given = {name: value for name, value in query.items() if value}
    return 302, {"Location": f"{address}?{urlencode(given)}"}, b""


def _json(body: dict[str, Any]) -> Response:
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


NOT_THERE = _page(404, "Not found", "")
