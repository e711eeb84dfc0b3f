"""Client of the study service, for people who were invited by mail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog
import urllib3
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from chassis.web.client import ServiceClient, ServiceError
from users.keys.jwt import service_token

# A person and one worker thread wait for the answer.
TIMEOUT = urllib3.Timeout(total=3)
log = structlog.get_logger()


class InvitationNotChecked(DomainError):
    code = "invitation_not_checked"
    title = _("Your invitation cannot be checked right now. Try again in a minute.")
    status = 503


@dataclass(frozen=True)
class InvitedPerson:
    """A person of a sheet. `path` is the page that joins."""

    name: str
    email: str
    path: str


def get_invited_person(key: str, *, at: datetime) -> InvitedPerson | None:
    """Return who was invited by the mail whose link has this key, or None if it is over.

    Study keeps and is asked for the key's hash. InvitationNotChecked if it does not answer.
    """
    token = service_token(service=settings.SERVICE, audience="study", at=at)
    study = ServiceClient(settings.STUDY_URL, "study", token=token, timeout=TIMEOUT)
    try:
        answer = study.get(f"/internal/invited-people/{hashlib.sha256(key.encode()).hexdigest()}")
    except ServiceError as error:
        if error.status == 404:
            return None
        log.warning("study_unavailable", error=str(error))
        raise InvitationNotChecked(wait=60) from None
    return InvitedPerson(name=answer["name"], email=answer["email"], path=answer["path"])
