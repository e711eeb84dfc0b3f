"""A rubric that there is, used for missions that have none, as an import leaves them."""

from __future__ import annotations

import pytest

from chassis.testing import NOW
from study.missions.actions.importing import import_missions
from study.missions.actions.rubrics import RubricInUse, set_rubric
from study.missions.queries.rubric import missions_without_rubric, rubric_data, rubric_of
from study.missions.rules.plan import SheetRow
from study.reviews.models import Review
from tests.conftest import ADA, BORIS, CLARA, OLGA, mission_page
from tests.missions.conftest import RUBRIC


@pytest.fixture
def imported(club, vote):
    """Two missions as an import leaves them."""
    rows = [SheetRow(n, "", n, f"미션 {n}", f"club/imported-{n}") for n in (1, 2)]
    import_missions(cohort=club.cohort, rows=rows, first_week=1, parts={}, at=NOW, by=OLGA)
    return list(club.cohort.missions.exclude(id=vote.id).order_by("title"))


def test_imported_missions_are_scored_by_a_rubric_that_there_is(vote, imported, as_principal):
    olga, address = as_principal(OLGA), f"{mission_page(vote)}rubric/share/"
    assert address in olga.get(mission_page(vote)).content.decode()
    shown = olga.get(address).content.decode()
    assert "1주차 · 미션 1" in shown
    assert f'value="{vote.id}"' not in shown

    answer = olga.post(address, {"missions": [str(imported[0].id)]})

    assert answer["Location"] == mission_page(vote)
    stored = [rubric_data(rubric_of(mission)) for mission in (vote, *imported)]
    assert stored == [RUBRIC, RUBRIC, []]
    assert "미션 1" not in olga.get(address).content.decode()


def test_a_rubric_is_shared_with_nothing_that_has_one_or_is_elsewhere(
    vote, everyones, imported, club, as_principal
):
    olga, address = as_principal(OLGA), f"{mission_page(vote)}rubric/share/"
    set_rubric(cohort=everyones.cohort, missions=[everyones.id], rubric=RUBRIC[:1], by=OLGA, at=NOW)

    for chosen in ([], [str(everyones.id)], ["nonsense"]):
        assert olga.post(address, {"missions": chosen, "sent": "1"}).status_code == 422
    assert rubric_data(rubric_of(everyones)) == RUBRIC[:1]
    for who in (ADA, BORIS, CLARA):
        assert as_principal(who).get(address).status_code == 404


def test_a_rubric_is_shared_with_all_that_were_chosen_or_none(vote, imported, handed_in):
    Review.objects.create(
        submission=(work := handed_in(imported[1])),
        attempt=work.attempts.get(),
        mentor_id=BORIS,
        version=1,
        created_at=NOW,
        saved_at=NOW,
    )
    assert [mission.id for mission in missions_without_rubric(vote.cohort_id)] == [imported[0].id]

    with pytest.raises(RubricInUse):
        set_rubric(
            cohort=vote.cohort, missions={mission.id for mission in imported}, rubric=RUBRIC, by=OLGA, at=NOW
        )

    assert rubric_of(imported[0]) == []
