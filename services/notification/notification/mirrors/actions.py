"""Update the mirrors. The highest version wins; older versions that arrive late are ignored."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from notification.mirrors.models import CohortMirror, ContactMirror, MembershipMirror, PartMirror


@transaction.atomic
def upsert_contact(*, account_id: UUID, email: str, version: int) -> None:
    """Update the email address. Ignored if the account is closed."""
    ContactMirror.objects.get_or_create(account_id=account_id)
    ContactMirror.objects.filter(account_id=account_id, closed=False, version__lt=version).update(
        email=email, version=version
    )


@transaction.atomic
def delete_account_rows(*, account_id: UUID) -> None:
    """Delete address and memberships of a closed account, so that late events cannot restore the address."""
    ContactMirror.objects.update_or_create(account_id=account_id, defaults={"email": "", "closed": True})
    MembershipMirror.objects.filter(account_id=account_id).delete()


@transaction.atomic
def upsert_cohort(
    *, cohort_id: UUID, title: str, version: int, parts: Sequence[tuple[UUID, str]] | None = None
) -> None:
    """Update title and parts, in their order, of a cohort. `parts=None` keeps the parts.

    The same version again brings the parts of a cohort that was mirrored by a release without them.
    """
    CohortMirror.objects.get_or_create(cohort_id=cohort_id)
    rows = CohortMirror.objects.filter(cohort_id=cohort_id, version__lte=version)
    if not rows.update(title=title, version=version) or parts is None:
        return
    PartMirror.objects.filter(cohort_id=cohort_id).delete()
    PartMirror.objects.bulk_create(
        PartMirror(part_id=part_id, cohort_id=cohort_id, name=name, position=position)
        for position, (part_id, name) in enumerate(parts)
    )


@transaction.atomic
def upsert_membership(
    *, membership_id: UUID, cohort_id: UUID, account_id: UUID, role: str, left: bool, version: int
) -> None:
    """Update role and `left` of a membership."""
    MembershipMirror.objects.get_or_create(
        membership_id=membership_id, defaults={"cohort_id": cohort_id, "account_id": account_id, "role": role}
    )
    MembershipMirror.objects.filter(membership_id=membership_id, version__lt=version).update(
        role=role, left=left, version=version
    )
