from __future__ import annotations

import threading
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from chassis.testing import NOW, assert_constant_queries
from chassis.web.auth import KNOWN_COOKIE
from study.cohorts.actions import CohortClosed, close_cohort
from study.cohorts.models import Membership, Part, Role
from study.memberships.actions.invitations import AlreadyMember, withdraw_invitation
from study.memberships.actions.joining import (
    InvitationForOtherAccount,
    InvitationOver,
    InvitationUsedUp,
    InvitationWithdrawn,
    join,
)
from study.memberships.actions.memberships import leave
from study.memberships.models import Invitation
from tests.conftest import ADA, CLARA, CONSENT, OLGA, STRANGER

at_once = pytest.mark.skipif(
    "memory" in str(connection.settings_dict["TEST"].get("NAME") or "memory")
    and connection.vendor == "sqlite",
    reason="threads share no in-memory database; MySQL runs this",
)


def test_joining_gives_the_role_and_part_of_the_invitation(club, invite, published):
    link = invite()

    membership = join(invitation=link, account_id=CLARA, **CONSENT, at=NOW)

    assert (membership.cohort, membership.role, membership.part, membership.joined_at) == (
        club.cohort,
        Role.MEMBER,
        club.backend,
        NOW,
    )
    link.refresh_from_db()
    assert link.uses == 1
    [joined] = published("study.member_joined.v1")
    assert joined["member_name"] == "Clara"
    assert joined["recipients"] == sorted([str(OLGA), str(CLARA)])
    [changed] = published("study.membership_changed.v1")
    assert (changed["membership_id"], changed["left"], changed["version"]) == (str(membership.id), False, 1)


def test_an_account_not_mirrored_yet_joins_without_a_name(club, invite, published):
    join(invitation=invite(), account_id=STRANGER, **CONSENT, at=NOW)

    assert published("study.member_joined.v1")[0]["member_name"] == ""


def test_a_member_who_joins_again_is_refused_and_uses_nothing_up(club, invite, published):
    link = invite(max_uses=1)

    with pytest.raises(AlreadyMember):
        join(invitation=link, account_id=ADA, **CONSENT, at=NOW)

    link.refresh_from_db()
    assert link.uses == 0
    assert not published("study.member_joined.v1")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda link: withdraw_invitation(invitation=link, at=NOW, by=OLGA), InvitationWithdrawn),
        (lambda link: Invitation.objects.filter(id=link.id).update(expires_at=NOW), InvitationOver),
        (lambda link: Invitation.objects.filter(id=link.id).update(uses=30), InvitationUsedUp),
        (
            lambda link: Invitation.objects.filter(id=link.id).update(for_account_id=ADA),
            InvitationForOtherAccount,
        ),
        (lambda link: close_cohort(cohort=link.cohort, at=NOW), CohortClosed),
    ],
)
def test_a_link_that_is_no_longer_good_lets_nobody_in(club, invite, published, spoil, error):
    link = invite()
    spoil(link)

    with pytest.raises(error):
        join(invitation=link, account_id=CLARA, **CONSENT, at=NOW)

    assert not Membership.objects.filter(cohort=club.cohort, account_id=CLARA).exists()
    assert not published("study.member_joined.v1")


def test_rejoining_creates_a_new_membership_and_keeps_the_old_one(club, invite):
    leave(membership=club.ada, at=NOW, by=OLGA)

    back = join(invitation=invite(part_id=club.frontend.id), account_id=ADA, **CONSENT, at=NOW)

    assert back.id != club.ada.id
    assert back.part == club.frontend
    assert Membership.objects.filter(cohort=club.cohort, account_id=ADA).count() == 2


@at_once
@pytest.mark.django_db(transaction=True)
def test_concurrent_joins_take_the_last_use_once(club, invite):
    link = invite(max_uses=2)
    answers: list[str] = []

    def ask() -> None:
        try:
            join(invitation=link, account_id=uuid4(), **CONSENT, at=NOW)
            answers.append("in")
        except InvitationUsedUp:
            answers.append("used up")
        finally:
            connection.close()

    _all_at_once([ask] * 8)

    assert sorted(answers) == ["in"] * 2 + ["used up"] * 6
    link.refresh_from_db()
    assert link.uses == 2


@at_once
@pytest.mark.django_db(transaction=True)
def test_two_links_used_concurrently_create_one_membership(club, invite):
    links = [invite(), invite(role=Role.MENTOR)]
    answers: list[str] = []

    def ask(link: Invitation) -> None:
        try:
            join(invitation=link, account_id=CLARA, **CONSENT, at=NOW)
            answers.append("in")
        except AlreadyMember:
            answers.append("already in")
        finally:
            connection.close()

    _all_at_once([lambda link=link: ask(link) for link in links])

    assert sorted(answers) == ["already in", "in"]


def _all_at_once(calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class TestOpeningALink:
    def test_shows_what_one_joins_without_signing_in_and_uses_nothing_up(self, club, invite, as_principal):
        link = invite()

        answer = as_principal(None).get(link.path)

        page = answer.content.decode()
        assert answer.status_code == 200
        back = f"?next={quote(link.path, safe='')}"
        for text in ("16기", "Olga 님이 초대했어요.", "백엔드", "멤버", f"/login/{back}", f"/signup/{back}"):
            assert text in page
        link.refresh_from_db()
        assert link.uses == 0
        assert answer["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"]

    def test_asks_users_first_about_who_is_signed_in_there(self, club, invite, as_principal):
        link = invite()
        browser = as_principal(None)
        browser.cookies[KNOWN_COOKIE] = "1"

        assert browser.get(link.path)["Location"] == f"/accounts/renew?next={link.path}&open=1"

    def test_and_clicking_joins(self, club, invite, as_principal):
        link = invite()
        browser = as_principal(CLARA)

        assert "참여하기" in browser.get(link.path).content.decode()
        answer = browser.post(link.path, CONSENT)

        assert answer["Location"] == f"/cohorts/{club.cohort.id}/first-mission/"
        assert Membership.objects.live().filter(cohort=club.cohort, account_id=CLARA).exists()

    def test_clicking_without_a_token_comes_back_with_the_click(self, club, invite, as_principal):
        link = invite()

        answer = as_principal(None).post(link.path, CONSENT)

        assert (answer.status_code, answer["Location"]) == (307, f"/accounts/renew?next={link.path}")

    def test_says_why_it_is_no_longer_good(self, club, invite, as_principal):
        link = invite()
        withdraw_invitation(invitation=link, at=NOW, by=OLGA)

        opened, clicked = as_principal(CLARA).get(link.path), as_principal(CLARA).post(link.path, CONSENT)

        assert (opened.status_code, clicked.status_code) == (200, 409)
        for answer in (opened, clicked):
            assert "취소된 초대예요" in answer.content.decode()

    def test_leads_whoever_is_in_to_the_cohort(self, club, invite, as_principal):
        page = as_principal(ADA).get(invite().path).content.decode()

        assert "이미 이 기수에 있어요" in page
        assert f"/cohorts/{club.cohort.id}/" in page

    def test_that_nobody_made_is_not_found(self, db, as_principal):
        assert as_principal(None).get("/join/no-such-link/").status_code == 404
        assert as_principal(ADA).post("/join/no-such-link/").status_code == 404

    def test_has_the_address_that_events_name(self, club, invite):
        link = invite()

        assert link.path == reverse("memberships:join", args=[link.token])
        assert len(link.token) >= 22

    def test_costs_the_same_however_large_the_cohort_is(self, club, invite, as_principal):
        link = invite(expires_at=NOW + timedelta(days=3000))
        browser = as_principal(CLARA)

        def add_rows() -> None:
            for n in range(5):
                Part.objects.create(cohort=club.cohort, name=f"파트 {n}", position=n + 3)
                Membership.objects.create(
                    cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=NOW
                )

        assert_constant_queries(lambda: browser.get(link.path), add_rows)
