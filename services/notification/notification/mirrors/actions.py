"""Keeping what others tell: the newest version wins, an older one arriving late changes nothing."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from notification.mirrors.models import AccountMirror, CohortMirror, MembershipMirror


@transaction.atomic
def upsert_account(*, account_id: UUID, name: str, language: str, time_zone: str, version: int) -> None:
    """Keep how the person is called and reads. A closed account stays closed, whatever arrives after."""
    AccountMirror.objects.get_or_create(account_id=account_id)
    AccountMirror.objects.filter(account_id=account_id, closed=False, account_version__lt=version).update(
        name=name, language=language, time_zone=time_zone, account_version=version
    )


@transaction.atomic
def upsert_contact(*, account_id: UUID, email: str, version: int) -> None:
    """Keep the address. A closed account never gets one again."""
    AccountMirror.objects.get_or_create(account_id=account_id)
    AccountMirror.objects.filter(account_id=account_id, closed=False, contact_version__lt=version).update(
        email=email, contact_version=version
    )


@transaction.atomic
def anonymise_account(*, account_id: UUID, version: int) -> None:
    """Keep nothing of the person but that the account is closed, so that nothing late brings them back."""
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
    """Keep what the cohort is called."""
    CohortMirror.objects.get_or_create(cohort_id=cohort_id)
    CohortMirror.objects.filter(cohort_id=cohort_id, version__lt=version).update(title=title, version=version)


@transaction.atomic
def upsert_membership(
    *, membership_id: UUID, cohort_id: UUID, account_id: UUID, role: str, left: bool, version: int
) -> None:
    """Keep who is where, and who has left."""
    MembershipMirror.objects.get_or_create(
        membership_id=membership_id, defaults={"cohort_id": cohort_id, "account_id": account_id, "role": role}
    )
    MembershipMirror.objects.filter(membership_id=membership_id, version__lt=version).update(
        role=role, left=left, version=version
    )
