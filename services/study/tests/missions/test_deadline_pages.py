from __future__ import annotations

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.missions.models import Extension, PartDeadline
from tests.conftest import OLGA
from tests.missions.test_pages import text_of


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_extensions_are_given_with_a_reason_and_taken_back(club, vote, as_principal):
    olga, url = as_principal(OLGA), f"/missions/{vote.id}/dues/"
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

    answer = as_principal(OLGA).post(f"/missions/{vote.id}/dues/extensions/", given)

    assert answer.status_code == 422
    assert list(answer.context["extension_form"].errors) == list(wrong)
    assert not Extension.objects.exists()


def test_a_part_gets_its_own_deadline_and_gives_it_back(club, everyones, as_principal):
    olga, url = as_principal(OLGA), f"/missions/{everyones.id}/dues/"
    given = {"part_id": str(club.backend.id), "due_at": "2026-12-02T23:59"}

    assert olga.post(f"{url}parts/", given).status_code == 302
    assert "12.2(수) 23:59" in text_of(olga.get(url))
    too_early = olga.post(f"{url}parts/", given | {"due_at": "2026-11-29T23:59"})
    assert (too_early.status_code, list(too_early.context["part_form"].errors)) == (422, ["due_at"])
    olga.post(f"{url}parts/{club.backend.id}/clear/")

    assert not PartDeadline.objects.exists()
