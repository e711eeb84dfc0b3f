"""A mission with a rubric, and Ada's submission to it, waiting for Boris."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.github.models import PullRequest, Repository, Source
from study.missions.models import Criterion, Level, Mission
from study.submissions.models import Attempt, Submission
from tests.conftest import BORIS


@pytest.fixture
def work(club: SimpleNamespace) -> SimpleNamespace:
    mission = Mission.objects.create(
        cohort=club.cohort,
        part=club.backend,
        week=club.weeks[2],
        title="django-vote",
        github_repository=Repository.objects.create(
            cohort=club.cohort, name="ceos-developers/django-vote-15th"
        ),
        opens_at=NOW - timedelta(days=7),
        due_at=NOW + timedelta(days=1),
        created_at=NOW - timedelta(days=8),
    )
    rubric = []
    for position, title in enumerate(["요구사항", "테스트"], start=1):
        criterion = Criterion.objects.create(mission=mission, position=position, title=title)
        levels = [
            Level.objects.create(criterion=criterion, points=n, label=label)
            for n, label in [(1, "미흡"), (2, "일부"), (4, "모두")]
        ]
        rubric.append(SimpleNamespace(criterion=criterion, levels=levels))
    submission = create_submission(mission, club.ada, number=42)
    Submission.objects.filter(id=submission.id).update(mentor_id=BORIS)
    submission.refresh_from_db()
    return SimpleNamespace(mission=mission, rubric=rubric, submission=submission)


def create_submission(
    mission: Mission, membership, *, number: int, at=NOW - timedelta(hours=5)
) -> Submission:
    """A submission with one attempt, as the webhook would have made it."""
    assert mission.github_repository
    pull_request = PullRequest.objects.create(
        repository=mission.github_repository,
        cohort=mission.cohort,
        number=number,
        github_id=1000 + number,
        title="과제 제출",
        url=f"https://github.com/{mission.repository}/pull/{number}",
        author_id=101,
        author_login="ada-codes",
        head_sha="a" * 40,
        state="open",
        opened_at=at,
        github_updated_at=at,
    )
    submission = Submission.objects.create(
        mission=mission,
        cohort_id=mission.cohort_id,
        membership=membership,
        pull_request=pull_request,
        account_id=membership.account_id,
        waiting_since=at,
        attempts_count=1,
        created_at=at,
    )
    Attempt.objects.create(
        submission=submission,
        number=1,
        head_sha="a" * 40,
        source=Source.WEBHOOK,
        received_at=at,
        due_at=mission.due_at,
    )
    return submission


def add_submissions(work: SimpleNamespace, club: SimpleNamespace, number: int = 30) -> None:
    """Submissions of other members, which Boris reviews."""
    for _ in range(number):
        member = Membership.objects.create(
            cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=NOW
        )
        create_submission(work.mission, member, number=100 + PullRequest.objects.count())
    Submission.objects.update(mentor_id=BORIS)
