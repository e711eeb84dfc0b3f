"""From GitHub's payloads, delivered or asked for, to facts. Reads only what it needs; bears nulls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from study.submissions.github.facts import (
    ChecksFact,
    Fact,
    Person,
    PingFact,
    PullFact,
    PullState,
    RepositoryFact,
    Review,
    ReviewFact,
)
from study.submissions.github.reading import Node

_REPOSITORY_ACTIONS = {"renamed", "transferred", "deleted", "privatized", "publicized"}
_REVIEW_STATES = {"approved", "changes_requested", "commented", "dismissed"}


def fact_of(event: str, payload: Any) -> tuple[str, Fact | None]:
    """The action of a delivery ("" if it has none) and its fact; None for what means nothing to us.

    BadPayload if it is not of the shape that GitHub documents.
    """
    body = Node(payload)
    action = body.text("action", 64, "")
    read = _READERS.get(event)
    return action, read(body, action) if read else None


def pull_of(pull: Node, repository: Node) -> PullState:
    """A pull request's state, from a delivery or from the REST API."""
    head, base = pull.node("head"), pull.node("base")
    fork = head.maybe("repo")
    merged_at, url = pull.maybe_moment("merged_at"), pull.text("html_url", 300)
    state = "merged" if merged_at else pull.text("state", 8)
    if state not in {"open", "closed", "merged"}:
        raise pull.refuse("state")
    if not url.startswith(("https://", "http://")):
        raise pull.refuse("html_url")
    return PullState(
        repository=repository.repository("full_name"),
        repository_id=repository.number("id", 0),
        number=pull.number("number", largest=2**31 - 1),
        github_id=pull.number("id"),
        title=pull.text("title", 300, ""),
        url=url,
        author=person_of(pull.maybe("user")),
        head_sha=head.sha("sha"),
        head_ref=head.text("ref", 255, ""),
        head_repository=fork.repository("full_name", "") if fork else "",
        base_ref=base.text("ref", 255, ""),
        state=state,
        draft=pull.flag("draft"),
        opened_at=pull.moment("created_at"),
        updated_at=pull.moment("updated_at"),
        closed_at=pull.maybe_moment("closed_at"),
        merged_at=merged_at,
        merge_sha=pull.sha("merge_commit_sha", ""),
        merged_by=person_of(pull.maybe("merged_by")).login,
        reviewers=tuple(
            [person_of(reviewer).login for reviewer in pull.nodes("requested_reviewers")]
            + [team.text("name", 39, "") for team in pull.nodes("requested_teams")]
        ),
    )


def asked_pull(answer: Any) -> PullFact:
    """The REST API's answer about one pull request."""
    return _asked(Node(answer))


def asked_pulls(answer: Any) -> list[PullFact]:
    """The REST API's answer about a page of them."""
    return [_asked(pull) for pull in Node({"pulls": answer}, "answer").nodes("pulls")]


def _asked(pull: Node) -> PullFact:
    return PullFact(pull=pull_of(pull, pull.node("base").node("repo")))


def review_of(review: Node) -> Review | None:
    """A review, from a delivery or from the REST API; None while its author has not sent it off."""
    state = review.text("state", 32).lower()
    if state not in _REVIEW_STATES or not review.has("submitted_at"):
        return None
    return Review(
        id=review.number("id"),
        author=person_of(review.maybe("user")),
        state=state,
        text=review.text("body", 65536, ""),
        sha=review.sha("commit_id", ""),
        at=review.moment("submitted_at"),
        association=review.text("author_association", 32, ""),
    )


def suite_of(suite: Node, repository: str, repository_id: int = 0) -> ChecksFact | None:
    """A suite of checks, from a delivery or from the REST API; None while it runs."""
    if suite.text("status", 32, "") != "completed" or not suite.has("conclusion"):
        return None
    app = suite.maybe("app")
    return ChecksFact(
        repository=repository,
        repository_id=repository_id,
        sha=suite.sha("head_sha"),
        suite_id=suite.number("id"),
        run_id=0,
        name=app.text("name", 120, "") if app else "",
        conclusion=suite.text("conclusion", 32),
        count=suite.number("latest_check_runs_count", 0, largest=10**6) or None,
        at=suite.moment("updated_at"),
        began_at=suite.maybe_moment("created_at"),
    )


def person_of(person: Node | None) -> Person:
    """Somebody on GitHub, or nobody."""
    if person is None:
        return Person()
    kind = person.text("type", 32, "User")
    return Person(id=person.number("id"), login=person.text("login", 39), is_bot=kind == "Bot")


def _repository(body: Node) -> tuple[str, int]:
    repository = body.node("repository")
    return repository.repository("full_name"), repository.number("id", 0)


def _actor(body: Node) -> str:
    return person_of(body.maybe("sender")).login


def _pull(body: Node, action: str) -> Fact:
    reviewer, team = body.maybe("requested_reviewer"), body.maybe("requested_team")
    requested = team.text("name", 39, "") if team else person_of(reviewer).login
    return PullFact(
        pull=pull_of(body.node("pull_request"), body.node("repository")),
        action=action,
        actor=_actor(body),
        before=body.sha("before", ""),
        requested=requested if action == "review_requested" else "",
    )


def _review(body: Node, action: str) -> Fact | None:
    review = review_of(body.node("review"))
    pull = pull_of(body.node("pull_request"), body.node("repository"))
    return ReviewFact(pull=pull, action=action, actor=_actor(body), review=review) if review else None


def _suite(body: Node, action: str) -> Fact | None:
    if action != "completed":
        return None
    return suite_of(body.node("check_suite"), *_repository(body))


def _run(body: Node, action: str) -> Fact | None:
    if action != "completed":
        return None
    run = body.node("check_run")
    suite, (repository, repository_id) = run.node("check_suite"), _repository(body)
    return ChecksFact(
        repository=repository,
        repository_id=repository_id,
        sha=run.sha("head_sha"),
        suite_id=suite.number("id"),
        run_id=run.number("id"),
        name=run.text("name", 120, ""),
        conclusion=run.text("conclusion", 32),
        count=None,
        at=run.moment("completed_at"),
        began_at=suite.maybe_moment("created_at"),
    )


def _repository_event(body: Node, action: str) -> Fact | None:
    if action not in _REPOSITORY_ACTIONS:
        return None
    name, github_id = _repository(body)
    owner, _slash, short = name.partition("/")
    changes = body.maybe("changes")
    if changes and (renamed := changes.maybe("repository")):
        short = renamed.node("name").text("from", 100).lower()
    if changes and (moved := changes.maybe("owner")):
        origin = moved.node("from")
        owner = person_of(origin.maybe("user") or origin.maybe("organization")).login.lower()
    return RepositoryFact(
        github_id=github_id,
        name=name,
        previous_name=f"{owner}/{short}",
        action=action,
        at=body.node("repository").maybe_moment("updated_at"),
    )


_READERS: dict[str, Callable[[Node, str], Fact | None]] = {
    "pull_request": _pull,
    "pull_request_review": _review,
    "check_suite": _suite,
    "check_run": _run,
    "repository": _repository_event,
    "ping": lambda _body, _action: PingFact(),
}
