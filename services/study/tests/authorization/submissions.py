from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from study.github.actions.ingest import ingest_pull_request
from study.github.models import GitHubLimit, PullRequest, Source
from study.github.rules.payloads import PullRequestEvent
from study.submissions.models import Submission
from tests.authorization import Row, mentors, operators, signed_in
from tests.github.payloads import make_mission, parse, person, pull_request

LINK = "https://github.com/ceos-developers/django-vote-15th/pull/42"
ROWS = {
    "list_submissions": signed_in(200),
    # A mentor and an operator know the mission, but only members hand in.
    "create_submission": Row((401, 404, 202, 403, 403, 404), {"mission_id": "{mission_id}", "link": LINK}),
    # Ada's own.
    "get_submission": Row((401, 404, 200, 200, 200, 404)),
    "list_cohort_submissions": mentors(200),
    "list_pull_requests": operators(200),
    "preview_assignments": operators(
        200, {"title": "투표", "week_id": "{week_id}", "repository": "club/vote"}
    ),
    "match_pull_request": operators(200, {"membership_id": "{membership_id}"}),
    "assign_pull_requests": operators(
        200, {"pull_request_ids": ["{pull_request_id}"], "mission_id": "{mission_id}"}
    ),
    "dismiss_pull_request": operators(204),
    "restore_pull_request": operators(204),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    mission = make_mission(club)
    for number, who in [(41, person(101, "ada-codes")), (61, person(999, "somebody"))]:
        event = parse("pull_request", pull_request(number=number, user=who))[1]
        assert isinstance(event, PullRequestEvent)
        ingest_pull_request(cohort_id=club.cohort.id, event=event, source=Source.WEBHOOK, at=timezone.now())
    # GitHub is not asked: its limits hold us.
    GitHubLimit.objects.create(resumes_at=timezone.now() + timedelta(hours=1))
    return {
        "cohort_id": club.cohort.id,
        "mission_id": mission.id,
        "week_id": mission.week_id,
        "submission_id": Submission.objects.get().id,
        "pull_request_id": PullRequest.objects.get(number=61).id,
        "membership_id": club.ada.id,
    }
