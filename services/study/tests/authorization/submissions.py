from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from study.submissions.actions import take_pull
from study.submissions.github import PullFact, fact_of
from study.submissions.models import GithubLimit, Pull, Source, Submission
from tests.authorization import Row, mentors, operators, signed_in
from tests.hooks.payloads import make_mission, person, pull

LINK = "https://github.com/ceos-developers/django-vote-15th/pull/42"
ROWS = {
    "list_submissions": signed_in(200),
    # A mentor and an operator know the mission, but only members hand in.
    "hand_in": Row((401, 404, 202, 403, 403, 404), {"mission_id": "{mission_id}", "link": LINK}),
    # Ada's own.
    "read_submission": Row((401, 404, 200, 200, 200, 404)),
    "list_cohort_submissions": mentors(200),
    "list_pulls": operators(200),
    "match_pull": operators(200, {"membership_id": "{membership_id}"}),
    "dismiss_pull": operators(204),
    "restore_pull": operators(204),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    mission = make_mission(club)
    for number, who in [(41, person(101, "ada-codes")), (61, person(999, "somebody"))]:
        fact = fact_of("pull_request", pull(number=number, user=who))[1]
        assert isinstance(fact, PullFact)
        take_pull(cohort_id=club.cohort.id, fact=fact, source=Source.WEBHOOK, at=timezone.now())
    # GitHub is not asked: its limits hold us.
    GithubLimit.objects.create(resumes_at=timezone.now() + timedelta(hours=1))
    return {
        "cohort_id": club.cohort.id,
        "mission_id": mission.id,
        "submission_id": Submission.objects.get().id,
        "pull_id": Pull.objects.get(number=61).id,
        "membership_id": club.ada.id,
    }
