"""Every form of the service that is submitted twice takes effect once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

import study
from chassis.testing import NOW
from chassis.testing.repeats import forms_without_key, row_counts
from study.cohorts.actions import close_cohort
from study.cohorts.models import Membership, Role
from study.memberships.actions.invitations import create_invitation
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.requests import request_extension
from study.missions.models import Extension, Mission, PartDeadline
from tests.announcements.test_announcements import say
from tests.conftest import (
    ADA,
    BORIS,
    CLARA,
    CONSENT,
    OLGA,
    STRANGER,
    announcement_page,
    mission_page,
    review_page,
)
from tests.missions.test_import_pages import SHEET
from tests.missions.test_pages import TYPED
from tests.reviews.conftest import work  # noqa: F401
from tests.reviews.test_pages import filled

# Forms without a key, because they create nothing and are idempotent; see `test_a_change_repeated…`.
CHANGES = {
    "announcements/detail.html {% url 'announcements:restore' announcement.cohort_id announcement.id %}",
    "announcements/list.html {% url 'announcements:cancel_publish_time' cohort.id draft.id %}",
    "cohorts/change.html",
    "cohorts/end.html {% url 'cohorts:reopen' cohort.id %}",
    "cohorts/joining.html {% url 'cohorts:joining' cohort.id %}",
    "cohorts/name.html",
    "home/overview.html {% url 'home:hide_checklist' cohort.id %}",
    # GitHub creates the App; a code that GitHub gave is used once.
    "installations/app.html {{ manifest_url }}",
    "installations/app.html {% url 'installations:credentials' %}",
    # Another secret is as good.
    "installations/app.html {% url 'installations:webhook_secret' %}",
    "installations/cohort.html {% url 'installations:check_runs' cohort.id %}",
    "memberships/member.html {% url 'memberships:confirm_claim' cohort.id member.id %}",
    'memberships/member.html "memberships:github" cohort.id member.id',
    'memberships/member.html "memberships:member" cohort.id member.id',
    # Sets the same again.
    "memberships/members.html {% url 'memberships:update_many' cohort.id %}",
    "memberships/mine.html",
    "missions/deadlines.html {% url 'missions:clear_part_deadline' cohort.id mission.id part.id %}",
    'missions/deadlines.html "missions:set_part_deadline" cohort.id mission.id',
    # Previews an import and writes nothing.
    "missions/import.html",
    "notes/edit.html",
    # A pattern is there once, and a run has each member once.
    "repositories/create.html",
    "repositories/new_pattern.html",
    "repositories/repository.html",
    "repositories/run.html {% url 'repositories:retry' cohort.id run.id %}",
    # Previews an import and writes nothing.
    "roster/sheet.html",
    'reviews/reviewers.html {% url "reviews:assign_one" cohort.id row.id %}',
    "reviews/reviewers.html {% url 'reviews:automatic' cohort.id %}",
    # Assigns to the same again.
    "reviews/reviewers.html {% url 'reviews:several' cohort.id %}",
    # What was decided meanwhile is left out.
    "submissions/pull_requests.html {% url 'submissions:assign' cohort.id %}",
    "submissions/pull_requests.html {{ dismiss_url }}",
    "submissions/pull_requests.html {% url 'submissions:restore' cohort.id pull_request.id %}",
    # A constraint allows a member one submission and one noted link, so the same link is the same result.
    # GitHub is asked meanwhile, which must not happen within a transaction.
    'submissions/submit.html "submissions:submit" cohort.id mission.id',
}
KEY = {"idempotency_key": "6f0d1a52-6a0c-4a55-8d0f-2b7b5f1f8a11"}


def test_every_form_that_creates_carries_a_key() -> None:
    assert forms_without_key(Path(study.__file__).parent) == CHANGES


def request_of(name: str, club: Any, rows: Any) -> tuple[Any, str, dict[str, Any]]:
    """Return account, path and form data."""
    cohort, mission = f"/cohorts/{club.cohort.id}", mission_page(rows.mission).rstrip("/")
    place = {"role": "member", "part_id": str(club.backend.id)}
    forms: dict[str, tuple[Any, str, dict[str, Any]]] = {
        "cohort": (
            OLGA,
            "/cohorts/new/",
            {"title": "17기", "first_day": "2026-12-01", "weeks": "8", "time_zone": "Asia/Seoul"},
        ),
        "part": (OLGA, f"{cohort}/settings/parts/", {"name": "디자인"}),
        "team": (OLGA, f"{cohort}/settings/teams/", {"name": "2조"}),
        "week": (OLGA, f"{cohort}/settings/weeks/", {"starts_on": "2027-01-04", "topic": "회고"}),
        "invitation": (
            OLGA,
            f"{cohort}/invitations/",
            {**place, "max_uses": "30", "expires_at": "2026-12-24T23:59"},
        ),
        "mission": (
            OLGA,
            f"{cohort}/missions/new/",
            {**TYPED, "week_id": str(club.weeks[3].id), "part_id": str(club.frontend.id)},
        ),
        "import": (
            OLGA,
            f"{cohort}/missions/import/",
            {"text": SHEET, "first_week": "1", "confirm": "yes"},
        ),
        "extension": (
            OLGA,
            f"{mission}/dues/extensions/",
            {"membership_id": str(club.ada.id), "hours": "24", "reason": "병원"},
        ),
        "extension request": (ADA, f"{mission}/more-time/", {"reason": "병원", "asked_until": ""}),
        "hook": (OLGA, f"{cohort}/hook/", {}),
        "review draft": (BORIS, review_page(rows.submission), filled(rows, 4, draft="1")),
        "review": (BORIS, review_page(rows.submission), filled(rows, 4, 2, release="1")),
        "even shares": (OLGA, f"{cohort}/reviewers/evenly/", {}),
        "removed part": (OLGA, f"{cohort}/settings/parts/{club.frontend.id}/remove/", {}),
        "removed week": (OLGA, f"{cohort}/settings/weeks/{club.weeks[-1].id}/remove/", {}),
        "removed member": (OLGA, f"{cohort}/members/{club.ada.id}/remove/", {}),
        "left": (BORIS, f"{cohort}/leave/", {}),
        "closed cohort": (OLGA, f"{cohort}/settings/close/", {}),
        "own part": (ADA, f"{cohort}/me/part/", {"part_id": str(club.frontend.id)}),
        "appointed operator": (
            STRANGER,
            f"/cohorts/installation/{club.cohort.id}/",
            {"account_id": str(STRANGER)},
        ),
    }
    return forms[name]


def posted_twice(browser: Any, path: str, typed: dict[str, Any]) -> tuple[Any, Any]:
    """Return both responses; fail if the second request added rows."""
    first = browser.post(path, typed)
    assert first.status_code in {201, 302}, first.content.decode()
    rows = row_counts()
    second = browser.post(path, typed)
    assert row_counts() == rows
    return first, second


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    "name",
    [
        "cohort",
        "part",
        "team",
        "week",
        "invitation",
        "mission",
        "import",
        "extension",
        "extension request",
        "hook",
        "review draft",
        "review",
        "even shares",
        "removed part",
        "removed week",
        "removed member",
        "left",
        "closed cohort",
        "own part",
        "appointed operator",
    ],
)
def test_a_form_sent_twice_lands_on_the_first_result(
    name: str,
    club: SimpleNamespace,
    work: SimpleNamespace,  # noqa: F811
    as_principal: Callable[..., Any],
) -> None:
    if name == "own part":
        Membership.objects.filter(id=club.ada.id).update(part=None)
    who, path, typed = request_of(name, club, work)
    browser = as_principal(who, roles=["owner"])

    first, second = posted_twice(browser, path, typed | KEY)

    assert (second.status_code, second.get("Location")) == (first.status_code, first.get("Location"))
    assert second.content == first.content


def test_an_announcement_sent_twice_is_published_once(
    club: SimpleNamespace, as_principal: Callable[..., Any], published: Callable[[str], list[Any]]
) -> None:
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/announcements/new/"
    typed = {"title": "OT 안내", "part_id": "", "body": "금요일"} | KEY
    shown = olga.post(path, typed).context["form"]

    first, second = posted_twice(olga, path, {**typed, "seen": shown.digest, "publish": "1"})

    assert second["Location"] == first["Location"]
    assert len(published("study.announcement_published.v1")) == 1


def test_an_announcement_saved_twice_is_one_draft(
    club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    path = f"/cohorts/{club.cohort.id}/announcements/new/"

    first, second = posted_twice(
        as_principal(OLGA), path, {"title": "OT 안내", "body": "금요일", "save": "1"} | KEY
    )

    assert second["Location"] == first["Location"]


def test_those_who_have_not_read_an_announcement_are_reminded_once(
    club: SimpleNamespace, as_principal: Callable[..., Any], published: Callable[[str], list[Any]]
) -> None:
    path = f"{announcement_page(say(club))}remind/"

    first, second = posted_twice(as_principal(OLGA), path, KEY)

    assert second["Location"] == first["Location"]
    assert len(published("study.readers_reminded.v1")) == 1


def test_joining_twice_lands_in_the_cohort(club: SimpleNamespace, as_principal: Callable[..., Any]) -> None:
    invitation = create_invitation(
        cohort=club.cohort,
        by=OLGA,
        role=Role.MEMBER,
        part_id=club.backend.id,
        max_uses=30,
        expires_at=NOW.replace(year=2027),
        at=NOW,
    )

    first, second = posted_twice(as_principal(CLARA), invitation.path, KEY | CONSENT)

    assert second["Location"] == first["Location"] == f"/cohorts/{club.cohort.id}/first-mission/"


def test_a_webhook_secret_made_twice_is_one_secret(
    club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/hook/"
    olga.post(path, KEY)

    first, second = posted_twice(olga, f"{path}rotate/", KEY)

    assert second.content == first.content
    assert b'id="secret"' in second.content


@pytest.mark.parametrize(
    "name",
    [
        *("cohort", "reopened", "part", "member", "login", "claim", "part due", "all for a part", "mentor"),
        *("mentor of several", "automatic"),
    ],
)
def test_a_change_repeated_changes_nothing_more(
    name: str,
    club: SimpleNamespace,
    work: SimpleNamespace,  # noqa: F811
    as_principal: Callable[..., Any],
) -> None:
    cohort, mission = f"/cohorts/{club.cohort.id}", mission_page(work.mission).rstrip("/")
    Mission.objects.update(part=None)
    ada = f"{cohort}/members/{club.ada.id}/"
    repeats: dict[str, tuple[UUID, str, dict[str, Any]]] = {
        "cohort": (OLGA, f"{cohort}/settings/name/", {"title": "16기 봄", "time_zone": "Asia/Seoul"}),
        "reopened": (OLGA, f"{cohort}/settings/reopen/", {}),
        "part": (OLGA, f"{cohort}/settings/parts/{club.backend.id}/", {"name": "서버"}),
        "member": (OLGA, ada, {"role": "member", "part_id": str(club.frontend.id), "team_id": ""}),
        "login": (OLGA, f"{cohort}/members/{club.olga.id}/github/", {"login": "olga-codes"}),
        "claim": (OLGA, f"{cohort}/me/", {"login": "olga-codes"}),
        "part due": (
            OLGA,
            f"{mission}/dues/parts/",
            {"part_id": str(club.backend.id), "due_at": "2026-12-24T23:59"},
        ),
        "all for a part": (OLGA, f"{mission}/dues/parts/{club.backend.id}/clear/", {}),
        "mentor": (OLGA, f"{cohort}/reviewers/{work.submission.id}/", {"mentor_id": str(BORIS)}),
        "mentor of several": (
            OLGA,
            f"{cohort}/reviewers/several/",
            {"submission_ids": [str(work.submission.id)], "mentor_id": str(BORIS)},
        ),
        "automatic": (OLGA, f"{cohort}/reviewers/automatic/", {"is_on": "1"}),
    }
    who, path, typed = repeats[name]
    if name == "reopened":
        close_cohort(cohort=club.cohort, at=NOW)
    if name == "all for a part":
        PartDeadline.objects.create(mission=work.mission, part=club.backend, due_at=NOW)

    first, second = posted_twice(as_principal(who), path, typed)

    assert second["Location"] == first["Location"]


def test_more_time_taken_back_twice_is_taken_back_once(
    club: SimpleNamespace,
    work: SimpleNamespace,  # noqa: F811
    as_principal: Callable[..., Any],
) -> None:
    grant_extension(
        mission=work.mission, membership_id=club.ada.id, hours=3, reason="병원", granted_by=OLGA, at=NOW
    )
    path = f"{mission_page(work.mission)}dues/extensions/{Extension.objects.get().id}/withdraw/"

    first, second = posted_twice(as_principal(OLGA), path, KEY)

    assert second["Location"] == first["Location"]


@pytest.mark.parametrize("decision", ["grant", "decline"])
def test_a_request_decided_twice_is_decided_once(
    decision: str,
    club: SimpleNamespace,
    work: SimpleNamespace,  # noqa: F811
    as_principal: Callable[..., Any],
) -> None:
    request = request_extension(
        mission=work.mission, membership=club.ada, reason="병원", asked_until=None, at=NOW
    )
    typed = {"request_ids": [str(request.id)], "hours": "24", "decision": decision} | KEY

    first, second = posted_twice(
        as_principal(OLGA), f"/cohorts/{club.cohort.id}/extension-requests/decide/", typed
    )

    assert second["Location"] == first["Location"]


def test_a_request_withdrawn_twice_is_withdrawn_once(
    club: SimpleNamespace,
    work: SimpleNamespace,  # noqa: F811
    as_principal: Callable[..., Any],
) -> None:
    request_extension(mission=work.mission, membership=club.ada, reason="병원", asked_until=None, at=NOW)

    first, second = posted_twice(as_principal(ADA), f"{mission_page(work.mission)}more-time/withdraw/", KEY)

    assert second["Location"] == first["Location"]


def test_a_withdrawn_announcement_is_put_back_once(
    club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    olga, path = as_principal(OLGA), announcement_page(say(club))
    olga.post(f"{path}withdraw/", KEY)

    first, second = posted_twice(olga, f"{path}restore/", {})

    assert second["Location"] == first["Location"]
