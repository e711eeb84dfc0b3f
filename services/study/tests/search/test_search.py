"""Search finds what the reader may read, and nothing else."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW, assert_constant_queries
from study.announcements.actions import withdraw
from study.cohorts.models import Membership, Role, Team
from study.missions.models import Mission
from study.search.rules import clean_text
from tests.announcements.test_announcements import say
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.reviews.conftest import create_submission, work  # noqa: F401


@pytest.fixture
def find(club, api_as):
    """find(account_id, text) → titles and names by group."""

    def search(account_id, text):
        answer = api_as(account_id).get(f"/api/v1/study/cohorts/{club.cohort.id}/search", {"q": text})
        assert answer.status_code == 200, answer.json()
        found = answer.json()
        return {
            group: [
                row.get("title") or row.get("mission_title") or row["name"] for row in found[group]["rows"]
            ]
            for group in ("members", "missions", "submissions", "announcements")
        }

    return search


def test_members_are_found_by_name_and_login_in_any_case(find, club):
    assert find(ADA, "BOR")["members"] == ["Boris"]
    assert find(ADA, "ada-codes")["members"] == ["Ada"]
    assert find(ADA, "Clara")["members"] == [], "of another cohort"


def test_a_syllable_finds_and_decomposed_hangul_too(find, club):
    say(club, title="휴강 안내")

    assert find(ADA, "강")["announcements"] == ["휴강 안내"]
    assert find(ADA, unicodedata.normalize("NFD", "휴강"))["announcements"] == ["휴강 안내"]


def test_the_text_of_a_mission_is_found_by_members_once_it_is_open(find, club, work):  # noqa: F811
    Mission.objects.filter(id=work.mission.id).update(body="비밀 과제", opens_at=NOW - timedelta(days=90))
    assert find(ADA, "비밀")["missions"] == ["django-vote"]

    later = NOW + timedelta(days=9000)
    Mission.objects.filter(id=work.mission.id).update(opens_at=later, due_at=later + timedelta(days=1))

    assert find(ADA, "비밀")["missions"] == []
    assert find(BORIS, "비밀")["missions"] == ["django-vote"]
    assert find(ADA, "VOTE")["missions"] == ["django-vote"], "its title is in their list"


def test_a_mission_of_another_team_is_found_as_the_list_of_missions_has_it(find, club, work):  # noqa: F811
    other = Team.objects.create(cohort=club.cohort, name="2조")
    Mission.objects.filter(id=work.mission.id).update(part=None, team=other)
    assert find(ADA, "vote")["missions"] == ["django-vote"], "she has submitted it"

    work.submission.delete()

    assert find(ADA, "vote")["missions"] == []
    assert find(BORIS, "vote")["missions"] == ["django-vote"]
    Membership.objects.filter(id=club.ada.id).update(team=other)
    assert find(ADA, "vote")["missions"] == ["django-vote"]


def test_members_find_their_own_submissions_and_mentors_all(find, club, work):  # noqa: F811
    bea = Membership.objects.create(cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=NOW)
    AccountMirror.objects.create(account_id=bea.account_id, name="Bea", version=1)
    create_submission(work.mission, bea, number=43)

    assert find(ADA, "vote")["submissions"] == ["django-vote"]
    assert find(ADA, "Bea")["submissions"] == []
    assert find(BORIS, "bea")["submissions"] == ["django-vote"]
    assert len(find(OLGA, "과제 제출")["submissions"]) == 2


def test_announcements_are_found_by_whom_they_are_for(find, club):
    say(club, part=club.frontend, title="프론트 안내")
    withdrawn = say(club, title="지난 안내")
    withdraw(announcement=withdrawn, at=NOW)

    assert find(ADA, "안내")["announcements"] == []
    assert sorted(find(OLGA, "안내")["announcements"]) == ["지난 안내", "프론트 안내"]


def test_signs_of_patterns_are_signs(find, club):
    say(club, title="100% 완료")

    assert find(ADA, "0%")["announcements"] == ["100% 완료"]
    assert find(ADA, "_")["announcements"] == []


def test_others_see_nothing_and_an_empty_text_is_refused(club, api_as, as_principal):
    path = f"/api/v1/study/cohorts/{club.cohort.id}/search"

    assert api_as(CLARA).get(path, {"q": "a"}).status_code == 404
    assert api_as(ADA).get(path, {"q": " \u00a0 "}).status_code == 400
    assert as_principal(CLARA).get(f"/cohorts/{club.cohort.id}/search/", {"q": "a"}).status_code == 404


def test_the_page_groups_what_it_finds_and_says_how_much(club, work, as_principal):  # noqa: F811
    say(club, title="vote 안내")
    page = f"/cohorts/{club.cohort.id}/search/"

    text = as_principal(OLGA, locale="en").get(page, {"q": "vote"}).content.decode()

    assert 'role="status"' in text
    assert "3 results for “vote”" in text
    for heading in ("h-missions", "h-submissions", "h-announcements"):
        assert f'id="{heading}"' in text
    assert 'id="h-members"' not in text


def test_the_page_says_that_nothing_was_found_and_keeps_the_text(club, as_principal):
    page = f"/cohorts/{club.cohort.id}/search/"

    text = as_principal(ADA).get(page, {"q": "없는 것"}).content.decode()

    assert "찾은 것이 없어요" in text
    assert 'value="없는 것"' in text
    assert as_principal(ADA).get(page).status_code == 200


def test_ten_of_each_are_shown(club, as_principal, api_as):
    for n in range(12):
        say(club, title=f"안내 {n}")

    found = api_as(ADA).get(f"/api/v1/study/cohorts/{club.cohort.id}/search", {"q": "안내"}).json()

    assert len(found["announcements"]["rows"]) == 10
    assert found["announcements"]["has_more"]
    assert not found["missions"]["has_more"]


def test_the_statements_do_not_grow_with_the_rows(club, work, as_principal):  # noqa: F811
    browser = as_principal(OLGA)
    say(club, title="a")

    def more() -> None:
        for n in range(5):
            say(club, title=f"a {n}")
            member = Membership.objects.create(
                cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=NOW
            )
            AccountMirror.objects.create(account_id=member.account_id, name=f"a {n}", version=1)
            create_submission(work.mission, member, number=100 + n)

    assert_constant_queries(lambda: browser.get(f"/cohorts/{club.cohort.id}/search/", {"q": "a"}), more)


@pytest.mark.parametrize(
    ("typed", "text"),
    [("  A  b ", "a b"), ("\x00", ""), ("\t가\n", "가"), ("x" * 200, "x" * 100), ("", "")],
)
def test_what_is_looked_for(typed, text):
    assert clean_text(typed) == text
