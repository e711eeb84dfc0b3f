from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.missions.models import Extension, PartDeadline
from study.missions.queries.deadlines import deadlines_of
from tests.conftest import OLGA, mission_page
from tests.missions.test_pages import text_of


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_extensions_are_given_with_a_reason_and_taken_back(club, vote, as_principal):
    olga, url = as_principal(OLGA), f"{mission_page(vote)}dues/"
    given = {"membership_id": str(club.ada.id), "hours": "24", "reason": "병원 진료"}

    assert olga.post(f"{url}extensions/", given)["Location"] == url
    page = text_of(olga.get(url))
    assert "병원 진료" in page
    assert "11.30(월) 23:59" in page
    extension = Extension.objects.get()
    assert olga.post(f"{url}extensions/{extension.id}/withdraw/").status_code == 302

    assert "병원 진료" not in text_of(olga.get(url))


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"hours": "0"}, {"hours": "721"}, {"membership_id": ""}])
def test_a_refused_extension_keeps_what_was_typed(club, vote, as_principal, wrong):
    given = {"membership_id": str(club.ada.id), "hours": "24", "reason": "병원 진료"} | wrong

    answer = as_principal(OLGA).post(f"{mission_page(vote)}dues/extensions/", given)

    assert answer.status_code == 422
    assert list(answer.context["extension_form"].errors) == list(wrong)
    assert not Extension.objects.exists()


def test_several_members_get_time_until_the_same_instant_with_the_reason(club, everyones, as_principal):
    olga, url = as_principal(OLGA), f"{mission_page(everyones)}dues/"
    boris = Membership.objects.create(
        cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, part=club.frontend, joined_at=NOW
    )
    # Ada's part has a day more already.
    olga.post(f"{url}parts/", {"part_id": str(club.backend.id), "due_at": "2026-11-30T23:59"})
    given = {
        "membership_ids": [club.ada.id, boris.id],
        "until": "2026-12-02T12:30",
        "reason": "네트워크 장애",
    }

    assert olga.post(f"{url}extensions/several/", given)["Location"] == url

    extensions = {row.membership_id: row for row in Extension.objects.all()}
    assert {row.reason for row in extensions.values()} == {"네트워크 장애"}
    assert extensions[boris.id].hours - extensions[club.ada.id].hours == 24
    deadline = deadlines_of([everyones])
    assert {deadline(everyones, member).at for member in (club.ada, boris)} == {
        datetime(2026, 12, 2, 3, 59, tzinfo=UTC)
    }
    again = olga.post(f"{url}extensions/several/", given)
    assert (again.status_code, list(again.context["extensions_form"].errors)) == (422, ["until"])


def test_several_members_get_hours_and_nobody_loses_any(club, everyones, as_principal):
    olga, url = as_principal(OLGA), f"{mission_page(everyones)}dues/"
    boris = Membership.objects.create(cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=NOW)
    olga.post(f"{url}extensions/", {"membership_id": club.ada.id, "hours": "72", "reason": "병가"})
    given = {"membership_ids": [club.ada.id, boris.id], "hours": "24", "reason": "네트워크 장애"}

    assert olga.post(f"{url}extensions/several/", given)["Location"] == url

    active = {row.membership_id: row.hours for row in Extension.objects.filter(withdrawn_at=None)}
    assert active == {club.ada.id: 72, boris.id: 24}
    again = olga.post(f"{url}extensions/several/", given)
    assert (again.status_code, list(again.context["extensions_form"].errors)) == (422, ["hours"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"hours": ""}, "hours"),
        ({"until": "2026-12-02T12:30"}, "hours"),
        ({"hours": "", "until": "2027-12-02T12:30"}, "until"),
        ({"membership_ids": []}, "membership_ids"),
        ({"reason": " "}, "reason"),
    ],
)
def test_refused_extensions_of_several_are_none(club, everyones, as_principal, wrong, field):
    given = {"membership_ids": [club.ada.id], "hours": "5", "until": "", "reason": "네트워크 장애"} | wrong

    answer = as_principal(OLGA).post(f"{mission_page(everyones)}dues/extensions/several/", given)

    assert (answer.status_code, list(answer.context["extensions_form"].errors)) == (422, [field])
    assert not Extension.objects.exists()


def test_a_part_gets_its_own_deadline_and_gives_it_back(club, everyones, as_principal):
    olga, url = as_principal(OLGA), f"{mission_page(everyones)}dues/"
    given = {"part_id": str(club.backend.id), "due_at": "2026-12-02T23:59"}

    assert olga.post(f"{url}parts/", given).status_code == 302
    assert "12.2(수) 23:59" in text_of(olga.get(url))
    too_early = olga.post(f"{url}parts/", given | {"due_at": "2026-11-29T23:59"})
    assert (too_early.status_code, list(too_early.context["part_form"].errors)) == (422, ["due_at"])
    olga.post(f"{url}parts/{club.backend.id}/clear/")

    assert not PartDeadline.objects.exists()
