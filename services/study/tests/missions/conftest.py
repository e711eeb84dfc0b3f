"""A mission of the third week, for the backend part; what a form about it holds; and a hand-in of Ada's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.testing import NOW
from study.missions.actions.missions import create_mission
from study.missions.models import Mission
from study.missions.rules.rubric import CriterionData
from study.submissions.models import Submission
from tests.conftest import OLGA
from tests.reviews.conftest import create_submission


def criterion(title: str, levels: dict[int, str]) -> CriterionData:
    """Return a criterion; `levels` are labels by points."""
    return {"title": title, "levels": [{"points": n, "label": label} for n, label in levels.items()]}


RUBRIC = [
    criterion("요구사항", {4: "모두 충족", 0: "부족"}),
    criterion("테스트", {2: "있음", 0: "없음"}),
]


@pytest.fixture
def mission_fields(club: Any) -> dict[str, Any]:
    """What makes a mission, as the verbs take it."""
    return {
        "week_id": club.weeks[2].id,
        "part_id": club.backend.id,
        "title": "투표 API 만들기",
        "body": "## 목표\n\n투표를 만들어요.",
        "repository": "club/django-vote",
        "opens_at": None,
        "due_at": None,
        "rubric": RUBRIC,
    }


@pytest.fixture
def vote(club: Any, mission_fields: dict[str, Any]) -> Mission:
    return create_mission(cohort=club.cohort, at=NOW, **mission_fields, by=OLGA)


@pytest.fixture
def everyones(club: Any, mission_fields: dict[str, Any]) -> Mission:
    """A mission that is everyone's."""
    other = {"part_id": None, "title": "모두의 미션", "repository": "club/everyone"}
    return create_mission(cohort=club.cohort, at=NOW, **mission_fields | other, by=OLGA)


@pytest.fixture
def handed_in(club: Any, vote: Mission) -> Callable[..., Submission]:
    """handed_in(mission?) → Ada's submission to it."""

    def of(mission: Mission = vote, number: int = 42) -> Submission:
        return create_submission(mission, club.ada, number=number)

    return of
