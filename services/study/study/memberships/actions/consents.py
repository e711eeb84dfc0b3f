"""Consent to what is collected about a member."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.cohorts.models import Membership
from study.memberships.models import Consent
from study.memberships.rules import CONSENT_VERSION


class ConsentMissing(DomainError):
    code = "consent_missing"
    title = _("Read what is collected and agree to it. The text may have changed since you opened the page.")
    status = 422


def ensure_current(*, version: str | None) -> None:
    """Raise ConsentMissing unless it is the version of today's text."""
    if version != CONSENT_VERSION:
        raise ConsentMissing(field="consent_version")


@transaction.atomic
def give_consent(*, membership: Membership, version: str | None, at: datetime) -> None:
    """Record the member's consent to the current text. Idempotent: the first time counts.

    Raise ConsentMissing for another version.
    """
    ensure_current(version=version)
    record_consent(membership=membership, version=CONSENT_VERSION, given_at=at)


def record_consent(*, membership: Membership, version: str, given_at: datetime) -> None:
    """Record that the member agreed to this version of the text. Idempotent: the first time counts."""
    Consent.objects.get_or_create(membership=membership, version=version, defaults={"given_at": given_at})


@transaction.atomic
def delete_consents(*, account_id: UUID) -> None:
    """Delete what the account agreed to. Idempotent."""
    Consent.objects.filter(membership__account_id=account_id).delete()
