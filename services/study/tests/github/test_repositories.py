"""A mission's repository is known by GitHub's numeric id: renamed, transferred or made anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from study.github.actions.polling import discover_pull_requests
from study.github.models import PullRequest
from study.missions.models import Mission
from study.submissions.models import Attempt, Submission
from tests.conftest import ADA, OLGA, mission_page
from tests.github.payloads import (
    REPOSITORY,
    REPOSITORY_ID,
    A,
    B,
    closed,
    make_mission,
    person,
    pull_request,
    push,
    repository,
)
from tests.submissions.conftest import fake_github

__all__ = ["fake_github"]

pytestmark = pytest.mark.django_db

RENAMED, MOVED = "ceos-developers/vote-15th", "ceos-archive/vote-15th"
SAME: dict[str, Any] = {"repository_id": REPOSITORY_ID}


@pytest.fixture
def page(mission, as_principal) -> Any:
    """page(account) → what the mission's page shows them."""
    return lambda who: as_principal(who).get(mission_page(mission)).content.decode()


@pytest.fixture
def corrected(mission, as_principal) -> Any:
    """corrected(repository) → the answer to an operator who enters it on the mission's edit page."""

    def enter(name: str) -> Any:
        form = as_principal(OLGA).get(f"{mission_page(mission)}edit/").context["form"]
        typed: dict[str, Any] = {name: value or "" for name, value in form.initial.items()}
        for name_ in ("opens_at", "due_at"):
            typed[name_] = typed[name_].strftime("%Y-%m-%dT%H:%M")
        return as_principal(OLGA, zoneinfo="UTC").post(
            f"{mission_page(mission)}edit/",
            {**typed, "repository": name, "criteria-TOTAL_FORMS": "0", "criteria-INITIAL_FORMS": "0"},
        )

    return enter


def outcome(answer: Any) -> str:
    said: str = answer.json()["outcome"]
    return said


def test_after_a_rename_and_a_transfer_pull_requests_are_handed_in_as_before(mission, send, page):
    send("pull_request", pull_request())

    payload = repository("renamed", at=1, name=RENAMED, was="django-vote-15th")
    assert outcome(send("repository", payload)) == "repository"
    assert outcome(send("pull_request", push(A, B, at=2, repository=RENAMED, **SAME))) == "resubmitted"
    payload = repository("transferred", at=3, name=MOVED, was="ceos-developers")
    assert outcome(send("repository", payload)) == "repository"
    merged = closed(at=4, sha=B, merged=True, repository=MOVED, **SAME)
    assert outcome(send("pull_request", merged)) == "updated"

    assert Submission.objects.get().state == "merged"
    mission.refresh_from_db()
    assert mission.repository == MOVED
    assert f"{RENAMED} → {MOVED}" in page(OLGA)
    assert RENAMED not in page(ADA)


def test_a_rename_of_which_no_event_tells_is_noticed_with_the_next_pull_request(mission, send, page):
    send("pull_request", pull_request())

    assert outcome(send("pull_request", push(A, B, at=2, repository=RENAMED, **SAME))) == "resubmitted"

    assert f"{REPOSITORY} → {RENAMED}" in page(OLGA)


def test_an_old_delivery_does_not_put_the_old_name_back(mission, send):
    send("pull_request", pull_request())
    send("repository", repository("renamed", at=3, name=RENAMED, was="django-vote-15th"))

    assert outcome(send("pull_request", push(A, B, at=2))) == "resubmitted"

    mission.refresh_from_db()
    assert mission.repository == RENAMED


def test_the_id_is_learned_once_and_another_repository_of_that_name_is_unknown(mission, send):
    send("pull_request", pull_request())

    squatter = pull_request(number=9, repository=REPOSITORY, repository_id=666)
    assert outcome(send("pull_request", squatter)) == "unknown_repository"
    assert outcome(send("pull_request", pull_request("labeled", at=1))) == "unchanged"
    assert PullRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "words"), [("privatized", "비공개로 바뀐 저장소예요"), ("deleted", "삭제된 저장소예요")]
)
def test_operators_see_what_became_of_it_and_nothing_is_removed(mission, send, page, api_as, action, words):
    send("pull_request", pull_request())

    assert outcome(send("repository", repository(action, at=5))) == "repository"

    assert (Submission.objects.count(), Attempt.objects.count()) == (1, 1)
    assert words in page(OLGA)
    assert words not in page(ADA)
    said = api_as(OLGA).get(f"/api/v1/study/missions/{mission.id}").json()["github"]
    assert (said["github_id"], said["state"]) == (
        REPOSITORY_ID,
        {"privatized": "private"}.get(action, action),
    )
    assert api_as(ADA).get(f"/api/v1/study/missions/{mission.id}").json()["github"] is None


def test_public_again_whichever_event_comes_first(mission, send, page):
    send("repository", repository("publicized", at=6))
    send("repository", repository("privatized", at=5))

    assert "비공개" not in page(OLGA)


def test_a_rename_before_any_delivery_is_corrected_by_an_operator(mission, send, corrected, page):
    PullRequest.objects.create(
        repository=mission.github_repository,
        cohort=mission.cohort,
        number=7,
        github_id=1_000_007,
        author_id=5,
        state="open",
        opened_at=mission.opens_at,
        github_updated_at=mission.opens_at,
    )
    delivery = pull_request(repository=RENAMED, **SAME)
    assert outcome(send("pull_request", delivery)) == "unknown_repository"

    assert corrected(f"https://github.com/{RENAMED}").status_code == 302

    assert outcome(send("pull_request", delivery)) == "submitted"
    assert outcome(send("pull_request", push(A, B, at=2, repository=MOVED, **SAME))) == "resubmitted"
    assert PullRequest.objects.filter(number=7).exists()
    assert MOVED in page(OLGA)


def test_a_form_opened_before_the_rename_does_not_undo_it(mission, send, corrected):
    send("pull_request", pull_request())
    send("repository", repository("renamed", at=1, name=RENAMED, was="django-vote-15th"))

    assert corrected(REPOSITORY).status_code == 302

    mission.refresh_from_db()
    assert (mission.repository, mission.github_repository.github_id) == (RENAMED, REPOSITORY_ID)


def test_one_made_anew_under_the_name_of_a_deleted_one_takes_its_place(mission, send, page):
    send("pull_request", pull_request())
    send("repository", repository("deleted", at=1))

    again = pull_request(number=2, repository=REPOSITORY, repository_id=666, user=person(9, "somebody"))
    assert outcome(send("pull_request", again)) == "unknown_person"
    assert "삭제된" not in page(OLGA)
    # A number that the repository before had given out stays that pull request's.
    clash = pull_request(repository=REPOSITORY, repository_id=666)
    clash["pull_request"].update(id=5, created_at=clash["pull_request"]["updated_at"].replace("2026", "2027"))
    assert outcome(send("pull_request", clash)) == "other_pull"
    assert PullRequest.objects.exclude(submission=None).get().github_id == 1_000_042


def test_a_poll_follows_a_rename_and_refuses_who_took_the_name(mission, fake_github):
    now = timezone.now()
    list_path = f"/repos/{REPOSITORY}/pulls"
    moved = pull_request(repository=RENAMED, **SAME)["pull_request"]
    fake_github.says(list_path, [moved])
    discover_pull_requests(
        repository_id=mission.github_repository_id,
        opened_since=mission.opens_at,
        github=fake_github.client,
        at=now,
    )
    mission.refresh_from_db()
    assert (mission.repository, mission.github_repository.github_id) == (RENAMED, REPOSITORY_ID)
    assert Submission.objects.count() == 1

    squatter = pull_request(number=9, repository=RENAMED, repository_id=666)["pull_request"]
    fake_github.says(f"/repos/{RENAMED}/pulls", [squatter])
    discover_pull_requests(
        repository_id=mission.github_repository_id,
        opened_since=mission.opens_at,
        github=fake_github.client,
        at=now,
    )
    assert PullRequest.objects.count() == 1


def test_the_name_of_another_mission_is_left_to_it(mission, club, send):
    other = make_mission(club, repository=RENAMED, title="다른 미션")
    send("pull_request", pull_request())

    renamed = push(A, B, at=2, repository=RENAMED, **SAME)
    assert outcome(send("pull_request", renamed)) == "resubmitted"

    assert Submission.objects.get().mission == mission
    assert {m.repository for m in Mission.objects.all()} == {REPOSITORY, other.repository}


def test_a_cohort_learns_it_for_itself(mission, club, send):
    elsewhere = make_mission(club, cohort=club.other, part=None)
    send("pull_request", pull_request())

    elsewhere.refresh_from_db()
    assert elsewhere.github_repository
    assert elsewhere.github_repository.github_id is None
    assert Submission.objects.get().mission == mission
