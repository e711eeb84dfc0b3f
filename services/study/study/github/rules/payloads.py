"""GitHub's webhook payloads and API responses: the fields that are used, with their validation.

Unknown fields are ignored, and a null is a missing field.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, field

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Count = Annotated[int, Meta(ge=0, le=10**6)]
Sha = Annotated[str, Meta(pattern=r"\A[0-9a-f]{40}([0-9a-f]{24})?\Z")]
RepositoryName = Annotated[str, Meta(pattern=r"(?a)\A[A-Za-z0-9][\w.-]*/[\w.-]+\Z", max_length=140)]
Url = Annotated[str, Meta(pattern=r"\Ahttps?://")]
Timestamp = Annotated[datetime, Meta(tz=True)]
# NUL, which databases refuse, and halves of a surrogate pair, which are no text at all.
_INVALID_TEXT = re.compile("[\x00\ud800-\udfff]")
_REVERT_BRANCH = re.compile(r"revert-(\d{1,9})-")
_REVERT_TEXT = re.compile(r"\s*Reverts (?:([\w.-]+/[\w.-]+))?#(\d{1,9})\b")
_REVIEW_STATES = {"approved", "changes_requested", "commented", "dismissed"}


class GitHubObject(Struct):
    """An object in GitHub's JSON. Raises ValueError for text or a time that the database does not store."""

    # At how many characters text is cut.
    MAX_LENGTHS: ClassVar[dict[str, int]] = {}

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, str):
                if _INVALID_TEXT.search(value):
                    raise ValueError(f"Invalid field `{name}`")
                setattr(self, name, value[: self.MAX_LENGTHS.get(name)])
            elif isinstance(value, datetime) and not 1970 < value.year < 9999:
                raise ValueError(f"Invalid field `{name}`")


class GitHubUser(GitHubObject):
    MAX_LENGTHS = {"login": 39}

    id: Id
    login: str
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        return self.type == "Bot"


def nobody() -> GitHubUser:
    """Return the user where GitHub names none, as once an account is deleted."""
    return GitHubUser(id=0, login="")


class Team(GitHubObject):
    MAX_LENGTHS = {"name": 39}

    name: str = ""


class Label(GitHubObject):
    MAX_LENGTHS = {"name": 50}

    name: str = ""


class RepositoryData(GitHubObject):
    full_name: RepositoryName
    id: Id = 0
    updated_at: Timestamp | None = None

    @property
    def name(self) -> str:
        """Return "owner/name" in lower case."""
        return self.full_name.lower()


class RepositoryDetails(RepositoryData):
    """A repository as GitHub describes it when it is asked for it."""

    created_at: Timestamp | None = None
    is_template: bool = False
    # What it was generated from.
    template_repository: RepositoryData | None = None


class Head(GitHubObject):
    """The branch of a pull request, with its newest commit."""

    MAX_LENGTHS = {"ref": 255}

    sha: Sha
    ref: str = ""
    # None once the fork is deleted.
    repo: RepositoryData | None = None


class Base(GitHubObject):
    """The branch that a pull request asks to be merged into."""

    MAX_LENGTHS = {"ref": 255}

    repo: RepositoryData
    ref: str = ""
    sha: Sha = ""


class PullRequestData(GitHubObject):
    """The state of a pull request when GitHub created the event or response."""

    MAX_LENGTHS = {"title": 300, "html_url": 300, "body": 300}

    id: Id
    number: Number
    html_url: Url
    # GitHub says "closed" for merged ones too.
    state: Literal["open", "closed", "merged"]
    head: Head
    base: Base
    created_at: Timestamp
    updated_at: Timestamp
    closed_at: Timestamp | None = None
    merged_at: Timestamp | None = None
    title: str = ""
    body: str = ""
    user: GitHubUser = field(default_factory=nobody)
    # None where GitHub does not say, as in old reviews' payloads.
    draft: bool | None = None
    merge_commit_sha: Sha = ""
    merged_by: GitHubUser = field(default_factory=nobody)
    requested_reviewers: list[GitHubUser] = []
    requested_teams: list[Team] = []
    labels: list[Label] = []
    # How many files it changes, where GitHub says.
    changed_files: Count | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.merged_at:
            self.state = "merged"

    @property
    def reverted_number(self) -> int | None:
        """Return the number of what it reverts, as GitHub's "Revert" button writes it; None for none."""
        if branch := _REVERT_BRANCH.match(self.head.ref):
            return int(branch[1])
        text = _REVERT_TEXT.match(self.body)
        if text and (text[1] or self.base.repo.name).lower() == self.base.repo.name:
            return int(text[2])
        return None

    @property
    def reviewers(self) -> list[str]:
        """Return the logins and team names that a review is asked of."""
        teams = [team.name for team in self.requested_teams]
        return [user.login for user in self.requested_reviewers] + teams


class PullRequestEvent(GitHubObject):
    """An event about a pull request, or with action "" the response to a poll."""

    pull_request: PullRequestData
    action: str = ""
    sender: GitHubUser = field(default_factory=nobody)
    # The head before a push, if GitHub says.
    before: Sha = ""
    requested_reviewer: GitHubUser = field(default_factory=nobody)
    requested_team: Team = field(default_factory=Team)

    @property
    def is_poll(self) -> bool:
        return self.action == ""

    @property
    def merged_by(self) -> GitHubUser:
        """Return who merged it, nobody where GitHub does not say."""
        is_named = self.pull_request.merged_by.id or self.action != "closed"
        return self.pull_request.merged_by if is_named else self.sender

    @property
    def requested(self) -> str:
        """Return the login or team name that a review was just asked of, "" in other events."""
        if self.action != "review_requested":
            return ""
        return self.requested_team.name or self.requested_reviewer.login


class Review(GitHubObject):
    MAX_LENGTHS = {"body": 65536}

    id: Id
    state: str
    user: GitHubUser = field(default_factory=nobody)
    body: str = ""
    commit_id: Sha = ""
    submitted_at: Timestamp | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        # The API's responses are in upper case, deliveries are not.
        self.state = self.state.lower()

    @property
    def is_submitted(self) -> bool:
        """Return False while its author has not sent it off."""
        return self.submitted_at is not None and self.state in _REVIEW_STATES


class ReviewEvent(GitHubObject):
    """A review was submitted, edited or dismissed."""

    action: str
    pull_request: PullRequestData
    review: Review
    sender: GitHubUser = field(default_factory=nobody)


class App(GitHubObject):
    MAX_LENGTHS = {"name": 120}

    id: Id = 0
    name: str = ""


class CheckSuite(GitHubObject):
    """All checks of one app on a commit. GitHub reports checks by commit, not by pull request."""

    suite_id: Id = field(name="id")
    sha: Sha = field(name="head_sha")
    status: str = ""
    # success, failure, neutral, cancelled, timed_out, …
    conclusion: str = ""
    # How many checks it has, where GitHub says.
    count: Count | None = field(name="latest_check_runs_count", default=None)
    at: Timestamp | None = field(name="updated_at", default=None)
    suite_created_at: Timestamp | None = field(name="created_at", default=None)
    app: App = field(default_factory=App)
    run_id: ClassVar[int] = 0

    @property
    def name(self) -> str:
        """Return the name of the app."""
        return self.app.name

    @property
    def is_completed(self) -> bool:
        """Return False while a check runs."""
        return self.status == "completed" and bool(self.conclusion)


class SuiteOfRun(GitHubObject):
    id: Id
    created_at: Timestamp | None = None


class CheckRun(GitHubObject):
    """One completed check of a suite, with the fields of CheckSuite that count."""

    MAX_LENGTHS = {"name": 120}

    run_id: Id = field(name="id")
    sha: Sha = field(name="head_sha")
    conclusion: str
    at: Timestamp = field(name="completed_at")
    check_suite: SuiteOfRun
    name: str = ""
    count: ClassVar[int | None] = None

    @property
    def suite_id(self) -> int:
        """Return GitHub's id of the suite."""
        return self.check_suite.id

    @property
    def suite_created_at(self) -> datetime | None:
        """Return when GitHub created the suite, where it says."""
        return self.check_suite.created_at


class CheckSuiteEvent(GitHubObject):
    repository: RepositoryData
    checks: CheckSuite = field(name="check_suite")


class CheckRunEvent(GitHubObject):
    repository: RepositoryData
    checks: CheckRun = field(name="check_run")


class PreviousName(GitHubObject):
    previous: str = field(name="from")


class RenamedRepository(GitHubObject):
    name: PreviousName


class Owner(GitHubObject):
    user: GitHubUser | None = None
    organization: GitHubUser | None = None


class PreviousOwner(GitHubObject):
    previous: Owner = field(name="from")


class RepositoryChanges(GitHubObject):
    repository: RenamedRepository | None = None
    owner: PreviousOwner | None = None


class RepositoryEvent(GitHubObject):
    """A repository was renamed, transferred, deleted, privatized or publicized."""

    action: str
    repository: RepositoryData
    changes: RepositoryChanges = field(default_factory=RepositoryChanges)

    @property
    def previous_name(self) -> str:
        """Return "owner/name" before the event, in lower case."""
        owner, _slash, name = self.repository.full_name.partition("/")
        if self.changes.repository:
            name = self.changes.repository.name.previous
        if self.changes.owner:
            moved = self.changes.owner.previous
            owner = (moved.user or moved.organization or nobody()).login
        return f"{owner}/{name}".lower()


class PingEvent(GitHubObject):
    """The webhook was just set up."""


class Delivery(GitHubObject):
    MAX_LENGTHS = {"action": 64}

    action: str = ""


class Problem(GitHubObject):
    """What GitHub says of a request that it refuses."""

    MAX_LENGTHS = {"message": 200}

    message: str = ""


class CheckSuites(GitHubObject):
    check_suites: list[CheckSuite] = []


class Comparison(GitHubObject):
    """The relation of a commit to an earlier one: ahead, behind, identical or diverged."""

    status: str
    ahead_by: Count = 0


class ChangedFile(GitHubObject):
    """A file of a comparison. `patch` is "" if it is binary, only renamed, or too large for GitHub."""

    filename: str
    # added, removed, modified, renamed, copied, changed or unchanged.
    status: str = ""
    additions: Count = 0
    deletions: Count = 0
    previous_filename: str = ""
    patch: str = ""

    def __post_init__(self) -> None:
        # People commit any bytes; one file must not hide the others.
        for name in ("filename", "previous_filename", "patch"):
            setattr(self, name, _INVALID_TEXT.sub("\ufffd", getattr(self, name)))
        super().__post_init__()


class ChangedFiles(GitHubObject):
    """The files of a comparison, 300 at most."""

    files: list[ChangedFile] = []


GitHubEvent = PullRequestEvent | ReviewEvent | CheckSuiteEvent | CheckRunEvent | RepositoryEvent | PingEvent
