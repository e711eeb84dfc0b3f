"""Whose GitHub account is whose."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from chassis.refusals import Refusal
from study.cohorts.models import Membership


class GithubTaken(Refusal):
    code = "github_taken"
    title = _("Somebody else in this cohort has this GitHub account.")


@transaction.atomic
def pin_github(*, membership: Membership, github_id: int, login: str, at: datetime) -> None:
    """Bind the membership to GitHub's immutable id: renames no longer matter. Or GithubTaken."""
    membership.github_id, membership.github_login, membership.github_claim = github_id, login.lower(), ""
    try:
        with transaction.atomic():
            membership.save(update_fields=["github_id", "github_login", "github_claim"])
    except IntegrityError:
        raise GithubTaken(field="github_login") from None
