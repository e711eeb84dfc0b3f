"""The same role, part or teams for several members at once; parts and teams can be undone (docs/adr/0065)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from study.cohorts.models import Cohort, Membership
from study.memberships.actions.memberships import CHANGEABLE, update_membership
from study.memberships.models import MembershipUpdate

UNDO_LIFETIME = timedelta(days=1)


class MemberNotInCohort(DomainError):
    code = "member_not_in_cohort"
    title = _("Somebody of these is not in this cohort any more. Choose again.")


class ChangedSince(DomainError):
    code = "changed_since"
    title = _("Nothing was undone: one of these people was changed since, or has left.")


@transaction.atomic
def update_memberships(
    *,
    cohort: Cohort,
    membership_ids: Collection[UUID],
    changes: Mapping[str, Any],
    update_id: UUID | None = None,
    by: UUID,
    at: datetime,
) -> list[Membership]:
    """Make the same `changes`, some arguments of `update_membership`, to several members; all or none.

    `update_id` names what is done for `undo_update`; the first update of this name counts. A change of roles
    cannot be undone: it ends links and reviews.

    Raise MemberNotInCohort, or what `update_membership` raises.
    """
    Cohort.objects.select_for_update().get(id=cohort.id)
    found = list(Membership.objects.live().filter(cohort=cohort, id__in=membership_ids).order_by("id"))
    if len(found) != len(set(membership_ids)):
        raise MemberNotInCohort(field="membership_ids")
    if update_id is not None and "role" not in changes:
        _record(found, changes, update_id=update_id, at=at)
    return [
        update_membership(
            membership=membership,
            **{name: getattr(membership, name) for name in CHANGEABLE} | dict(changes),
            by=by,
            at=at,
        )
        for membership in found
    ]


@transaction.atomic
def undo_update(*, cohort: Cohort, update_id: UUID, by: UUID, at: datetime) -> int:
    """Give members back the parts and teams from before the update; all or none. Return how many. Idempotent.

    Raise NotFound if no update of the last UNDO_LIFETIME has this id, ChangedSince if one of the members has
    other parts or teams by now or has left, and what `update_membership` raises, such as for a deleted part.
    """
    Cohort.objects.select_for_update().get(id=cohort.id)
    rows = MembershipUpdate.objects.filter(
        update_id=update_id, membership__cohort=cohort, at__gt=at - UNDO_LIFETIME
    )
    updates = list(rows.select_related("membership").order_by("membership_id"))
    if not updates:
        raise NotFound
    waiting = [update for update in updates if update.undone_at is None]
    if not all(update.is_current for update in waiting):
        raise ChangedSince
    for update in waiting:
        membership = update.membership
        as_it_is = {name: getattr(membership, name) for name in CHANGEABLE}
        update_membership(membership=membership, **as_it_is | update.values_before, by=by, at=at)
    rows.update(undone_at=at)
    return len(updates)


@transaction.atomic
def delete_updates(*, account_id: UUID) -> None:
    """Delete what was set for a closed account. Idempotent."""
    MembershipUpdate.objects.filter(membership__account_id=account_id).delete()


def _record(
    memberships: Iterable[Membership], changes: Mapping[str, Any], *, update_id: UUID, at: datetime
) -> None:
    """Record the values that change, and delete what can no longer be undone."""
    MembershipUpdate.objects.filter(at__lte=at - UNDO_LIFETIME).delete()
    after = {name: str(value) if value else None for name, value in changes.items()}
    rows = []
    for membership in memberships:
        values = {name: getattr(membership, name) for name in changes}
        before = {name: str(value) if value else None for name, value in values.items()}
        if before != after:
            rows.append(
                MembershipUpdate(
                    update_id=update_id, membership=membership, before=before, after=after, at=at
                )
            )
    MembershipUpdate.objects.bulk_create(rows, ignore_conflicts=True)
