"""Accounts of the tests: Ada is a member, Boris her mentor, Olga the operator; Clara is in another cohort."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from study.announcements.models import Announcement
from study.cohorts.models import Cohort, Membership, Part, Role, Team, Week
from study.memberships.rules import CONSENT_VERSION
from study.missions.models import Mission
from study.submissions.models import Submission

ADA = UUID("00000000-0000-4000-8000-00000000ada0")
BORIS = UUID("00000000-0000-4000-8000-0000000b0415")
OLGA = UUID("00000000-0000-4000-8000-00000000016a")
CLARA = UUID("00000000-0000-4000-8000-0000000c1a4a")
STRANGER = UUID("00000000-0000-4000-8000-00000057a264")
# What joining sends of the text on what is collected.
CONSENT: Any = {"consent_version": CONSENT_VERSION}


def mission_page(mission: Mission) -> str:
    return f"/cohorts/{mission.cohort_id}/missions/{mission.id}/"


def announcement_page(announcement: Announcement) -> str:
    return f"/cohorts/{announcement.cohort_id}/announcements/{announcement.id}/"


def submission_page(submission: Submission) -> str:
    return f"/cohorts/{submission.mission.cohort_id}/submissions/{submission.id}/"


def review_page(submission: Submission) -> str:
    return f"/cohorts/{submission.mission.cohort_id}/reviews/{submission.id}/"


@pytest.fixture
def names(db: None) -> None:
    """Account mirrors of these accounts."""
    for account_id, name, github_id, login in [
        (ADA, "Ada", 101, "ada-codes"),
        (BORIS, "Boris", 102, "boris-reviews"),
        (OLGA, "Olga", None, ""),
        (CLARA, "Clara", 104, "clara-else"),
    ]:
        AccountMirror.objects.create(
            account_id=account_id, name=name, github_id=github_id, github_login=login, version=1
        )


@pytest.fixture
def club(names: None) -> SimpleNamespace:
    """A cohort of eight weeks whose third is now, with two parts; and another cohort with Clara in it.

    Operators assign its reviewers.
    """
    cohort = Cohort.objects.create(title="16기", opened_at=NOW - timedelta(days=30), assigns_reviewers=False)
    backend = Part.objects.create(cohort=cohort, name="백엔드", position=1)
    frontend = Part.objects.create(cohort=cohort, name="프론트엔드", position=2)
    team = Team.objects.create(cohort=cohort, name="1조")
    monday = date(2026, 11, 9)
    weeks = [
        Week.objects.create(cohort=cohort, number=n, starts_on=monday + timedelta(weeks=n - 1))
        for n in range(1, 9)
    ]
    memberships = {
        name: Membership.objects.create(
            cohort=cohort,
            account_id=account_id,
            role=role,
            part=part,
            team=its_team,
            joined_at=cohort.opened_at,
        )
        for name, account_id, role, part, its_team in [
            ("olga", OLGA, Role.OPERATOR, None, None),
            ("boris", BORIS, Role.MENTOR, backend, None),
            ("ada", ADA, Role.MEMBER, backend, team),
        ]
    }
    other = Cohort.objects.create(title="다른 동아리", opened_at=NOW - timedelta(days=30))
    clara = Membership.objects.create(
        cohort=other, account_id=CLARA, role=Role.OPERATOR, joined_at=other.opened_at
    )
    return SimpleNamespace(
        cohort=cohort,
        backend=backend,
        frontend=frontend,
        team=team,
        weeks=weeks,
        other=other,
        clara=clara,
        **memberships,
    )


@pytest.fixture(autouse=True)
def _no_github(settings: Any) -> None:
    """Nobody listens there."""
    settings.GITHUB_API_URL = "http://127.0.0.1:9"
