"""Check runs and repositories from a template, by the processes alone, also under kills and faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from processes.club import EVER, MEMBERS, RETRIES, Club, head_of, running_club
from processes.github import CLUB, LOST, TEMPLATE

WAITS, CHANGES, LATE = "기한 내 · 리뷰 대기", "기한 내 · 수정 요청", "지각 · 수정 요청"
LIMIT = (403, {"Retry-After": "1"}, {"message": "You have exceeded a secondary rate limit"})
# Its tests share a club, so they run one after the other.
pytestmark = pytest.mark.xdist_group("club")
CHECK_RUNS, CREATIONS = "installations_checkrun", "repositories_repositorycreation"


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    """One club for all tests: its processes take long to start. A test has members of its own."""
    with running_club(tmp_path_factory.mktemp("club")) as found:
        yield found


def test_a_check_run_follows_its_submission(club: Club) -> None:
    def shows(title: str) -> bool:
        return club.check_runs(1, repository="week-2") == [title]

    club.open_pull_request(1, repository="week-2")
    club.running.wait_for("GitHub shows that it was received", lambda: shows(WAITS))

    club.request_changes(1, repository="week-2")
    club.running.wait_for("GitHub shows the review", lambda: shows(CHANGES))

    passed = datetime.now(UTC) - timedelta(days=1)
    club.api("PATCH", f"missions/{club.ids['week-2']}", {"title": "2주차", "due_at": passed.isoformat()})
    club.running.wait_for("GitHub shows that it is late", lambda: shows(LATE))
    [run] = club.github.check_runs(f"{CLUB}/week-2")
    assert (run["name"], run["conclusion"]) == ("seodang/2주차", "neutral")


@pytest.mark.parametrize(
    ("member", "request_of"),
    [
        pytest.param(1, f"GET .*/commits/{head_of(1)}/check-runs", id="before GitHub has it"),
        pytest.param(2, f"POST .*/check-runs .*{head_of(2)}", id="after GitHub has created it"),
    ],
)
def test_a_killed_worker_leaves_one_check_run(club: Club, member: int, request_of: str) -> None:
    held = club.github.holds(request_of)
    club.open_pull_request(member)
    club.running.wait_for("the worker waits for GitHub", held.has_arrived.is_set)

    club.worker.kill()
    held.is_released.set()
    club.request_changes(member)
    club.pass_time(CHECK_RUNS, EVER)

    club.running.wait_for(
        "GitHub shows the review", lambda: club.has_sent_all() and CHANGES in club.check_runs(member)
    )
    assert club.check_runs(member) == [CHANGES]


def test_a_worker_that_was_paused_longer_than_its_lease_leaves_the_newest_state(club: Club) -> None:
    def shows(title: str) -> bool:
        return club.has_sent_all() and club.check_runs(3)[:1] == [title]

    held = club.github.holds(f"GET .*/commits/{head_of(3)}/check-runs")
    club.open_pull_request(3)
    club.running.wait_for("the worker waits for GitHub", held.has_arrived.is_set)
    club.worker.pause()
    held.is_released.set()
    club.pass_time(CHECK_RUNS, EVER)

    with club.second_worker():
        club.running.wait_for("another has sent it", lambda: shows(WAITS))
        club.request_changes(3)
        club.running.wait_for("GitHub shows the review", lambda: shows(CHANGES))
        sent = len(club.github.checks)
        club.worker.resume()
        club.running.wait_for("the first one goes on", lambda: len(club.github.checks) > sent)
        club.running.wait_for("GitHub shows the review in the end", lambda: shows(CHANGES))


def test_one_check_run_comes_through_whatever_github_answers(club: Club) -> None:
    # All tokens are revoked, then each answer of a bad day.
    club.github.meets(f"GET .*/commits/{head_of(4)}/check-runs", club.github.tokens.clear)
    club.github.meets(f"POST .*/check-runs .*{head_of(4)}", (502, {}, {}), LIMIT, LOST)
    club.open_pull_request(4)

    def comes_through() -> bool:
        club.pass_time(CHECK_RUNS, RETRIES)
        return not club.github.faults and club.has_sent_all()

    club.running.wait_for("GitHub shows it", comes_through)
    assert club.check_runs(4) == [WAITS]


def test_each_member_gets_one_repository_whatever_is_killed_and_lost(club: Club) -> None:
    generate = f"POST /repos/{TEMPLATE}/generate .*member-"
    club.github.meets(f"{generate}1", LIMIT)
    held = club.github.holds(f"{generate}2")
    club.github.meets(f"{generate}3", LOST)
    club.github.meets(f"{generate}4", club.github.tokens.clear)
    club.github.meets(f"{generate}5", (502, {}, {}))
    club.github.meets("PUT .*/collaborators/member-6", LOST)
    path = f"cohorts/{club.ids['cohort']}/repository-patterns/{club.ids['pattern']}/runs"

    run = club.api("POST", path, {"template": TEMPLATE, "prefix": "own-"})

    def comes_to_the_second() -> bool:
        club.pass_time(CREATIONS, RETRIES)
        return held.has_arrived.is_set()

    club.running.wait_for("the worker is at the second", comes_to_the_second)
    [progress] = club.api("GET", path)["results"]
    assert (progress["total"], progress["done"], progress["failed"]) == (len(MEMBERS), 1, 0)
    club.worker.kill()
    held.is_released.set()
    club.running.restart_ended()
    club.pass_time(CREATIONS, EVER)

    def ends() -> bool:
        club.pass_time(CREATIONS, RETRIES)
        [progress] = club.api("GET", path)["results"]
        return bool(progress["done"] + progress["failed"] == len(MEMBERS))

    club.running.wait_for("the run ends", ends)
    assert not club.github.faults
    names = {f"{CLUB}/own-member-{member}" for member in MEMBERS}
    assert set(club.github.created) == names
    assert {name for name, _login in club.github.invited} == names
    rows = club.api("GET", f"cohorts/{club.ids['cohort']}/template-runs/{run['id']}")["results"]
    assert Counter(row["state"] for row in rows) == {"done": len(MEMBERS)}
    # Again adds nothing.
    again = club.api("POST", path, {"template": TEMPLATE, "prefix": "own-"})
    assert (again["id"], again["done"]) == (run["id"], len(MEMBERS))
