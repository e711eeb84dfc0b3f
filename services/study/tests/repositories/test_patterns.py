"""Patterns of personal repositories: what they match, and whose each repository is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership
from study.github.actions.webhooks import create_webhook
from study.github.models import Outcome, PullRequest, Repository
from study.missions.actions.missions import delete_mission, update_mission
from study.repositories.tasks import discover_new_repositories
from study.submissions.models import Submission
from study.submissions.tasks import discover_new_pull_requests
from tests.conftest import ADA, OLGA
from tests.github.conftest import deliver
from tests.github.payloads import isoformat, make_mission, person, pull_request
from tests.missions.test_pages import TYPED
from tests.repositories.conftest import OWNER

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(as_principal):
    return as_principal(OLGA)


@pytest.fixture
def path(club):
    return f"/cohorts/{club.cohort.id}/repositories/"


@pytest.mark.parametrize(
    ("existing", "expected"),
    [(0, "저장소가 없어요"), (3, "저장소가 3개예요"), (2000, "저장소가 999개 이상이에요")],
)
def test_how_many_match_is_said_before_a_pattern_is_saved(
    existing, expected, github, olga, path, api_as, club
):
    github.repositories.clear()
    for number in range(existing):
        github.add(f"{OWNER}/week-{number}")
    github.add(f"{OWNER}/other")
    typed = {"name": f"https://github.com/{OWNER.upper()}/week-*"}

    asked = olga.post(f"{path}patterns/", typed)

    assert asked.status_code == 200
    assert expected in asked.content.decode()
    assert "38-LETS" in asked.content.decode()
    assert not Repository.objects.exists()
    matches = f"/api/v1/study/cohorts/{club.cohort.id}/repository-patterns/matches"
    counted = api_as(OLGA).get(matches, typed).json()
    assert counted == {
        "pattern": f"{OWNER}/week-*",
        # One of the newest is another.
        "count": min(existing, 999),
        "has_more": existing > 1000,
    }
    saved = olga.post(f"{path}patterns/", typed | {"seen": f"{OWNER}/week-*"})
    assert saved["Location"] == path
    assert Repository.objects.get().name == f"{OWNER}/week-*"


def test_a_person_has_repositories_too(github, olga, path):
    github.add("ada-codes/week-1")

    assert "저장소가 1개예요" in olga.post(f"{path}patterns/", {"name": "ada-codes/*"}).content.decode()


def test_without_github_it_may_be_saved(settings, olga, path):
    settings.GITHUB_API_URL = "http://127.0.0.1:1"

    asked = olga.post(f"{path}patterns/", {"name": "club/*"})

    assert "응답하지 않아요" in asked.content.decode()
    assert 'name="seen" value="club/*"' in asked.content.decode()
    assert olga.post(f"{path}patterns/", {"name": "club/*", "seen": "club/*"}).status_code == 302


@pytest.mark.parametrize("typed", ["", "club/one", "club", "*/x", "클럽/*", "x" * 400])
def test_what_is_no_pattern_comes_back(typed, olga, path):
    answer = olga.post(f"{path}patterns/", {"name": typed})

    assert answer.status_code == 422
    assert typed in answer.content.decode()


def test_repositories_are_found_without_a_webhook(github, pattern, olga, path, clock):
    for number in range(150):
        github.add(f"{OWNER}/week-{number:03}")
    github.add("elsewhere/week-1")

    discover_new_repositories()

    # With the template.
    assert Repository.objects.filter(pattern=pattern, member=None, polled_at=None).count() == 151
    page = olga.get(path).content.decode()
    assert "미배정" in page
    assert f"{OWNER}/week-000" in page
    assert olga.get(path).context["page"].next
    discover_new_repositories()
    github.add(f"{OWNER}/week-150")
    clock(timedelta(minutes=11))
    discover_new_repositories()
    assert Repository.objects.filter(pattern=pattern).count() == 152


def test_what_was_found_is_polled_and_the_author_says_whose_it_is(github, pattern, club, clock):
    make_mission(club, repository=pattern.name, part=None, opens_at=NOW - timedelta(days=3000))
    row = github.add(f"{OWNER}/ada")
    discover_new_repositories()
    opened = pull_request(number=1, repository=f"{OWNER}/ada", repository_id=row["id"])["pull_request"]
    github.pulls[f"{OWNER}/ada"] = [opened]
    discover_new_pull_requests()

    repository = Repository.objects.get(github_id=row["id"])
    assert repository.member == club.ada
    assert Submission.objects.get().membership == club.ada


def test_an_operator_assigns_a_repository_and_what_waited_becomes_a_submission(
    club, olga, path, pattern, api_as
):
    make_mission(club, repository=pattern.name, part=None)
    newcomer = Membership.objects.create(cohort=club.cohort, account_id=uuid4(), role="member", joined_at=NOW)
    webhook = create_webhook(cohort=club.cohort, at=NOW, by=OLGA)
    unknown = pull_request(
        number=1, repository=f"{OWNER}/somebody", repository_id=5001, user=person(999, "unknown")
    )
    answer = deliver(webhook.webhook.id, webhook.secret, "pull_request", unknown)
    assert answer.json()["outcome"] == Outcome.UNKNOWN_PERSON
    repository = Repository.objects.get(github_id=5001)
    assert repository.member is None

    page = olga.get(f"{path}?show=unassigned").content.decode()
    assert f"{path}{repository.id}/" in page
    saved = olga.post(f"{path}{repository.id}/", {"membership_id": str(newcomer.id)})

    assert saved["Location"] == path
    assert Submission.objects.get().membership == newcomer
    assert PullRequest.objects.get().unmatched == ""
    # Known from now on: a stranger's pull request is not theirs.
    newcomer.github_id = 999
    newcomer.save(update_fields=["github_id"])
    stranger = pull_request(
        number=2, repository=f"{OWNER}/somebody", repository_id=5001, user=person(1000, "stranger")
    )
    answer = deliver(webhook.webhook.id, webhook.secret, "pull_request", stranger)
    assert answer.json()["outcome"] == Outcome.UNKNOWN_PERSON
    # Changed, by the API, and given back.
    root = f"/api/v1/study/cohorts/{club.cohort.id}/repositories"
    changed = api_as(OLGA).put(f"{root}/{repository.id}", {"membership_id": str(club.ada.id)})
    assert changed.json()["membership_id"] == str(club.ada.id)
    assert olga.post(f"{path}{repository.id}/", {"membership_id": ""}).status_code == 302
    assert api_as(OLGA).get(root).json()["results"][0]["membership_id"] is None
    assert Submission.objects.get().membership == newcomer


@pytest.mark.parametrize("who", ["boris", "clara"])
def test_only_a_member_of_the_cohort_has_a_personal_repository(who, club, olga, path, pattern, api_as):
    repository = Repository.objects.create(
        cohort=club.cohort, name=f"{OWNER}/x", github_id=1, named_at=NOW, pattern=pattern
    )
    chosen = {"membership_id": str(getattr(club, who).id)}

    page = olga.post(f"{path}{repository.id}/", chosen)
    answer = api_as(OLGA).put(f"/api/v1/study{path.removesuffix('/')}/{repository.id}", chosen)

    assert page.status_code == 422
    assert (answer.status_code, answer.json()["code"]) == (400, "not_a_member")


def test_members_see_nothing_of_it(club, as_principal, path, pattern):
    assert as_principal(ADA).get(path).status_code == 404
    assert as_principal(ADA).get(f"{path}patterns/{pattern.id}/").status_code == 404


def test_the_page_costs_the_same_for_more_repositories(
    club, olga, path, pattern, django_assert_max_num_queries
):
    for number in range(40):
        Repository.objects.create(
            cohort=club.cohort, name=f"{OWNER}/{number}", github_id=number + 1, named_at=NOW, pattern=pattern
        )

    with django_assert_max_num_queries(10):
        assert olga.get(path).content.decode().count("<tr>") == 43


def test_a_new_repository_is_watched_with_githubs_event(club, pattern):
    webhook = create_webhook(cohort=club.cohort, at=NOW, by=OLGA)
    created = {"id": 5002, "full_name": f"{OWNER}/New", "updated_at": isoformat(NOW)}
    payload = {"action": "created", "repository": created}

    first = deliver(webhook.webhook.id, webhook.secret, "repository", payload)
    again = deliver(webhook.webhook.id, webhook.secret, "repository", payload)
    created["full_name"] = "elsewhere/new"
    created["id"] = 5003
    other = deliver(webhook.webhook.id, webhook.secret, "repository", payload)

    outcomes = [answer.json()["outcome"] for answer in (first, again, other)]
    assert outcomes == [Outcome.REPOSITORY, Outcome.REPOSITORY, Outcome.UNKNOWN_REPOSITORY]
    assert Repository.objects.get(github_id=5002).name == f"{OWNER}/new"


def test_a_pattern_whose_repositories_were_found_outlives_its_missions(club, pattern):
    mission = make_mission(club, repository=pattern.name)
    Repository.objects.create(
        cohort=club.cohort, name=f"{OWNER}/x", github_id=1, named_at=NOW, pattern=pattern
    )
    as_before: dict[str, Any] = {
        name: getattr(mission, name) for name in ("week_id", "part_id", "title", "body", "opens_at", "due_at")
    }

    update_mission(mission=mission, repository="club/other", at=NOW, **as_before, by=OLGA)
    mission.refresh_from_db()
    update_mission(mission=mission, repository=pattern.name, at=NOW, **as_before, by=OLGA)
    mission.refresh_from_db()
    delete_mission(mission=mission, by=OLGA, at=NOW)

    pattern.refresh_from_db()
    assert (pattern.name, pattern.repositories.count()) == (f"{OWNER}/*", 1)


def test_a_mission_says_what_its_new_pattern_matches_before_it_is_saved(github, club, olga):
    typed = TYPED | {"week_id": str(club.weeks[2].id), "repository": f"{OWNER}/*", "marker": "week 1"}
    path = f"/cohorts/{club.cohort.id}/missions/new/"

    asked = olga.post(path, typed)
    refused = olga.post(path, typed | {"seen_pattern": f"{OWNER}/*", "title": ""})
    other = olga.post(path, typed | {"seen_pattern": f"{OWNER}/*", "repository": "nobody/*"})

    assert (asked.status_code, refused.status_code, other.status_code) == (200, 422, 200)
    text = asked.content.decode()
    assert "저장소가 1개예요" in text
    assert typed["title"] in text
    assert typed["body"] in text
    assert 'value="week 1"' in text
    assert "저장소가 없어요" in other.content.decode()
    assert f'name="seen_pattern" value="{OWNER}/*"' in refused.content.decode()
    assert not Repository.objects.exists()
    saved = olga.post(path, typed | {"seen_pattern": f"{OWNER}/*"})
    assert saved.status_code == 302
    # Known by now, so the next mission is saved at once.
    following = typed | {"title": "다음", "marker": "week 2", "week_id": str(club.weeks[3].id)}
    assert olga.post(path, following).status_code == 302
    assert Repository.objects.get().missions.count() == 2
