"""Parse webhook payloads and API responses into events. Unused fields are ignored; nulls are accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from study.github.rules.event_types import (
    ChecksEvent,
    GitHubEvent,
    Person,
    PingEvent,
    PullRequestData,
    PullRequestEvent,
    RepositoryEvent,
    Review,
    ReviewEvent,
)
from study.github.rules.json_object import JsonObject

_REPOSITORY_ACTIONS = {"renamed", "transferred", "deleted", "privatized", "publicized"}
_REVIEW_STATES = {"approved", "changes_requested", "commented", "dismissed"}


def parse_event(event_type: str, payload: Any) -> tuple[str, GitHubEvent | None]:
    """The action of a delivery ("" if it has none) and its fact; None for what means nothing to us.

    BadPayload if it is not of the shape that GitHub documents.
    """
    body = JsonObject(payload)
    action = body.text("action", 64, "")
    parse = _PARSERS.get(event_type)
    return action, parse(body, action) if parse else None


def parse_pull_request(pull_request: JsonObject, repository: JsonObject) -> PullRequestData:
    """A pull request's state, from a delivery or from the REST API."""
    head, base = pull_request.child("head"), pull_request.child("base")
    fork = head.optional_child("repo")
    merged_at, url = pull_request.optional_timestamp("merged_at"), pull_request.text("html_url", 300)
    state = "merged" if merged_at else pull_request.text("state", 8)
    if state not in {"open", "closed", "merged"}:
        raise pull_request.invalid("state")
    if not url.startswith(("https://", "http://")):
        raise pull_request.invalid("html_url")
    return PullRequestData(
        repository=repository.repository("full_name"),
        repository_id=repository.number("id", 0),
        number=pull_request.number("number", maximum=2**31 - 1),
        github_id=pull_request.number("id"),
        title=pull_request.text("title", 300, ""),
        url=url,
        author=parse_person(pull_request.optional_child("user")),
        head_sha=head.sha("sha"),
        head_ref=head.text("ref", 255, ""),
        head_repository=fork.repository("full_name", "") if fork else "",
        base_ref=base.text("ref", 255, ""),
        state=state,
        draft=pull_request.boolean("draft"),
        opened_at=pull_request.timestamp("created_at"),
        updated_at=pull_request.timestamp("updated_at"),
        closed_at=pull_request.optional_timestamp("closed_at"),
        merged_at=merged_at,
        merge_sha=pull_request.sha("merge_commit_sha", ""),
        merged_by=parse_person(pull_request.optional_child("merged_by")).login,
        reviewers=tuple(
            [parse_person(reviewer).login for reviewer in pull_request.children("requested_reviewers")]
            + [team.text("name", 39, "") for team in pull_request.children("requested_teams")]
        ),
    )


def parse_pull_request_answer(answer: Any) -> PullRequestEvent:
    """The REST API's answer about one pull request."""
    return _pull_request_answer(JsonObject(answer))


def parse_pull_request_list(answer: Any) -> list[PullRequestEvent]:
    """The REST API's answer about a page of them."""
    return [
        _pull_request_answer(pull_request)
        for pull_request in JsonObject({"pull_requests": answer}, "answer").children("pull_requests")
    ]


def _pull_request_answer(pull_request: JsonObject) -> PullRequestEvent:
    return PullRequestEvent(
        pull_request=parse_pull_request(pull_request, pull_request.child("base").child("repo"))
    )


def parse_review(review: JsonObject) -> Review | None:
    """A review, from a delivery or from the REST API; None while its author has not sent it off."""
    state = review.text("state", 32).lower()
    if state not in _REVIEW_STATES or not review.has("submitted_at"):
        return None
    return Review(
        id=review.number("id"),
        author=parse_person(review.optional_child("user")),
        state=state,
        text=review.text("body", 65536, ""),
        sha=review.sha("commit_id", ""),
        at=review.timestamp("submitted_at"),
        association=review.text("author_association", 32, ""),
    )


def parse_check_suite(suite: JsonObject, repository: str, repository_id: int = 0) -> ChecksEvent | None:
    """A suite of checks, from a delivery or from the REST API; None while it runs."""
    if suite.text("status", 32, "") != "completed" or not suite.has("conclusion"):
        return None
    app = suite.optional_child("app")
    return ChecksEvent(
        repository=repository,
        repository_id=repository_id,
        sha=suite.sha("head_sha"),
        suite_id=suite.number("id"),
        run_id=0,
        name=app.text("name", 120, "") if app else "",
        conclusion=suite.text("conclusion", 32),
        count=suite.number("latest_check_runs_count", 0, maximum=10**6) or None,
        at=suite.timestamp("updated_at"),
        suite_created_at=suite.optional_timestamp("created_at"),
    )


def parse_person(person: JsonObject | None) -> Person:
    """Somebody on GitHub, or nobody."""
    if person is None:
        return Person()
    kind = person.text("type", 32, "User")
    return Person(id=person.number("id"), login=person.text("login", 39), is_bot=kind == "Bot")


def _repository(body: JsonObject) -> tuple[str, int]:
    repository = body.child("repository")
    return repository.repository("full_name"), repository.number("id", 0)


def _actor(body: JsonObject) -> str:
    return parse_person(body.optional_child("sender")).login


def _parse_pull_request(body: JsonObject, action: str) -> GitHubEvent:
    reviewer, team = body.optional_child("requested_reviewer"), body.optional_child("requested_team")
    requested = team.text("name", 39, "") if team else parse_person(reviewer).login
    return PullRequestEvent(
        pull_request=parse_pull_request(body.child("pull_request"), body.child("repository")),
        action=action,
        actor=_actor(body),
        before=body.sha("before", ""),
        requested=requested if action == "review_requested" else "",
    )


def _parse_review(body: JsonObject, action: str) -> GitHubEvent | None:
    review = parse_review(body.child("review"))
    pull_request = parse_pull_request(body.child("pull_request"), body.child("repository"))
    return (
        ReviewEvent(pull_request=pull_request, action=action, actor=_actor(body), review=review)
        if review
        else None
    )


def _parse_suite(body: JsonObject, action: str) -> GitHubEvent | None:
    if action != "completed":
        return None
    return parse_check_suite(body.child("check_suite"), *_repository(body))


def _parse_run(body: JsonObject, action: str) -> GitHubEvent | None:
    if action != "completed":
        return None
    run = body.child("check_run")
    suite, (repository, repository_id) = run.child("check_suite"), _repository(body)
    return ChecksEvent(
        repository=repository,
        repository_id=repository_id,
        sha=run.sha("head_sha"),
        suite_id=suite.number("id"),
        run_id=run.number("id"),
        name=run.text("name", 120, ""),
        conclusion=run.text("conclusion", 32),
        count=None,
        at=run.timestamp("completed_at"),
        suite_created_at=suite.optional_timestamp("created_at"),
    )


def _parse_repository(body: JsonObject, action: str) -> GitHubEvent | None:
    if action not in _REPOSITORY_ACTIONS:
        return None
    name, github_id = _repository(body)
    owner, _slash, short = name.partition("/")
    changes = body.optional_child("changes")
    if changes and (renamed := changes.optional_child("repository")):
        short = renamed.child("name").text("from", 100).lower()
    if changes and (moved := changes.optional_child("owner")):
        origin = moved.child("from")
        owner = parse_person(
            origin.optional_child("user") or origin.optional_child("organization")
        ).login.lower()
    return RepositoryEvent(
        github_id=github_id,
        name=name,
        previous_name=f"{owner}/{short}",
        action=action,
        at=body.child("repository").optional_timestamp("updated_at"),
    )


_PARSERS: dict[str, Callable[[JsonObject, str], GitHubEvent | None]] = {
    "pull_request": _parse_pull_request,
    "pull_request_review": _parse_review,
    "check_suite": _parse_suite,
    "check_run": _parse_run,
    "repository": _parse_repository,
    "ping": lambda _body, _action: PingEvent(),
}
