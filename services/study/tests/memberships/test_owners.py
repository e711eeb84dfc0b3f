"""Owners of the installation appoint operators for cohorts without one, visibly for all members."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.management import call_command

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import AuditEntry, AuditKind, Cohort, Membership, Role
from study.memberships.models import Invitation
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER

ALL = "/cohorts/installation/"


@pytest.fixture
def owner(as_principal):
    """A browser of an owner who is in no cohort."""
    AccountMirror.objects.get_or_create(account_id=STRANGER, defaults={"name": "Owen", "version": 1})
    return as_principal(STRANGER, roles=["owner"])


@pytest.fixture
def orphaned(club, deliver_event):
    """The cohort after its only operator's account is closed."""
    deliver_event("users.account_closed.v1", {"account_id": OLGA, "version": 5})
    return club


def body(answer) -> str:
    return str(answer.content.decode()).partition("<main")[2]


class TestClosingAnAccount:
    def test_ends_every_membership_and_publishes_it(self, club, deliver_event, published, as_principal):
        Membership.objects.create(cohort=club.other, account_id=ADA, role=Role.MENTOR, joined_at=NOW)

        for _twice in range(2):
            deliver_event("users.account_closed.v1", {"account_id": ADA, "version": 5})

        assert not Membership.objects.live().filter(account_id=ADA).exists()
        payloads = published("study.membership_changed.v1")
        assert [(payload["account_id"], payload["left"], payload["version"]) for payload in payloads] == [
            (str(ADA), True, 2)
        ] * 2
        assert club.ada.id in Membership.objects.values_list("id", flat=True)
        page = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/members/").content.decode()
        assert "Ada" not in page

    def test_does_not_spare_the_last_operator(self, orphaned):
        assert Membership.objects.get(id=orphaned.olga.id).left_at == NOW

    def test_ends_a_membership_that_a_token_created_afterwards(self, club, deliver_event):
        late = Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=NOW.replace(year=2030)
        )

        deliver_event("users.account_closed.v1", {"account_id": ADA, "version": 5})

        late.refresh_from_db()
        assert late.left_at == late.joined_at

    def test_withdraws_links_that_a_last_operator_had_seen(self, club, invite, deliver_event):
        link = invite(role=Role.OPERATOR, part_id=None)

        deliver_event("users.account_closed.v1", {"account_id": OLGA, "version": 5})

        assert Invitation.objects.get(id=link.id).withdrawn_at == NOW

    def test_leaves_the_other_operator_the_last_one_even_if_it_was_long_ago(self, club, as_principal):
        Membership.objects.create(cohort=club.cohort, account_id=STRANGER, role=Role.OPERATOR, joined_at=NOW)
        AccountMirror.objects.create(account_id=STRANGER, closed=True, version=2)

        assert as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/leave/").status_code == 409

    def test_long_ago_is_made_up_for_when_mirrors_are_rebuilt(self, club, peers):
        """Earlier releases did not end memberships of closed accounts."""
        peers.lists = {"accounts": [{"account_id": str(OLGA), "closed": True, "version": 5}]}

        call_command("rebuild_mirrors")

        assert not Membership.objects.live().filter(account_id=OLGA).exists()


class TestWhatUsersAsks:
    URL = "/internal/accounts/{}/cohorts-to-hand-over"

    @pytest.fixture
    def ask(self, api_as):
        """ask(account) → the titles and paths in the response to users."""

        def titles(account_id):
            answer = api_as("users", use="service").get(self.URL.format(account_id))
            assert answer.status_code == 200
            return [(cohort["title"], cohort["path"]) for cohort in answer.json()["results"]]

        return titles

    def test_gets_the_cohorts_that_nobody_else_runs(self, club, ask):
        here = [("16기", f"/cohorts/{club.cohort.id}/members/")]

        assert ask(OLGA) == here
        assert ask(BORIS) == ask(ADA) == ask(STRANGER) == []

        second = Membership.objects.create(
            cohort=club.cohort, account_id=STRANGER, role=Role.OPERATOR, joined_at=NOW
        )
        assert ask(OLGA) == []
        second.left_at = NOW
        second.save(update_fields=["left_at"])
        assert ask(OLGA) == here

    def test_counts_no_operator_whose_account_is_closed(self, club, ask):
        Membership.objects.create(cohort=club.cohort, account_id=STRANGER, role=Role.OPERATOR, joined_at=NOW)
        AccountMirror.objects.create(account_id=STRANGER, closed=True, version=2)

        assert [title for title, _path in ask(OLGA)] == ["16기"]

    def test_lets_whoever_is_alone_in_a_cohort_go(self, club, ask):
        assert ask(CLARA) == []

    def test_is_for_users_alone(self, club, api_as):
        url = self.URL.format(OLGA)

        assert api_as("notification", use="service").get(url).status_code == 403
        assert api_as(OLGA).get(url).status_code == 403
        assert api_as(None).get(url).status_code == 401


class TestAnOwner:
    def test_sees_every_cohort_and_first_those_that_nobody_runs(self, orphaned, owner):
        assert "운영진이 없는 기수가 1개 있어요" in body(owner.get("/cohorts/"))
        page = body(owner.get(ALL))

        assert page.index("16기") < page.index("다른 동아리")
        assert page.count("운영진 없음") == 1

    def test_sees_also_one_whose_operator_was_closed_before_this_release(self, club, owner):
        AccountMirror.objects.filter(account_id=OLGA).update(closed=True, name="")

        assert body(owner.get(ALL)).count("운영진 없음") == 1

    def test_appoints_somebody_of_the_cohort_who_then_runs_it(self, orphaned, owner, as_principal, published):
        url = f"{ALL}{orphaned.cohort.id}/"
        assert "Ada" in body(owner.get(url))

        assert owner.post(url, {"account_id": str(ADA)}).status_code == 302

        assert as_principal(ADA).get(f"/cohorts/{orphaned.cohort.id}/settings/").status_code == 200
        changed = published("study.membership_changed.v1")[-1]
        assert (changed["account_id"], changed["role"], changed["left"]) == (str(ADA), "operator", False)
        assert "운영진 없음" not in body(owner.get(ALL))

    def test_is_named_with_it_to_everybody_in_the_cohort(self, orphaned, owner, as_principal):
        owner.post(f"{ALL}{orphaned.cohort.id}/", {"account_id": str(ADA)})

        for who in (ADA, BORIS):
            page = as_principal(who).get(f"/cohorts/{orphaned.cohort.id}/members/").content.decode()
            assert "서당 관리자 Owen 님이 Ada 님을 운영진으로 지정했어요." in page
        [entry] = AuditEntry.objects.filter(kind=AuditKind.OPERATOR_APPOINTED)
        assert (entry.actor_id, entry.subject_id) == (STRANGER, ADA)

    def test_may_take_an_empty_cohort_over(self, club, owner, deliver_event):
        deliver_event("users.account_closed.v1", {"account_id": CLARA, "version": 5})
        url = f"{ALL}{club.other.id}/"

        assert owner.post(url, {"account_id": str(STRANGER)}).status_code == 302

        assert Membership.objects.live().get(cohort=club.other).account_id == STRANGER

    @pytest.mark.parametrize("whom", [CLARA, uuid4(), "nonsense", ""])
    def test_appoints_nobody_from_elsewhere(self, orphaned, owner, whom):
        answer = owner.post(f"{ALL}{orphaned.cohort.id}/", {"account_id": str(whom)})

        assert answer.status_code == 422
        assert not AuditEntry.objects.filter(kind=AuditKind.OPERATOR_APPOINTED).exists()

    def test_is_offered_no_closed_account(self, orphaned, owner):
        AccountMirror.objects.filter(account_id=ADA).update(closed=True, name="")

        assert owner.post(f"{ALL}{orphaned.cohort.id}/", {"account_id": str(ADA)}).status_code == 422

    @pytest.mark.parametrize("who", [None, CLARA, ADA, BORIS, OLGA])
    def test_is_nobody_else(self, club, as_principal, who):
        browser, status = as_principal(who), 307 if who is None else 404

        for url in (ALL, f"{ALL}{club.cohort.id}/"):
            assert browser.get(url).status_code == status
        answer = browser.post(f"{ALL}{club.cohort.id}/", {"account_id": str(ADA)})

        assert answer.status_code == status
        club.ada.refresh_from_db()
        assert club.ada.role == Role.MEMBER

    def test_costs_the_same_however_many_cohorts(self, club, owner):
        def add_cohorts() -> None:
            for n in range(10):
                Cohort.objects.create(title=f"{n}기", opened_at=NOW)

        assert_constant_queries(lambda: owner.get(ALL), add_cohorts)
