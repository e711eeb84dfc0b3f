"""What GitHub shows of a submission."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from study.installations.rules.check_runs import check_run_content as content_of
from study.submissions.models import Submission
from study.submissions.rules.check_runs import check_run_summary, check_run_title, is_success


def check_run_content(pull_request_id: UUID) -> dict[str, Any] | None:
    """Return the check run of a pull request's head: the setting CHECK_RUN_CONTENT.

    None if it is no submission. One statement. In the language of the installation, since GitHub shows the
    same to everybody.
    """
    submissions = Submission.objects.select_related("mission").with_lateness()
    submission = submissions.filter(pull_request=pull_request_id).first()
    if submission is None:
        return None
    state, is_late = submission.display_state, submission.is_late
    url = settings.PUBLIC_URL + reverse(
        "reviews:submission", args=[submission.mission.cohort_id, submission.id]
    )
    with translation.override(settings.LANGUAGE_CODE):
        return content_of(
            name=f"seodang/{submission.mission.title}",
            title=check_run_title(state=state, is_late=is_late),
            summary=check_run_summary(is_late=is_late, url=url),
            url=url,
            is_success=is_success(state=state, is_late=is_late),
        )
