"""A new submission has a reviewer: the team's mentor, else the least busy one of the part."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.actions import set_automatic_assignment
from study.cohorts.models import AuditEntry, AuditKind, Cohort, Membership, Role, Team, TeamKind
from study.submissions.actions.reviewers import assign_reviewer
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA, review_page
from tests.github.payloads import person, pull_request, push

pytestmark = pytest.mark.django_db


@pytest.fixture
def automatic(mission, club) -> Cohort:
    return set_automatic_assignment(cohort=club.cohort, is_on=True)


def add(club, role, *, part=None, account_id: UUID | None = None, **more) -> Membership:
    account_id = account_id or uuid4()
    AccountMirror.objects.get_or_create(account_id=account_id, defaults={"name": "Somebody", "version": 1})
    return Membership.objects.create(
        cohort=club.cohort, account_id=account_id, role=role, part=part, joined_at=NOW, **more
    )


def add_team(club, kind, mentor_id, member) -> Team:
    team = Team.objects.create(cohort=club.cohort, name=kind, kind=kind, mentor_id=mentor_id)
    field = "study_team" if kind == TeamKind.STUDY else "team"
    Membership.objects.filter(id=member.id).update(**{field: team})
    return team


def send_of(send, members, first=100) -> None:
    for number, member in enumerate(members, start=first):
        author = person(member.github_id, f"member-{member.github_id}")
        assert send("pull_request", pull_request(number=number, user=author)).status_code == 200


def test_the_mentor_of_the_part_has_it_and_is_notified(automatic, send, published, as_principal, api_as):
    send("pull_request", pull_request())

    submission = Submission.objects.get()
    assert submission.mentor_id == BORIS
    assert published("study.submission_received.v1")[-1]["recipients"] == [str(ADA), str(BORIS)]
    assert review_page(submission) in as_principal(BORIS).get("/reviews/").content.decode()
    [row] = api_as(BORIS).get("/api/v1/study/reviews").json()["results"]
    assert row["id"] == str(submission.id)


def test_new_commits_stay_with_whoever_reviews_it(automatic, send, club):
    send("pull_request", pull_request())
    Submission.objects.update(mentor_id=OLGA)
    add(club, Role.MENTOR, part=club.backend)

    send("pull_request", push("a" * 40, "b" * 40, at=5))

    assert Submission.objects.get().mentor_id == OLGA


@pytest.mark.parametrize("kind", [TeamKind.STUDY, TeamKind.PROJECT])
def test_the_mentor_of_the_team_goes_before_the_part(automatic, send, club, kind):
    add_team(club, kind, OLGA, club.ada)

    send("pull_request", pull_request())

    assert Submission.objects.get().mentor_id == OLGA


def test_the_study_team_goes_before_the_project_team(automatic, send, club):
    mentor = add(club, Role.MENTOR, part=club.frontend)
    add_team(club, TeamKind.PROJECT, OLGA, club.ada)
    add_team(club, TeamKind.STUDY, mentor.account_id, club.ada)

    send("pull_request", pull_request())

    assert Submission.objects.get().mentor_id == mentor.account_id


def test_a_mentor_of_the_team_who_reviews_here_no_more_is_not_asked(automatic, send, club):
    add_team(club, TeamKind.STUDY, CLARA, club.ada)

    send("pull_request", pull_request())

    assert Submission.objects.get().mentor_id == BORIS


def test_nobody_reviews_themselves(automatic, send, club):
    add_team(club, TeamKind.STUDY, ADA, club.ada)
    send("pull_request", pull_request())
    Membership.objects.filter(id=club.ada.id).update(role=Role.MENTOR)
    Membership.objects.filter(id=club.boris.id).update(left_at=NOW)

    send("pull_request", push("a" * 40, "b" * 40, at=5))

    assert not Submission.objects.assigned().exists()


def test_without_a_reviewer_of_the_part_it_waits_for_nobody(automatic, send, club):
    Membership.objects.filter(id=club.boris.id).update(part=club.frontend)

    send("pull_request", pull_request())

    assert Submission.objects.get().mentor_id is None


def test_a_mentor_without_a_part_and_an_operator_of_the_part_review_too(automatic, send, club):
    Membership.objects.filter(id=club.boris.id).update(part=None)
    send("pull_request", pull_request())
    assert Submission.objects.get().mentor_id == BORIS

    Membership.objects.filter(id=club.olga.id).update(part=club.backend)
    send_of(send, [add(club, Role.MEMBER, part=club.backend, github_id=2000)])

    assert Submission.objects.get(pull_request__number=100).mentor_id == OLGA


def test_one_that_waits_for_no_review_is_given_to_nobody(mission, send, club):
    send("pull_request", pull_request())
    Submission.objects.update(awaits_review=False)
    set_automatic_assignment(cohort=club.cohort, is_on=True)

    assign_reviewer(submission=Submission.objects.get())

    assert Submission.objects.get().mentor_id is None


def test_a_cohort_can_turn_it_off_on_its_page_and_by_the_api(automatic, send, club, as_principal, api_as):
    olga, page = as_principal(OLGA), f"/cohorts/{club.cohort.id}/reviewers/"

    olga.post(f"{page}automatic/", {"is_on": "0"})
    send("pull_request", pull_request())
    assert Submission.objects.get().mentor_id is None
    assert 'name="is_on" value="1"' in olga.get(page).content.decode()

    address = f"/api/v1/study/cohorts/{club.cohort.id}"
    assert (
        api_as(OLGA).put(f"{address}/reviewers/automatic", {"is_on": True}, format="json").status_code == 204
    )
    assert api_as(OLGA).get(address).json()["assigns_reviewers"] is True
    send("pull_request", push("a" * 40, "b" * 40, at=5))
    assert Submission.objects.get().mentor_id == BORIS


@pytest.fixture
def thirty(automatic, send, club) -> list[UUID]:
    """Submissions of thirty members; the accounts of the part's three mentors."""
    mentors = [club.boris, *(add(club, Role.MENTOR, part=club.backend) for _ in range(2))]
    members = [add(club, Role.MEMBER, part=club.backend, github_id=2000 + n) for n in range(30)]
    send_of(send, members)
    return [mentor.account_id for mentor in mentors]


def shares() -> Counter[UUID | None]:
    return Counter(Submission.objects.assigned().values_list("mentor_id", flat=True))


def test_thirty_members_and_three_mentors_come_out_even(thirty):
    assert shares() == dict.fromkeys(thirty, 10)


def leave(club, as_principal, deliver_event) -> None:
    as_principal(BORIS).post(f"/cohorts/{club.cohort.id}/leave/")


def be_removed(club, as_principal, deliver_event) -> None:
    as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/members/{club.boris.id}/remove/")


def be_demoted(club, as_principal, deliver_event) -> None:
    as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/members/{club.boris.id}/", {"role": "member"})


def close_the_account(club, as_principal, deliver_event) -> None:
    deliver_event("users.account_closed.v1", {"account_id": BORIS, "version": 9})
    deliver_event("users.account_closed.v1", {"account_id": BORIS, "version": 9})


@pytest.mark.parametrize("go", [leave, be_removed, be_demoted, close_the_account])
def test_what_waits_for_a_mentor_who_goes_is_shared_out_again(thirty, club, as_principal, deliver_event, go):
    reviewed = Submission.objects.filter(mentor_id=BORIS)[0]
    Submission.objects.filter(id=reviewed.id).update(awaits_review=False, released_at=NOW)

    go(club, as_principal, deliver_event)

    others = [account_id for account_id in thirty if account_id != BORIS]
    assert sorted(shares()[account_id] for account_id in others) == [14, 15]
    reviewed.refresh_from_db()
    assert reviewed.mentor_id == BORIS
    entry = AuditEntry.objects.get(kind=AuditKind.REVIEWS_REASSIGNED)
    assert (entry.kind, entry.subject_id, entry.count) == ("reviews_reassigned", BORIS, 9)
    page = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/reviewers/").content.decode()
    name = "탈퇴한 회원" if go is close_the_account else "Boris"
    assert f"{name} 님을 기다리던 제출 9개를 다시 나눠 배정했어요" in page


def test_with_nobody_left_it_waits_for_nobody_and_nothing_is_reported(automatic, send, club, as_principal):
    send("pull_request", pull_request())

    as_principal(BORIS).post(f"/cohorts/{club.cohort.id}/leave/")

    assert Submission.objects.unassigned().count() == 1
    assert not AuditEntry.objects.filter(kind=AuditKind.REVIEWS_REASSIGNED).exists()


def test_a_cohort_that_assigns_by_hand_shares_nothing_out(thirty, club, as_principal):
    set_automatic_assignment(cohort=club.cohort, is_on=False)

    as_principal(BORIS).post(f"/cohorts/{club.cohort.id}/leave/")

    assert Submission.objects.unassigned().count() == 10
    assert not AuditEntry.objects.filter(kind=AuditKind.REVIEWS_REASSIGNED).exists()


def test_the_number_of_statements_does_not_grow_with_reviewers(automatic, send, club):
    numbers = iter(range(300, 310))

    def submit() -> None:
        number = next(numbers)
        send_of(send, [add(club, Role.MEMBER, part=club.backend, github_id=3000 + number)], first=number)

    def add_mentors() -> None:
        for _ in range(5):
            add(club, Role.MENTOR, part=club.backend)

    submit()
    assert_constant_queries(submit, add_mentors)
