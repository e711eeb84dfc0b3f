"""GitHub events and objects with the fields that are used; the same for webhooks and API responses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody on GitHub. Id 0 and no login where GitHub names nobody, as once an account is deleted."""

    id: int = 0
    login: str = ""
    is_bot: bool = False


@dataclass(frozen=True, kw_only=True)
class PullRequestData:
    """The state of a pull request when GitHub created the event or response."""

    # "owner/name" in lower case: the repository it asks to be merged into, and its id, 0 if unsaid.
    repository: str
    repository_id: int = 0
    number: int
    github_id: int
    title: str
    url: str
    author: Person
    head_sha: str
    head_ref: str
    # "" once the fork is deleted.
    head_repository: str
    base_ref: str
    state: str  # open, closed, merged
    # None where GitHub does not say, as in old reviews' payloads.
    draft: bool | None
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    merged_at: datetime | None
    merge_sha: str
    merged_by: str
    # Logins and team names that a review is asked of.
    reviewers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PullRequestEvent:
    """An event about a pull request; with action "" it is an API response."""

    pull_request: PullRequestData
    action: str = ""
    actor: str = ""
    # The head before a push, if GitHub says.
    before: str = ""
    # Of whom a review was just asked.
    requested: str = ""


@dataclass(frozen=True, kw_only=True)
class Review:
    """A review on GitHub. States: approved, changes_requested, commented, dismissed."""

    id: int
    author: Person
    state: str
    text: str
    sha: str
    at: datetime
    # The reviewer's relation to the repository (OWNER, MEMBER, CONTRIBUTOR, NONE …); "" if unsaid.
    association: str


@dataclass(frozen=True, kw_only=True)
class ReviewEvent:
    """A review was submitted, edited or dismissed."""

    pull_request: PullRequestData
    action: str
    actor: str
    review: Review


@dataclass(frozen=True, kw_only=True)
class ChecksEvent:
    """A check suite, or one check of it, completed. GitHub reports checks by commit, not by pull request."""

    repository: str
    repository_id: int = 0
    sha: str
    suite_id: int
    # 0 for the suite as a whole.
    run_id: int
    name: str
    # success, failure, neutral, cancelled, timed_out, …
    conclusion: str
    # How many checks the suite has, where GitHub says.
    count: int | None
    at: datetime
    # When GitHub created the suite, where it says.
    suite_created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RepositoryEvent:
    """A repository was renamed, transferred, deleted, privatized or publicized."""

    github_id: int
    # "owner/name" in lower case, after the event and before it.
    name: str
    previous_name: str
    action: str
    # None where GitHub does not say.
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PingEvent:
    """The hook was just set up."""


GitHubEvent = PullRequestEvent | ReviewEvent | ChecksEvent | RepositoryEvent | PingEvent
