"""Update the mirrors. The highest version wins; older versions that arrive late are ignored."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from notification.mirrors.models import AccountMirror, CohortMirror, MembershipMirror


@transaction.atomic
def upsert_account(*, account_id: UUID, name: str, language: str, time_zone: str, version: int) -> None:
    """Update name, language and time zone. Ignored if the account is closed."""
    AccountMirror.objects.get_or_create(account_id=account_id)
    AccountMirror.objects.filter(account_id=account_id, closed=False, account_version__lt=version).update(
        name=name, language=language, time_zone=time_zone, account_version=version
    )


@transaction.atomic
def upsert_contact(*, account_id: UUID, email: str, version: int) -> None:
    """Update the email address. Ignored if the account is closed."""
    AccountMirror.objects.get_or_create(account_id=account_id)
    AccountMirror.objects.filter(account_id=account_id, closed=False, contact_version__lt=version).update(
        email=email, contact_version=version
    )


@transaction.atomic
def anonymise_account(*, account_id: UUID, version: int) -> None:
    """Delete personal data and memberships; keep the closed account's id, so that late events are ignored."""
    AccountMirror.objects.update_or_create(
        account_id=account_id,
        defaults={
            "name": "",
            "email": "",
            "language": "ko",
            "time_zone": "Asia/Seoul",
            "closed": True,
            "account_version": version,
            "contact_version": version,
        },
    )
    MembershipMirror.objects.filter(account_id=account_id).delete()


@transaction.atomic
def upsert_cohort(*, cohort_id: UUID, title: str, version: int) -> None:
    """Update the title of a cohort."""
    CohortMirror.objects.get_or_create(cohort_id=cohort_id)
    CohortMirror.objects.filter(cohort_id=cohort_id, version__lt=version).update(title=title, version=version)


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
