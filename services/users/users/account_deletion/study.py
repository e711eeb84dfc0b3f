"""Client of the study service, for the cohorts that an account operates."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
import urllib3
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from chassis.web.client import ServiceClient, ServiceError
from users.keys.jwt import service_token

# A user and one worker thread wait for the answer.
TIMEOUT = urllib3.Timeout(total=3)
log = structlog.get_logger()


class StudyUnavailable(DomainError):
    code = "study_unavailable"
    title = _("Your cohorts cannot be checked right now. Nothing has changed; try again in a minute.")
    status = 503


def list_cohorts_to_hand_over(account_id: UUID, *, at: datetime) -> list[dict[str, str]]:
    """List cohorts with other members whose only operator is this account. StudyUnavailable on failure.

    Each has a `title`, and the `path` of the page that appoints another operator.
    """
    token = service_token(service=settings.SERVICE, audience="study", at=at)
    study = ServiceClient(settings.STUDY_URL, "study", token=token, timeout=TIMEOUT)
    try:
        answer = study.get(f"/internal/accounts/{account_id}/cohorts-to-hand-over")
    except ServiceError as error:
        log.warning("study_unavailable", error=str(error))
        raise StudyUnavailable(wait=60) from None
    return list(answer["results"])
