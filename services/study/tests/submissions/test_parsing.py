"""GitHub's payloads become facts, or are refused; nothing else can come of them."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.github.rules.deliveries import NotReadable
from study.github.rules.parsing import BadPayload
from study.github.rules.payloads import (
    CheckRunEvent,
    CheckSuiteEvent,
    GitHubUser,
    PingEvent,
    PullRequestEvent,
    ReviewEvent,
)
from tests.github.payloads import FIXTURES, fixture, parse, pull_request

HEAD = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"


def parse_fixture(name: str) -> Any:
    return parse(name.partition(".")[0], fixture(name))[1]


def test_a_pull_request_of_the_repository_itself() -> None:
    event = parse_fixture("pull_request.opened")

    assert isinstance(event, PullRequestEvent)
    assert (event.action, event.sender.login) == ("opened", "Codertocat")
    assert (event.before, event.requested) == ("", "")
    said = event.pull_request
    assert (said.base.repo.name, said.number, said.id) == ("codertocat/hello-world", 2, 279147437)
    assert said.user == GitHubUser(id=21031067, login="Codertocat")
    assert (said.head.sha, said.head.ref, said.base.ref) == (HEAD, "changes", "master")
    assert (said.state, said.draft, said.merged_at, said.merge_commit_sha) == ("open", False, None, "")
    assert said.created_at == said.updated_at == datetime(2019, 5, 15, 15, 20, 33, tzinfo=UTC)


def test_a_pull_request_of_a_fork() -> None:
    said = parse_fixture("pull_request.fork").pull_request

    assert said.base.repo.name == "ceos-developers/django-vote-15th"
    assert said.head.repo.name == "ada-codes/django-vote-15th"


def test_a_push_names_the_head_before() -> None:
    assert parse_fixture("pull_request.synchronize").before == "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"


def test_a_request_for_review_names_who_is_asked() -> None:
    assert parse_fixture("pull_request.review_requested").requested == "octocat"
    team = pull_request("review_requested", requested_team={"name": "mentors"})
    assert parse("pull_request", team)[1].requested == "mentors"  # type: ignore[union-attr]


def test_a_review_says_who_what_and_about_which_commit() -> None:
    event = parse_fixture("pull_request_review.submitted")

    assert isinstance(event, ReviewEvent)
    assert (event.review.state, event.review.body, event.review.commit_id) == ("commented", "", HEAD)
    assert event.pull_request.draft is None


def test_checks_say_how_they_ended_for_which_commit() -> None:
    suite, run = parse_fixture("check_suite.completed"), parse_fixture("check_run.completed")

    assert isinstance(suite, CheckSuiteEvent)
    assert isinstance(run, CheckRunEvent)
    assert (suite.checks.sha, suite.checks.conclusion) == (HEAD, "success")
    assert (suite.checks.count, suite.checks.run_id) == (1, 0)
    assert (run.checks.name, run.checks.conclusion) == ("Octocoders-linter", "failure")
    assert run.checks.suite_id == suite.checks.suite_id


def test_a_ping_says_nothing_but_that_it_came() -> None:
    assert parse_fixture("ping") == PingEvent()


def test_checks_that_still_run_and_other_events_mean_nothing() -> None:
    running = fixture("check_suite.completed") | {"action": "requested"}

    assert parse("check_suite", running) == ("requested", None)
    assert parse("issues", {"action": "opened"}) == ("opened", None)
    assert parse("push", {"ref": "refs/heads/main"}) == ("", None)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inside: list[tuple[Any, ...]] = []
    if isinstance(value, dict):
        inside = [place for key, item in value.items() for place in places(item, (*path, key))]
    elif isinstance(value, list):
        inside = [place for index, item in enumerate(value) for place in places(item, (*path, index))]
    return [path, *inside]


FILES = sorted(path.name.removesuffix(".json") for path in FIXTURES.glob("*.json"))
PLACES = [(name, place) for name in FILES for place in places(fixture(name)) if place]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(where=st.sampled_from(PLACES), value=ANYTHING)
def test_whatever_stands_in_a_place_it_is_a_fact_or_refused_with_its_place(
    where: tuple[str, tuple[Any, ...]], value: Any
) -> None:
    name, place = where
    payload = copy.deepcopy(fixture(name))
    parent = payload
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = value

    try:
        said, _ = parse(name.partition(".")[0], payload)
    except (BadPayload, NotReadable) as refused:
        said = str(refused)

    # Neither an action nor an error contains a lone surrogate, which cannot be encoded.
    assert said.encode().decode() == said


@pytest.mark.parametrize("payload", [None, [], "text", 5, True])
def test_what_is_no_object_is_refused(payload: Any) -> None:
    with pytest.raises(BadPayload):
        parse("pull_request", payload)
