"""The life of a pull request ends the same in every order in which its deliveries arrive."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from study.github.tasks import ingest_early_checks
from study.submissions.tasks import match_waiting_pull_requests
from tests.conftest import OLGA
from tests.github.payloads import (
    BORIS_ON_GITHUB,
    REPOSITORY_ID,
    A,
    B,
    C,
    closed,
    minutes,
    person,
    pull_request,
    push,
    repository,
    review,
    run,
    suite,
)

pytestmark = pytest.mark.django_db

API = "/api/v1/study"
Delivery = tuple[str, dict[str, Any]]
NEW_NAME, NEW_OWNER = "ceos-developers/vote-15th", "ceos-archive/vote-15th"


def deliveries_of(*payloads: dict[str, Any]) -> list[Delivery]:
    return [("pull_request_review" if "review" in body else "pull_request", body) for body in payloads]


def named(payload: dict[str, Any], name: str) -> dict[str, Any]:
    """The same repository under another name."""
    for where in (payload["repository"], payload["pull_request"]["base"]["repo"]):
        where.update(id=REPOSITORY_ID, full_name=name)
    return payload


def reviewed(state: str, *, at: float, sha: str, review_id: int, **changes: Any) -> dict[str, Any]:
    """A review as GitHub sends it today: it says whether the pull request is a draft."""
    payload = review(state, at=at, sha=sha, review_id=review_id, **changes)
    payload["pull_request"].setdefault("draft", False)
    return payload


TITLE = {"title": "다시 제출합니다"}
SECOND = {"number": 43, "created_at": pull_request(at=2)["pull_request"]["updated_at"]}
SEQUENCES: dict[str, list[Delivery]] = {
    "merged": deliveries_of(
        pull_request(),
        pull_request("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB),
        push(A, B, at=2),
        pull_request("edited", at=3, sha=B, **TITLE),
        closed(at=4, sha=B, merged=True, **TITLE),
    ),
    "a draft that becomes ready": deliveries_of(
        pull_request(draft=True),
        push(A, B, at=1, draft=True),
        pull_request("ready_for_review", at=2, sha=B),
        reviewed("changes_requested", at=3, sha=B, review_id=1),
        push(B, C, at=4),
    ),
    "closed, and reopened with another head": deliveries_of(
        pull_request(),
        closed(at=1),
        pull_request("reopened", at=2, sha=B),
        reviewed("approved", at=3, sha=B, review_id=1),
        pull_request("labeled", at=4, sha=B),
    ),
    "a force push back to an earlier head": deliveries_of(
        pull_request(),
        push(A, B, at=1),
        reviewed("approved", at=2, sha=B, review_id=1),
        push(B, A, at=3),
        reviewed("changes_requested", at=4, sha=A, review_id=2),
    ),
    "two open ones, the first given up": deliveries_of(
        pull_request(),
        pull_request(at=2, sha=B, **SECOND),
        push(B, C, at=3, **SECOND),
        closed(at=4),
        reviewed("approved", at=5, sha=C, review_id=1, **SECOND),
    ),
    "two open ones, the second given up": deliveries_of(
        pull_request(),
        pull_request(at=2, sha=B, **SECOND),
        closed(at=3, sha=B, **SECOND),
        push(A, C, at=4),
        reviewed("approved", at=5, sha=C, review_id=1),
    ),
    "two open ones": deliveries_of(
        pull_request(),
        pull_request(at=2, sha=B, **SECOND),
        push(A, C, at=3),
        push(B, "d" * 40, at=4, **SECOND),
    ),
    "all within one second": deliveries_of(
        pull_request(),
        pull_request("labeled"),
        push(A, B, at=0),
        push(B, C, at=0),
        pull_request("edited", at=0, sha=C, **TITLE),
    ),
    "checks": [
        *deliveries_of(pull_request(), push(A, B, at=2)),
        ("check_run", run("failure", sha=A)),
        ("check_suite", suite("failure", sha=A)),
        ("check_suite", suite("success", sha=B, suite_id=52)),
    ],
    "a rename and a transfer": [
        *deliveries_of(pull_request()),
        ("repository", repository("renamed", at=1, name=NEW_NAME, was="django-vote-15th")),
        *deliveries_of(named(push(A, B, at=2), NEW_NAME)),
        ("repository", repository("transferred", at=3, name=NEW_OWNER, was="ceos-developers")),
        *deliveries_of(named(closed(at=4, sha=B, merged=True), NEW_OWNER)),
    ],
}


@pytest.fixture
def known(mission: Any, send: Any) -> None:
    """The mission, over by now, and its repository known by its id."""
    mission.due_at = minutes(10)
    mission.save(update_fields=["due_at"])
    send("pull_request", pull_request(at=-9, number=1, user=person(7, "a-bot", "Bot")))


@pytest.fixture
def shown(known: None, api_as: Any, as_principal: Any, club: Any) -> Callable[[], dict[str, Any]]:
    """shown() → what the pages and the REST API show of the one submission, but our own clock and ids."""

    def look() -> dict[str, Any]:
        olga, page = api_as(OLGA), as_principal(OLGA)
        (row,) = olga.get(f"{API}/cohorts/{club.cohort.id}/submissions").json()["results"]
        detail = olga.get(f"{API}/submissions/{row['id']}").json()
        waiting = olga.get(f"{API}/cohorts/{club.cohort.id}/pulls").json()["results"]
        for found in (detail["submission"], *waiting):
            for ours in {"id", "created_at"} & found.keys():
                del found[ours]
        read = page.get(f"/cohorts/{club.cohort.id}/submissions/{row['id']}/").content.decode()
        missions = olga.get(f"{API}/cohorts/{club.cohort.id}/missions").json()["results"]
        return {
            "detail": detail,
            "waiting": waiting,
            "page": re.findall(
                r'<p class="timeline-mark[^"]*">.*?</p>|<div class="timeline-body">.*?</div>', read, re.DOTALL
            ),
            "repository": [row["repository"] for row in missions],
        }

    return look


@pytest.fixture
def end(shown: Any, send: Any) -> Callable[..., Any]:
    """end(deliveries) → what is shown after them; nothing of it is left."""

    def play(deliveries: list[Delivery]) -> dict[str, Any]:
        with transaction.atomic():
            for event, payload in deliveries:
                answer = send(event, payload)
                assert answer.status_code == 200, answer.json()
            seen: dict[str, Any] = shown()
            transaction.set_rollback(True)
        return seen

    return play


def orders(deliveries: list[Delivery]) -> Iterator[list[Delivery]]:
    """As it happened, reversed, and some others: each place is taken by each delivery."""
    every = list(itertools.permutations(deliveries))
    yield from map(list, [every[-1], *every[1 :: max(2, len(every) // 9)]])


# Number, state, and heads of what each of them comes to.
ENDS = {
    "merged": (42, "merged", "ab"),
    "a draft that becomes ready": (42, "resubmitted", "bc"),
    "closed, and reopened with another head": (42, "approved", "ab"),
    "a force push back to an earlier head": (42, "changes_requested", "ab"),
    "two open ones, the first given up": (43, "approved", "abc"),
    "two open ones, the second given up": (42, "approved", "ac"),
    "two open ones": (42, "resubmitted", "ac"),
    "all within one second": (42, "resubmitted", "abc"),
    "checks": (42, "resubmitted", "ab"),
    "a rename and a transfer": (42, "merged", "ab"),
}


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_every_order_has_one_end(end, sequence):
    deliveries = SEQUENCES[sequence]
    expected = end(deliveries)
    row, attempts = expected["detail"]["submission"], expected["detail"]["attempts"]
    heads = "".join(attempt["head_sha"][0] for attempt in attempts)
    assert (row["number"], row["state"], heads) == ENDS[sequence]
    assert {attempt["clock"] for attempt in attempts} <= {"opened", "pushed", "ready", "reopened"}
    assert (row["is_late"], row["was_late"]) == (False, False)

    for order in orders(deliveries):
        actions = [payload["action"] for _event, payload in order]
        assert (actions, end(order)) == (actions, expected)


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_what_comes_again_changes_nothing(end, sequence):
    deliveries = SEQUENCES[sequence]

    assert end([*deliveries, *reversed(deliveries), *deliveries]) == end(deliveries)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="an in-memory SQLite has one writer and no row locks; MySQL runs this",
)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_all_at_once_they_wait_for_each_other_and_have_the_same_end(end, shown, send, sequence):
    deliveries = SEQUENCES[sequence]
    expected, answers = end(deliveries), []
    ready = threading.Barrier(len(deliveries))

    def arrive(event: str, payload: dict[str, Any]) -> None:
        try:
            ready.wait(30)
            answers.append(send(event, payload).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=arrive, args=delivery) for delivery in deliveries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # The next periodic tasks ingest a check that arrived with its push, and sync the rows that one delivery
    # had locked while another skipped them.
    ingest_early_checks()
    match_waiting_pull_requests()

    assert answers == [200] * len(deliveries)
    assert shown() == expected
