"""Old addresses of pages, which did not name their cohort, and rows of another cohort than the address's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from chassis.testing import NOW
from study.announcements.models import AnnouncementDraft
from study.cohorts.models import Membership, Role
from tests.announcements.test_announcements import say
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER, review_page
from tests.reviews.conftest import work

__all__ = ["work"]


@pytest.fixture
def pages(work: SimpleNamespace, club: Any) -> dict[str, str]:
    """The address of a page of each kind, by its old one."""
    submission = work.submission
    draft = AnnouncementDraft.objects.create(
        cohort=club.cohort, title="OT 안내", body="금요일", planned_for=NOW
    )
    old = (
        f"/missions/{work.mission.id}/edit/",
        f"/submissions/{submission.id}/",
        f"/submissions/pulls/{submission.pull_request_id}/match/?member={club.ada.id}&mission={work.mission.id}",
        f"/reviews/{submission.id}/",
        f"/announcements/{say(club).id}/",
        f"/announcements/drafts/{draft.id}/delete/",
    )
    return {path: f"/cohorts/{club.cohort.id}{path}" for path in old}


def test_an_old_address_leads_to_the_same_page_for_good(pages: dict[str, str], as_principal: Any) -> None:
    olga = as_principal(OLGA)
    for old, new in pages.items():
        for rest in ("", "&cursor=%2F" if "?" in old else "?cursor=%2F"):
            moved = olga.get(f"{old}{rest}")
            assert (moved.status_code, moved["Location"]) == (308, f"{new}{rest}"), old
        assert olga.get(new).status_code == 200, new


def test_what_is_sent_to_an_old_address_is_not_lost(
    work: SimpleNamespace, pages: dict[str, str], as_principal: Any
) -> None:
    olga = as_principal(OLGA)
    for old, new in pages.items():
        moved = olga.post(old, {"comment": "잘했어요"})
        assert (moved.status_code, moved["Location"]) == (308, new), old

    typed = {"comment": "잘했어요", "revision": ""}
    saved = as_principal(BORIS).post(f"/reviews/{work.submission.id}/", typed, follow=True)

    assert saved.redirect_chain == [(review_page(work.submission), 308), (review_page(work.submission), 302)]
    assert work.submission.reviews.get().comment == "잘했어요"


def test_an_old_address_tells_others_nothing(
    work: SimpleNamespace, pages: dict[str, str], club: Any, as_principal: Any
) -> None:
    for old in pages:
        assert as_principal(CLARA).get(old).status_code == 404, old
        assert as_principal(STRANGER).post(old).status_code == 404, old
    for row in (club.cohort.id, "1"):
        assert as_principal(OLGA).get(f"/missions/{row}/").status_code == 404


def test_who_has_left_comes_to_what_they_submitted(
    work: SimpleNamespace, club: Any, as_principal: Any
) -> None:
    Membership.objects.filter(account_id=ADA).update(left_at=NOW)

    assert as_principal(ADA).get(f"/submissions/{work.submission.id}/", follow=True).status_code == 200


def test_a_row_of_another_cohort_is_not_found(pages: dict[str, str], club: Any, as_principal: Any) -> None:
    Membership.objects.create(cohort=club.other, account_id=OLGA, role=Role.OPERATOR, joined_at=NOW)
    for new in pages.values():
        wrong = new.replace(str(club.cohort.id), str(club.other.id), 1)
        assert as_principal(OLGA).get(wrong).status_code == 404, new


def test_the_switcher_shows_the_cohort_of_the_address_and_elsewhere_the_last_opened(
    pages: dict[str, str], club: Any, as_principal: Any
) -> None:
    Membership.objects.create(cohort=club.other, account_id=OLGA, role=Role.OPERATOR, joined_at=NOW)
    olga = as_principal(OLGA)

    def shown(at: str) -> UUID:
        cohort_id: UUID = olga.get("/nav/", {"at": at.partition("?")[0], "cohort": ""}).context["cohort"].id
        return cohort_id

    without = ("/notifications/", "/accounts/profile/", "/reviews/", "/submissions/", "/cohorts/")
    for page in pages.values():
        for cohort in (club.other, club.cohort):
            assert shown(page.replace(str(club.cohort.id), str(cohort.id), 1)) == cohort.id
            assert [shown(elsewhere) for elsewhere in without] == [cohort.id] * len(without)
