"""GitHub's payloads and API responses about the App and its installations: the fields that are used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from study.github.rules.payloads import GitHubObject, GitHubUser, Id, RepositoryData, Timestamp, Url

# Some events contain seconds since 1970 where the API has text.
Seconds = Annotated[int, Meta(ge=0, le=2**33)]


class Conversion(GitHubObject):
    """The App that GitHub created from the manifest."""

    MAX_LENGTHS = {"name": 100}

    id: Id
    name: str
    html_url: Url
    client_id: str
    client_secret: str
    pem: str
    # Missing if the manifest has no webhook.
    webhook_secret: str = ""


class InstallationData(GitHubObject):
    id: Id
    account: GitHubUser
    updated_at: Timestamp | Seconds
    repository_selection: str = "selected"
    suspended_at: Timestamp | Seconds | None = None
    html_url: Url = ""
    permissions: dict[str, str] = {}

    @property
    def can_create_repositories(self) -> bool:
        """Return whether it was granted to create repositories."""
        return self.permissions.get("administration") == "write"

    @property
    def login(self) -> str:
        """Return the account's login in lower case."""
        return self.account.login.lower()

    @property
    def as_of(self) -> datetime:
        """Return when GitHub last changed it."""
        return _time(self.updated_at)

    @property
    def suspension(self) -> datetime | None:
        """Return since when it is suspended."""
        return None if self.suspended_at is None else _time(self.suspended_at)


class InstallationEvent(GitHubObject):
    """The App was installed, removed, suspended, unsuspended, or granted other permissions."""

    action: str
    installation: InstallationData
    repositories: list[RepositoryData] = []


class InstallationRepositoriesEvent(GitHubObject):
    """An installation has other repositories."""

    action: str
    installation: InstallationData
    repositories_added: list[RepositoryData] = []
    repositories_removed: list[RepositoryData] = []


INSTALLATION_EVENTS: dict[str, type[InstallationEvent | InstallationRepositoriesEvent]] = {
    "installation": InstallationEvent,
    "installation_repositories": InstallationRepositoriesEvent,
}


class InstallationToken(GitHubObject):
    token: str
    expires_at: Timestamp


class CheckRunData(GitHubObject):
    id: Id
    external_id: str = ""


class CheckRuns(GitHubObject):
    check_runs: list[CheckRunData] = []


class InstallationRepositories(GitHubObject):
    total_count: int = 0
    repositories: list[RepositoryData] = []


def _time(value: datetime | int) -> datetime:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else value
