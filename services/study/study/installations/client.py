"""Requests that the GitHub App sends as itself, and the tokens of its installations."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from chassis.crypto import decrypt
from chassis.web.client import ServiceClient
from study.github.client import PER_PAGE, Client, GitHubNotFound, GitHubUnauthorized, parse_body
from study.github.rules.payloads import RepositoryData
from study.installations.models import GitHubApp, Installation
from study.installations.rules.payloads import (
    CheckRunData,
    CheckRuns,
    Conversion,
    InstallationData,
    InstallationRepositories,
    InstallationToken,
)

log = structlog.get_logger()
T = TypeVar("T")
# GitHub accepts ten minutes; the rest is for clocks that differ.
JWT_LIFETIME_SECONDS = 540
CLOCK_SKEW_SECONDS = 60
# A token is renewed so long before it expires.
RENEW_BEFORE = timedelta(minutes=5)
# Pages of installations or repositories that are read.
MAX_PAGES = 30

# By installation and GitHub's time of its last change: a token keeps the permissions that it was made with.
# In the process's memory: a token is worth an hour's access and is quickly made again.
_tokens: dict[tuple[int, datetime], InstallationToken] = {}


class AppClient(Client):
    """Authenticated by a JWT that the App's private key signs."""

    def __init__(self, base_url: str, *, app_id: int, private_key: str) -> None:
        super().__init__(base_url, "")
        self._app_id = app_id
        self._private_key = private_key

    def _token_for(self, path: str, *, refused: str = "") -> str:
        now = int(time.time())
        claims = {
            "iss": str(self._app_id),
            "iat": now - CLOCK_SKEW_SECONDS,
            "exp": now + JWT_LIFETIME_SECONDS,
        }
        try:
            key = RSAKey.import_key(self._private_key)
            return jwt.encode({"alg": "RS256"}, claims, key, algorithms=["RS256"])
        except (JoseError, ValueError, TypeError):
            raise GitHubUnauthorized("the private key is no RSA key") from None

    def get_installation(self, installation_id: int) -> InstallationData:
        """Get an installation."""
        return self._get_body(f"/app/installations/{installation_id}", InstallationData)

    def list_installations(self) -> list[InstallationData]:
        """List the installations, the suspended ones too."""
        path = f"/app/installations?per_page={PER_PAGE}"
        return _all_pages(lambda page: self._get_body(f"{path}&page={page}", list[InstallationData]))

    def create_token(self, installation_id: int) -> InstallationToken:
        """Create a token of an installation. Raises GitHubNotFound if it is suspended or removed."""
        path = f"/app/installations/{installation_id}/access_tokens"
        return parse_body(self._send("POST", path, {}), InstallationToken)

    def set_webhook_secret(self, secret: str) -> None:
        """Set the secret with which GitHub signs deliveries."""
        self._send("PATCH", "/app/hook/config", {"secret": secret})

    def list_granted_repositories(self, installation_id: int) -> list[RepositoryData]:
        """List the repositories of an installation."""
        installation = Installation.objects.get(id=installation_id)
        return InstallationClient(self._base_url, self, installation).list_granted_repositories()


class InstallationClient(Client):
    """Authenticated by the token of one installation."""

    def __init__(self, base_url: str, app: AppClient, installation: Installation) -> None:
        super().__init__(base_url, "")
        self._app = app
        self._installation = installation

    def _token_for(self, path: str, *, refused: str = "") -> str:
        return _token(self._app, self._installation, refused=refused)

    def list_granted_repositories(self) -> list[RepositoryData]:
        """List the repositories of the installation."""
        path = f"/installation/repositories?per_page={PER_PAGE}"
        return _all_pages(
            lambda page: self._get_body(f"{path}&page={page}", InstallationRepositories).repositories
        )


class CheckRunClient(Client):
    """Authenticated by the token of the installation that has the repository: no other may write checks."""

    def find_check_run(self, repository: str, head_sha: str, external_id: str) -> int | None:
        """Return GitHub's id of the App's newest check run of a commit with that id of ours, if any."""
        app_id = GitHubApp.objects.values_list("app_id", flat=True).get(id=GitHubApp.ONLY)
        query = f"app_id={app_id}&filter=all&per_page={PER_PAGE}"
        found = self._get_body(f"/repos/{repository}/commits/{head_sha}/check-runs?{query}", CheckRuns)
        return max((run.id for run in found.check_runs if run.external_id == external_id), default=None)

    def create_check_run(self, repository: str, body: dict[str, Any]) -> int:
        """Create a check run and return GitHub's id. Raises GitHubRefused."""
        data = self._send("POST", f"/repos/{repository}/check-runs", body)
        return parse_body(data, CheckRunData).id

    def update_check_run(self, repository: str, check_run_id: int, body: dict[str, Any]) -> None:
        """Update a check run. Raises GitHubRefused."""
        self._send("PATCH", f"/repos/{repository}/check-runs/{check_run_id}", body)

    def _token_for(self, path: str, *, refused: str = "") -> str:
        token = repository_token(repository="/".join(path.split("/")[2:4]), refused=refused)
        if not token:
            raise GitHubUnauthorized("no token of an installation")
        return token


class ManifestClient(Client):
    """Not authenticated: the code is the secret."""

    def convert(self, code: str) -> Conversion:
        """Exchange the code of the manifest flow. Raises GitHubNotFound unless it is new."""
        path = f"/app-manifests/{quote(code, safe='')}/conversions"
        return parse_body(self._send("POST", path, {}), Conversion)


def _all_pages(get_page: Callable[[int], list[T]]) -> list[T]:
    """Return the rows of all pages, of MAX_PAGES at most."""
    found: list[T] = []
    for page in range(1, MAX_PAGES + 1):
        found += (rows := get_page(page))
        if len(rows) < PER_PAGE:
            break
    return found


def manifest_client() -> ManifestClient:
    """Return the client of the manifest flow."""
    return ManifestClient(settings.GITHUB_API_URL, "")


def check_run_client() -> CheckRunClient:
    """Return the client of check runs."""
    return CheckRunClient(settings.GITHUB_API_URL, "")


def app_client() -> AppClient | None:
    """Return the App's client; None if there is no App, or FIELD_KEY cannot decrypt its private key."""
    app = GitHubApp.objects.filter(id=GitHubApp.ONLY).first()
    if app is None:
        return None
    try:
        private_key = decrypt(app.private_key)
    except ValueError:
        log.exception("private_key_not_decrypted")
        return None
    return AppClient(settings.GITHUB_API_URL, app_id=app.app_id, private_key=private_key)


def put_oauth_client(app: GitHubApp) -> None:
    """Give users the OAuth client. Raises ServiceError, and ValueError if FIELD_KEY cannot decrypt it."""
    ServiceClient(settings.USERS_URL, "users").put(
        "/internal/github/oauth-client",
        {
            "client_id": app.client_id,
            "client_secret": decrypt(app.client_secret),
            "changed_at": app.client_changed_at.isoformat(),
        },
    )


def repository_token(*, repository: str, refused: str = "") -> str:
    """Return a token of the installation that has the repository; "" if there is none, or GitHub refuses.

    Named by the setting GITHUB_REPOSITORY_AUTH. `refused` is a token that GitHub did not accept.
    """
    installation = Installation.objects.reading(repository).first()
    if installation is None and not settings.GITHUB_TOKEN:
        # It may be public, or about to be created.
        installation = Installation.objects.of_account(repository.partition("/")[0]).first()
    if installation is None:
        return ""
    if kept := _kept_token(installation, refused=refused):
        return kept
    app = app_client()
    try:
        return _token(app, installation) if app else ""
    except (GitHubNotFound, GitHubUnauthorized) as error:
        # The next sync shows it to the operators; until then what is left is used.
        log.warning("installation_token_refused", installation=installation.id, reason=str(error))
        return ""


def _token(app: AppClient, installation: Installation, *, refused: str = "") -> str:
    if kept := _kept_token(installation, refused=refused):
        return kept
    for key in list(_tokens):
        if key[0] == installation.id:
            _tokens.pop(key, None)
    created = _tokens[_key(installation)] = app.create_token(installation.id)
    return created.token


def _kept_token(installation: Installation, *, refused: str) -> str:
    """Return the token that was created before; "" if it is to be renewed. Threads share the tokens."""
    token = _tokens.get(_key(installation))
    if token is None:
        return ""
    if token.token == refused:
        _tokens.pop(_key(installation), None)
        return ""
    now = datetime.fromtimestamp(time.time(), UTC)
    return token.token if now < token.expires_at - RENEW_BEFORE else ""


def _key(installation: Installation) -> tuple[int, datetime]:
    return installation.id, installation.github_updated_at
