"""Members ask for more time, and operators decide several requests at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chassis.errors import DomainError
from chassis.testing import NOW
from study.cohorts.actions import close_cohort
from study.cohorts.models import AuditEntry, Membership, Role
from study.missions.actions import requests as actions
from study.missions.actions.deadlines import grant_extension
from study.missions.models import Extension, ExtensionRequest, Mission
from study.missions.queries.deadlines import deadline_of
from study.missions.queries.requests import count_open_requests, decided_requests, open_requests
from study.personal_data.queries import export_personal_data
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA, mission_page
from tests.missions.test_pages import text_of

REQUESTED, DECIDED = "study.extension_requested.v1", "study.extension_request_decided.v1"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def ask(
    mission: Mission, member: Membership, *, until: datetime | None = None, reason: str = "예비군 훈련"
) -> ExtensionRequest:
    return actions.request_extension(
        mission=mission, membership=member, reason=reason, asked_until=until, at=NOW
    )


def decide(
    club: Any, *requests: ExtensionRequest, granted: bool = True, **how: Any
) -> list[ExtensionRequest]:
    return actions.decide_extension_requests(
        cohort=club.cohort, request_ids=[row.id for row in requests], granted=granted, by=OLGA, at=NOW, **how
    )


@pytest.fixture
def boris(club):
    """Another member, of the other part."""
    return Membership.objects.create(
        cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, part=club.frontend, joined_at=NOW
    )


def test_a_member_asks_on_a_page_and_operators_are_notified_once(club, vote, as_principal, published):
    ada, url = as_principal(ADA), f"{mission_page(vote)}more-time/"
    assert url in text_of(ada.get(mission_page(vote)))

    assert ada.post(url, {"reason": "예비군 훈련", "asked_until": ""})["Location"] == url
    assert ada.post(url, {"reason": "입원", "asked_until": "2026-12-03T12:00"})["Location"] == url

    request = ExtensionRequest.objects.get()
    assert (request.reason, request.account_id, request.cohort_id) == ("입원", ADA, club.cohort.id)
    assert "입원" in text_of(ada.get(url))
    (event,) = published(REQUESTED)
    assert (event["member_id"], event["recipients"]) == (str(ADA), [str(OLGA)])
    assert "reason" not in event
    assert not Extension.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "가" * 501}, "reason"),
        ({"asked_until": "2026-11-20T12:00"}, "asked_until"),
        ({"asked_until": "2027-12-20T12:00"}, "asked_until"),
    ],
)
def test_a_refused_request_keeps_what_was_typed(vote, as_principal, wrong, field):
    typed = {"reason": "예비군 훈련", "asked_until": ""} | wrong

    answer = as_principal(ADA).post(f"{mission_page(vote)}more-time/", typed)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not ExtensionRequest.objects.exists()


@pytest.mark.parametrize(
    "case", ["not open", "long past", "merged", "released", "other part", "mentor", "closed"]
)
def test_who_cannot_use_more_time_cannot_ask(club, vote, boris, handed_in, as_principal, case, published):
    member = {"other part": boris, "mentor": club.boris}.get(case, club.ada)
    if case == "not open":
        Mission.objects.update(opens_at=NOW + timedelta(hours=1), due_at=NOW + timedelta(days=1))
    if case == "long past":
        Mission.objects.update(opens_at=NOW - timedelta(days=60), due_at=NOW - timedelta(days=30))
    if case in {"merged", "released"}:
        handed_in()
        changes: dict[str, Any] = {"merged": {"state": "merged"}, "released": {"released_at": NOW}}
        Submission.objects.update(**changes[case])
    if case == "closed":
        close_cohort(cohort=club.cohort, at=NOW)

    with pytest.raises(DomainError):
        ask(vote, member)

    assert not ExtensionRequest.objects.exists()
    assert published(REQUESTED) == []
    page = text_of(as_principal(member.account_id).get(f"{mission_page(vote)}more-time/"))
    assert 'name="reason"' not in page


def test_after_the_deadline_a_member_can_still_ask(club, vote, handed_in):
    Mission.objects.update(opens_at=NOW - timedelta(days=9), due_at=NOW - timedelta(days=2))
    handed_in()

    assert ask(vote, club.ada, until=NOW + timedelta(days=1)).is_open


def test_a_withdrawn_request_keeps_no_reason_and_another_can_be_made(club, vote, as_principal, published):
    ask(vote, club.ada)
    url = f"{mission_page(vote)}more-time/"

    as_principal(ADA).post(f"{url}withdraw/")

    row = ExtensionRequest.objects.get()
    assert (row.reason, row.withdrawn_at, row.is_open) == ("", NOW, None)
    assert "예비군" not in text_of(as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/extension-requests/"))
    ask(vote, club.ada)
    assert len(published(REQUESTED)) == 2


def test_one_open_request_per_mission_and_member_is_a_constraint(club, vote):
    request = ask(vote, club.ada)
    again = {"mission": vote, "cohort": club.cohort, "account_id": ADA, "reason": "또", "created_at": NOW}

    with pytest.raises(IntegrityError), transaction.atomic():
        ExtensionRequest.objects.create(**again)

    decide(club, request, granted=False)
    ExtensionRequest.objects.create(**again)


def test_several_requests_are_granted_at_once_and_their_members_notified(
    club, vote, everyones, boris, as_principal, published
):
    requests = [ask(vote, club.ada), ask(everyones, boris)]
    url = f"/cohorts/{club.cohort.id}/extension-requests/"
    olga = as_principal(OLGA)
    page = text_of(olga.get(url))
    assert page.count("예비군 훈련") == 2
    assert url in text_of(olga.get(f"{mission_page(vote)}dues/"))
    assert url in text_of(olga.get(f"/cohorts/{club.cohort.id}/"))
    typed = {"request_ids": [row.id for row in requests], "hours": "48", "until": "", "answer": "조심해서"}

    assert olga.post(f"{url}decide/", typed | {"decision": "grant"})["Location"] == url

    extensions = {row.membership_id: row for row in Extension.objects.all()}
    assert {id_: (row.mission_id, row.hours) for id_, row in extensions.items()} == {
        club.ada.id: (vote.id, 48),
        boris.id: (everyones.id, 48),
    }
    # The member's reason is for the operators alone.
    assert {row.reason for row in extensions.values()} == {"조심해서"}
    events = {event["member_id"]: event for event in published(DECIDED)}
    assert events[str(ADA)]["recipients"] == [str(ADA)]
    due_at = datetime.fromisoformat(events[str(ADA)]["due_at"])
    assert (events[str(ADA)]["granted"], due_at) == (True, deadline_of(vote, club.ada).at)
    assert AuditEntry.objects.filter(kind="extension", actor_id=OLGA, after="48").count() == 2
    assert count_open_requests(club.cohort) == 0
    assert url not in text_of(olga.get(f"/cohorts/{club.cohort.id}/"))
    assert "조심해서" in text_of(olga.get(url))


def test_a_declined_request_moves_nothing_and_says_why(club, vote, as_principal, published):
    request = ask(vote, club.ada)

    decide(club, request, granted=False, answer="이미 늦었어요", hours=24)

    assert not Extension.objects.exists()
    (event,) = published(DECIDED)
    assert (event["granted"], event["due_at"], event["answer"]) == (False, None, "이미 늦었어요")
    page = text_of(as_principal(ADA).get(f"{mission_page(vote)}more-time/"))
    assert "이미 늦었어요" in page
    assert 'name="reason"' in page


def test_without_hours_each_gets_the_time_that_they_asked_for(club, vote, everyones, boris):
    until = {row: NOW.replace(minute=0) + timedelta(days=days) for row, days in ((vote, 6), (everyones, 9))}
    requests = [ask(vote, club.ada, until=until[vote]), ask(everyones, boris, until=until[everyones])]

    decide(club, *requests)

    assert deadline_of(vote, club.ada).at >= until[vote]
    assert deadline_of(vote, club.ada).at - until[vote] < timedelta(hours=1)
    assert deadline_of(everyones, boris).at >= until[everyones]


@pytest.mark.parametrize("case", ["withdrawn", "decided", "no time", "has time", "left", "other cohort"])
def test_what_cannot_be_decided_is_refused_by_name_and_nothing_is_done(
    club, vote, everyones, boris, as_principal, published, case
):
    fine, request = ask(everyones, boris), ask(vote, club.ada)
    typed = {"hours": "24", "decision": "grant"}
    if case == "withdrawn":
        actions.withdraw_extension_request(mission=vote, account_id=ADA, at=NOW)
    if case == "decided":
        decide(club, request, granted=False)
    if case == "no time":
        typed["hours"] = ""
    if case == "has time":
        grant_extension(
            mission=vote, membership_id=club.ada.id, hours=24, reason="병원", granted_by=OLGA, at=NOW
        )
    if case == "left":
        Membership.objects.filter(id=club.ada.id).update(left_at=NOW)
    if case == "other cohort":
        ExtensionRequest.objects.filter(id=request.id).update(cohort=club.other)
    granted, notified = Extension.objects.count(), len(published(DECIDED))

    answer = as_principal(OLGA).post(
        f"/cohorts/{club.cohort.id}/extension-requests/decide/",
        typed | {"request_ids": [fine.id, request.id]},
    )

    assert answer.status_code == 422
    errors = str(answer.context["form"].errors)
    assert ("Ada" in errors and vote.title in errors) or case == "other cohort"
    assert (Extension.objects.count(), len(published(DECIDED))) == (granted, notified)
    fine.refresh_from_db()
    assert fine.decided_at is None
    # What is fine stays selected.
    assert answer.context["selected"] >= {fine.id}


def test_of_who_left_nothing_waits(club, vote, as_principal):
    ask(vote, club.ada)
    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)

    assert count_open_requests(club.cohort) == 0
    assert open_requests(club.cohort).rows == []


def test_a_member_of_the_team_asks_for_their_teams_mission(club, everyones, boris):
    Mission.objects.filter(id=everyones.id).update(team=club.team)
    everyones.refresh_from_db()

    decide(club, ask(everyones, club.ada), hours=24)

    assert Extension.objects.get().membership_id == club.ada.id
    with pytest.raises(actions.NotYourMission):
        ask(everyones, boris)


def test_the_lists_cost_the_same_however_long(
    club, vote, everyones, boris, django_assert_max_num_queries, django_assert_num_queries
):
    first = ask(vote, club.ada)
    with django_assert_num_queries(5):
        assert len(open_requests(club.cohort).rows) == 1
    others = [ask(everyones, club.ada), ask(everyones, boris)]
    with django_assert_num_queries(5):
        assert len(open_requests(club.cohort).rows) == 3
    decide(club, first, *others, granted=False)
    with django_assert_max_num_queries(5):
        page = decided_requests(club.cohort, size=2)
    assert len(page.rows) == 2
    assert len(decided_requests(club.cohort, size=2, cursor=page.next).rows) == 1
    with django_assert_num_queries(1):
        count_open_requests(club.cohort)


def test_the_api_asks_lists_decides_and_withdraws(club, vote, api_as):
    own = f"/api/v1/study/missions/{vote.id}/extension-requests"
    all_ = f"/api/v1/study/cohorts/{club.cohort.id}/extension-requests"
    ada, olga = api_as(ADA), api_as(OLGA)

    made = ada.put(own, {"reason": "예비군 훈련"}).json()
    assert (made["granted"], made["asked_until"]) == (None, None)
    assert ada.put(own, {"reason": "입원"}).json()["id"] == made["id"]
    (row,) = olga.get(all_).json()["results"]
    assert (row["name"], row["request"]["reason"], row["mission_title"]) == ("Ada", "입원", vote.title)
    body = {"request_ids": [made["id"]], "granted": True, "hours": 24}
    assert olga.post(f"{all_}/decide", body | {"until": "2026-12-09T00:00:00Z"}).status_code == 400
    (decided,) = olga.post(f"{all_}/decide", body).json()["results"]
    assert decided["granted"] is True
    again = olga.post(f"{all_}/decide", body)
    assert (again.status_code, again.json()["code"]) == (409, "requests_not_open")
    assert "Ada" in again.json()["title"]
    assert olga.get(all_).json()["results"] == []
    assert len(olga.get(all_, {"decided": "true"}).json()["results"]) == 1
    ada.put(own, {"reason": "또"})
    assert ada.delete(own).status_code == 204
    assert [entry["id"] for entry in ada.get(own).json()["results"]] == [made["id"]]


def test_operators_alone_see_requests_and_members_only_their_own(club, vote, as_principal, api_as):
    ask(vote, club.ada)
    for account_id in (ADA, BORIS, CLARA):
        page = as_principal(account_id).get(f"/cohorts/{club.cohort.id}/extension-requests/")
        assert page.status_code == 404
    assert api_as(BORIS).get(f"/api/v1/study/missions/{vote.id}/extension-requests").json()["results"] == []


def test_an_export_has_the_requests_and_closing_the_account_deletes_them(club, vote, deliver_event):
    ask(vote, club.ada)
    (exported,) = export_personal_data(ADA)["extension_requests"]
    assert (exported["reason"], exported["mission_title"]) == ("예비군 훈련", vote.title)
    assert export_personal_data(CLARA)["extension_requests"] == []

    deliver_event("users.account_closed.v1", {"account_id": ADA, "version": 5})

    assert not ExtensionRequest.objects.exists()
