"""Old addresses of pages, which did not name their cohort, and rows of another cohort than the address's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, STRANGER, review_page, submission_page
from tests.reviews.conftest import work

__all__ = ["work"]


@pytest.fixture
def pages(work: SimpleNamespace) -> dict[str, str]:
    """The address of each kind, by its old one."""
    submission = work.submission
    return {
        f"/submissions/{submission.id}/": submission_page(submission),
        f"/reviews/{submission.id}/": review_page(submission),
    }


def test_an_old_address_leads_to_the_same_page_for_good(pages: dict[str, str], as_principal: Any) -> None:
    boris = as_principal(BORIS)
    for old, new in pages.items():
        for rest in ("", "files/?attempt=1&file=2", "a b/?q=%2F"):
            moved = boris.get(f"{old}{rest}")
            assert (moved.status_code, moved["Location"]) == (308, f"{new}{rest}".replace(" ", "%20")), old


def test_what_is_sent_to_an_old_address_is_not_lost(
    work: SimpleNamespace, pages: dict[str, str], as_principal: Any
) -> None:
    boris = as_principal(BORIS)
    for old, new in pages.items():
        moved = boris.post(f"{old}some/", {"comment": "잘했어요"})
        assert (moved.status_code, moved["Location"]) == (308, f"{new}some/"), old

    typed = {"comment": "잘했어요", "revision": ""}
    saved = boris.post(f"/reviews/{work.submission.id}/", typed, follow=True)

    assert saved.redirect_chain == [(review_page(work.submission), 308), (review_page(work.submission), 302)]
    assert work.submission.reviews.get().comment == "잘했어요"


def test_an_old_address_tells_others_nothing(pages: dict[str, str], club: Any, as_principal: Any) -> None:
    for old in pages:
        assert as_principal(CLARA).get(old).status_code == 404, old
        assert as_principal(STRANGER).post(old).status_code == 404, old
        assert (
            as_principal(BORIS).get("/".join([*old.split("/")[:-2], str(club.cohort.id), ""])).status_code
            == 404
        )
        assert as_principal(BORIS).get(old[:-2] + "/").status_code == 404


def test_who_has_left_comes_to_what_they_submitted(
    pages: dict[str, str], club: Any, as_principal: Any
) -> None:
    Membership.objects.filter(account_id=ADA).update(left_at=NOW)

    shown = as_principal(ADA).get(f"/submissions/{Submission.objects.get().id}/", follow=True)

    assert shown.status_code == 200


def test_a_row_of_another_cohort_is_not_found(pages: dict[str, str], club: Any, as_principal: Any) -> None:
    Membership.objects.create(cohort=club.other, account_id=BORIS, role=Role.OPERATOR, joined_at=NOW)
    boris = as_principal(BORIS)
    for new in pages.values():
        assert boris.get(new).status_code == 200, new
        wrong = new.replace(str(club.cohort.id), str(club.other.id))
        assert boris.get(wrong).status_code == 404, new
