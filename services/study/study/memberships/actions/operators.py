"""Appointment of operators by an owner of the installation, for cohorts without one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.audit.actions import record_change
from study.cohorts.actions import publish_membership_changed
from study.cohorts.models import AuditKind, Cohort, Membership, Role
from study.memberships.actions.joining import carry_over


class NotInCohort(DomainError):
    code = "not_in_cohort"
    title = _("Choose somebody who is in this cohort, or yourself.")
    status = 422


@transaction.atomic
def appoint_operator(*, cohort: Cohort, account_id: UUID, by: UUID, at: datetime) -> Membership:
    """Make a member of the cohort, or the owner `by`, its operator, and write an audit entry.

    Idempotent: nothing is written for an operator. Raise NotInCohort for any other account.
    """
    Cohort.objects.select_for_update().get(id=cohort.id)
    memberships = Membership.objects.select_for_update().live()
    membership = memberships.filter(cohort=cohort, account_id=account_id).first()
    role = membership.role if membership else ""
    if membership is None:
        if account_id != by:
            raise NotInCohort(field="account_id")
        membership = Membership.objects.create(
            cohort=cohort, account_id=account_id, role=Role.OPERATOR, joined_at=at
        )
        carry_over(membership=membership, at=at)
    elif membership.role == Role.OPERATOR:
        return membership
    else:
        membership.role, membership.version = Role.OPERATOR, membership.version + 1
        membership.save(update_fields=["role", "version"])
    record_change(
        cohort_id=cohort.id,
        kind=AuditKind.OPERATOR_APPOINTED,
        changes={"": (role, Role.OPERATOR.value)},
        subject_id=account_id,
        by=by,
        at=at,
    )
    publish_membership_changed(membership=membership, at=at)
    return membership
