"""Joining by approval: who uses a shared link asks, and operators approve or decline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.testing import NOW
from study.cohorts.actions import set_joining_by_approval
from study.cohorts.models import AuditEntry, AuditKind, Membership, Role
from study.memberships.actions.joining import AlreadyRequested, join
from study.memberships.actions.requests import (
    MAX_DECIDED_AGE,
    RequestDecided,
    RequestsDecided,
    decide_requests,
    delete_old_requests,
    use_invitation,
    withdraw_request,
)
from study.memberships.models import Consent, Invitation, JoinRequest, JoinRequestState
from study.memberships.rules import CONSENT_VERSION
from study.personal_data.actions import delete_personal_data
from study.personal_data.queries import export_personal_data
from tests.conftest import ADA, CLARA, CONSENT, OLGA, STRANGER

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def ask(club, invite):
    """ask(account, **invitation) → the request of the account to join the club."""
    set_joining_by_approval(cohort=club.cohort, is_on=True)

    def make(account_id=CLARA, **overrides):
        return use_invitation(
            invitation=invite(**overrides), account_id=account_id, message="안녕하세요", **CONSENT, at=NOW
        )

    return make


def decide(club, requests, approve, **more):
    ids = [request.id for request in requests]
    return decide_requests(cohort=club.cohort, request_ids=ids, approve=approve, by=OLGA, at=LATER, **more)


def is_member(club, account_id=CLARA):
    return Membership.objects.live().filter(cohort=club.cohort, account_id=account_id).exists()


def uses(request):
    return Invitation.objects.get(id=request.invitation_id).uses


def test_a_shared_link_makes_a_request_that_holds_one_use(club, ask, published):
    request = ask()

    assert (request.role, request.part, request.state) == (Role.MEMBER, club.backend, JoinRequestState.OPEN)
    assert uses(request) == 1
    assert not is_member(club)
    [event] = published("study.join_requested.v1")
    assert event["recipients"] == [str(OLGA)]
    assert not published("study.member_joined.v1")
    with pytest.raises(AlreadyRequested):
        ask()


def test_whose_request_holds_the_last_use_is_referred_to_it(club, ask, as_principal):
    request = ask(max_uses=1)
    invitation = Invitation.objects.with_state(LATER).get(id=request.invitation_id)

    with pytest.raises(AlreadyRequested):
        use_invitation(invitation=invitation, account_id=CLARA, **CONSENT, at=LATER)
    overview = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/").content.decode()
    waiting = overview.partition('<section class="card decisions"')[2]
    assert '<b class="num">1</b>' in waiting
    assert f"/cohorts/{club.cohort.id}/invitations/requests/" in waiting


def test_links_for_operators_and_invitations_of_one_person_let_in_at_once(club, ask, invite):
    assert isinstance(ask(role=Role.OPERATOR), Membership)
    link = invite()
    Invitation.objects.filter(id=link.id).update(for_account_id=STRANGER)

    joined = use_invitation(invitation=link, account_id=STRANGER, **CONSENT, at=NOW)

    assert isinstance(joined, Membership)


def test_an_approval_joins_with_the_consent_of_the_request(club, ask, published):
    request = ask()

    decide(club, [request], True, part_id=club.frontend.id)
    decide(club, [request], True)

    membership = Membership.objects.live().get(cohort=club.cohort, account_id=CLARA)
    assert (membership.part, membership.joined_at) == (club.frontend, LATER)
    assert [(row.version, row.given_at) for row in Consent.objects.all()] == [(CONSENT_VERSION, NOW)]
    assert published("study.member_joined.v1")[0]["recipients"] == [str(OLGA)]
    [decided] = published("study.join_request_decided.v1")
    assert (decided["approved"], decided["recipients"]) == (True, [str(CLARA)])
    entry = AuditEntry.objects.get(kind=AuditKind.ROLE, subject_id=CLARA)
    assert (entry.actor_id, entry.after) == (OLGA, "member")
    assert uses(request) == 1


def test_a_declined_request_gives_its_use_back_and_may_be_made_again(club, ask, published):
    request = ask()

    decide(club, [request], False)

    assert not is_member(club)
    assert uses(request) == 0
    assert published("study.join_request_decided.v1")[0]["approved"] is False
    entry = AuditEntry.objects.get(kind=AuditKind.JOIN_REQUEST)
    assert (entry.actor_id, entry.subject_id, entry.before) == (OLGA, CLARA, "member")
    assert ask().state == JoinRequestState.OPEN


def test_all_are_decided_or_none_and_who_withdrew_is_named(club, ask, published):
    withdrawn, other = ask(), ask(STRANGER)
    withdraw_request(request=withdrawn, at=NOW)

    with pytest.raises(RequestsDecided, match="Clara"):
        decide(club, [withdrawn, other], True)

    assert not is_member(club, STRANGER)
    assert not published("study.member_joined.v1")
    withdrawn.refresh_from_db()
    assert (withdrawn.state, withdrawn.message) == (JoinRequestState.WITHDRAWN, "")
    assert uses(withdrawn) == 0


def test_a_decided_request_cannot_be_withdrawn(club, ask):
    request = ask()
    decide(club, [request], False)

    with pytest.raises(RequestDecided):
        withdraw_request(request=request, at=LATER)


def test_who_is_in_by_another_way_is_approved_without_a_second_membership(club, ask, invite, published):
    request, other = ask(), ask(STRANGER)
    personal = invite()
    Invitation.objects.filter(id=personal.id).update(for_account_id=CLARA)
    join(invitation=personal, account_id=CLARA, **CONSENT, at=NOW)
    Membership.objects.create(cohort=club.cohort, account_id=STRANGER, role=Role.MENTOR, joined_at=NOW)

    decide(club, [request, other], True)

    assert set(JoinRequest.objects.values_list("approved", flat=True)) == {True}
    assert Membership.objects.filter(cohort=club.cohort, account_id__in=[CLARA, STRANGER]).count() == 2
    assert not published("study.join_request_decided.v1")
    assert (uses(request), uses(other)) == (0, 0)


def test_off_leaves_open_requests_to_be_decided(club, ask):
    request = ask()
    set_joining_by_approval(cohort=club.cohort, is_on=False)

    decide(club, [request], True)

    assert is_member(club)


def test_requests_are_exported_and_erased_with_the_account_and_30_days_after_the_decision(club, ask):
    mine, other = ask(), ask(STRANGER)
    [exported] = export_personal_data(CLARA)["join_requests"]
    assert exported["message"] == "안녕하세요"

    delete_personal_data(account_id=CLARA, at=NOW)
    decide(club, [other], False)
    list(delete_old_requests(at=LATER + MAX_DECIDED_AGE))
    assert list(JoinRequest.objects.all()) == [other]
    list(delete_old_requests(at=LATER + MAX_DECIDED_AGE + timedelta(seconds=1)))

    assert not JoinRequest.objects.exists()
    assert uses(mine) == 0


def test_people_ask_and_operators_decide_on_pages(club, invite, as_principal):
    clara, olga = as_principal(CLARA), as_principal(OLGA)
    joining = f"/cohorts/{club.cohort.id}/settings/joining/"
    assert olga.post(joining, {"is_on": "1"})["Location"] == joining
    assert "바로 참여하게 하기" in olga.get(joining).content.decode()
    link = invite()
    assert "동의하고 가입 신청하기" in clara.get(link.path).content.decode()

    sent = clara.post(link.path, {**CONSENT, "message": "백엔드를 배우고 싶어요"})

    request = JoinRequest.objects.get()
    assert sent["Location"] == f"/join/requests/{request.id}/"
    assert "가입 신청이 승인을 기다리고 있어요" in clara.get(sent["Location"]).content.decode()
    assert sent["Location"] in clara.get("/cohorts/").content.decode()
    assert clara.get(f"/cohorts/{club.cohort.id}/").status_code == 404
    assert as_principal(ADA).get(sent["Location"]).status_code == 404
    here = f"/cohorts/{club.cohort.id}/invitations/requests/"
    assert here in olga.get(f"/cohorts/{club.cohort.id}/members/").content.decode()
    assert "백엔드를 배우고 싶어요" in olga.get(here).content.decode()
    assert olga.post(here, {"decision": "approve"}).status_code == 422
    assert as_principal(ADA).get(here).status_code == 404
    assert olga.post(here, {"request_ids": [request.id], "decision": "approve"}).status_code == 302
    assert is_member(club)


def test_people_ask_and_operators_decide_by_the_api(club, invite, api_as):
    clara, olga, base = api_as(CLARA), api_as(OLGA), "/api/v1/study"
    cohort = f"{base}/cohorts/{club.cohort.id}"
    assert olga.put(f"{cohort}/joining-by-approval", {"is_on": True}).status_code == 204
    assert olga.get(cohort).json()["joins_by_approval"] is True
    token = invite().token
    assert clara.get(f"{base}/join/{token}").json()["needs_approval"] is True

    made = clara.post(f"{base}/join/{token}", {**CONSENT, "message": "안녕"})

    assert (made.status_code, made.json()["state"]) == (202, "open")
    own = f"{base}/join-requests/{made.json()['id']}"
    assert clara.delete(own).status_code == 204
    assert clara.get(own).json()["state"] == "withdrawn"
    again = clara.post(f"{base}/join/{token}", CONSENT).json()["id"]
    [listed] = olga.get(f"{cohort}/join-requests").json()["results"]
    assert (listed["id"], listed["name"]) == (again, "Clara")
    body = {"request_ids": [again], "approve": True}
    assert api_as(ADA).post(f"{cohort}/join-requests/decisions", body).status_code == 404
    assert olga.post(f"{cohort}/join-requests/decisions", body).json()["results"][0]["state"] == "approved"
