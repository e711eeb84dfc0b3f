"""A member of a cohort with parts has a part, or is asked to choose one on joining and on the week page."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.github.models import Repository
from study.missions.models import Mission
from tests.conftest import CLARA, CONSENT, OLGA


@pytest.fixture
def open_link(invite):
    """A member link without a part, the default of the form."""
    return invite(part_id=None)


@pytest.fixture
def newcomer(club):
    """A member without a part."""
    return Membership.objects.create(
        cohort=club.cohort, account_id=CLARA, role=Role.MEMBER, joined_at=club.cohort.opened_at
    )


def parts_of_clara(club) -> list[str | None]:
    """The part names of Clara's live memberships; empty before she joins."""
    memberships = Membership.objects.live().filter(cohort=club.cohort, account_id=CLARA)
    return list(memberships.values_list("part__name", flat=True))


class TestJoining:
    def test_asks_for_the_part_that_the_link_does_not_carry(self, club, open_link, as_principal):
        browser = as_principal(CLARA)

        page = browser.get(open_link.path).content.decode()
        assert f'value="{club.backend.id}"' in page
        assert f'value="{club.frontend.id}"' in page

        refused = browser.post(open_link.path, CONSENT)
        assert refused.status_code == 422
        assert "파트를 골라 주세요." in refused.content.decode()
        assert parts_of_clara(club) == []

        answer = browser.post(open_link.path, {"part_id": str(club.frontend.id), **CONSENT})
        assert answer.status_code == 302
        assert parts_of_clara(club) == ["프론트엔드"]

    def test_refuses_a_part_of_another_cohort(self, club, open_link, as_principal, api_as):
        theirs = club.other.parts.create(name="남의 파트", position=1)

        assert (
            as_principal(CLARA).post(open_link.path, {"part_id": str(theirs.id), **CONSENT}).status_code
            == 422
        )
        answer = api_as(CLARA).post(
            f"/api/v1/study/join/{open_link.token}", {"part_id": str(theirs.id), **CONSENT}
        )

        assert answer.json()["code"] == "part_of_another_cohort"
        assert parts_of_clara(club) == []

    def test_by_rest_offers_the_parts_and_wants_one(self, club, open_link, api_as):
        api, url = api_as(CLARA), f"/api/v1/study/join/{open_link.token}"

        offered = api.get(url).json()["parts"]
        assert [part["name"] for part in offered] == ["백엔드", "프론트엔드"]
        assert api.post(url, CONSENT).json()["code"] == "part_not_chosen"
        assert parts_of_clara(club) == []

        assert api.post(url, {"part_id": offered[0]["id"], **CONSENT}).status_code == 201
        assert parts_of_clara(club) == ["백엔드"]

    def test_keeps_the_part_of_a_link_that_carries_one(self, club, invite, as_principal, api_as):
        link = invite(part_id=club.backend.id)

        assert "part_id" not in as_principal(CLARA).get(link.path).content.decode()
        api_as(CLARA).post(f"/api/v1/study/join/{link.token}", {"part_id": str(club.frontend.id), **CONSENT})

        assert parts_of_clara(club) == ["백엔드"]

    @pytest.mark.parametrize("role", [Role.MENTOR, Role.OPERATOR])
    def test_asks_neither_mentors_nor_operators(self, club, invite, as_principal, role):
        link = invite(part_id=None, role=role)

        assert as_principal(CLARA).post(link.path, CONSENT).status_code == 302

        assert parts_of_clara(club) == [None]

    def test_asks_nothing_where_there_are_no_parts(self, club, invite, as_principal):
        link = invite(cohort=club.other, part_id=None)
        someone = uuid4()

        assert as_principal(someone).post(link.path, CONSENT).status_code == 302

        assert Membership.objects.get(cohort=club.other, account_id=someone).part is None

    def test_the_form_says_that_no_part_means_that_members_choose(self, club, as_principal):
        page = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/invitations/").content.decode()

        assert "참여할 때 멤버가 골라요" in page


class TestTheWeekPage:
    def test_asks_first_for_the_part_and_does_not_say_that_all_is_done(self, club, newcomer, as_principal):
        browser = as_principal(CLARA)

        page = browser.get(f"/cohorts/{club.cohort.id}/week/").content.decode()

        assert "먼저 파트를 골라 주세요" in page
        assert "지금 할 일을 다 했어요" not in page
        assert 'id="h-todo"' not in page

        where = f"/cohorts/{club.cohort.id}/me/part/"
        assert browser.post(where, {"part_id": "nonsense"}).status_code == 422
        assert browser.post(where, {"part_id": str(club.frontend.id)}, follow=True).status_code == 200
        newcomer.refresh_from_db()
        assert newcomer.part == club.frontend
        assert "part_id" not in browser.get(f"/cohorts/{club.cohort.id}/week/").content.decode()

    def test_lets_nobody_change_a_part_that_they_have(self, club, as_principal):
        ada = as_principal(club.ada.account_id)

        answer = ada.post(f"/cohorts/{club.cohort.id}/me/part/", {"part_id": str(club.frontend.id)})

        assert answer.status_code == 409
        club.ada.refresh_from_db()
        assert club.ada.part == club.backend

    def test_lets_nobody_from_elsewhere_in(self, club, as_principal):
        assert as_principal(CLARA).get(f"/cohorts/{club.cohort.id}/me/part/").status_code == 404


class TestTheOverview:
    def test_says_how_many_have_no_part_and_shows_them(self, club, newcomer, as_principal):
        Mission.objects.create(
            cohort=club.cohort,
            part=club.backend,
            week=club.weeks[0],
            title="첫 미션",
            github_repository=Repository.objects.create(cohort=club.cohort, name="club/first"),
            opens_at=NOW.replace(year=2020),
            due_at=NOW.replace(year=2021),
            created_at=NOW,
        )
        olga, here = as_principal(OLGA), f"/cohorts/{club.cohort.id}/"

        page = olga.get(here).content.decode()
        attention = page.partition('id="h-attention"')[2].partition("</section>")[0]
        assert "파트별 미션이 보이지 않아요." in attention
        assert f'href="{here}members/{newcomer.id}/"' in attention

        partless = olga.get(here, {"part": "none"}).content.decode()
        assert f"/members/{newcomer.id}/" in partless
        assert (
            f"/members/{club.ada.id}/" not in partless.partition('class="matrix"')[2].partition("</table>")[0]
        )

    def test_says_nothing_where_everybody_has_one_or_there_are_none(self, club, as_principal):
        assert 'value="none"' not in as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/").content.decode()
        Membership.objects.create(cohort=club.other, account_id=uuid4(), role=Role.MEMBER, joined_at=NOW)

        assert 'value="none"' not in as_principal(CLARA).get(f"/cohorts/{club.other.id}/").content.decode()
