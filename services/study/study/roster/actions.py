"""Import people of a sheet: note the rows, and invite the person of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.crypto import decrypt, encrypt
from chassis.errors import DomainError
from chassis.retention import delete_in_batches
from study.cohorts.actions import create_part, create_team, ensure_open
from study.cohorts.models import Cohort, Membership, Role, TeamKind
from study.memberships.actions.invitations import AlreadyMember
from study.memberships.actions.invitees import AlreadyInvited, invitation_of, invite_by_email
from study.roster.models import RosterImport, RosterRow, RowState
from study.roster.rules import Person

# How long the result of an import can be seen.
MAX_ROW_AGE = timedelta(days=90)


class GroupsChanged(DomainError):
    code = "groups_changed"
    title = _("Parts or teams have changed meanwhile: “%(name)s”. Check again.")


@transaction.atomic
def start_import(
    *,
    cohort: Cohort,
    people: Sequence[Person],
    columns: Mapping[str, str],
    creates_groups: bool,
    by: UUID,
    at: datetime,
) -> RosterImport:
    """Note the people of a sheet; `invite_row` then invites each. `columns` are the titles by field.

    Parts and teams are looked up by name, and created if `creates_groups`. Raise CohortClosed or
    GroupsChanged.
    """
    cohort = Cohort.objects.select_for_update().get(id=cohort.id)
    ensure_open(cohort=cohort)
    part_ids = {part.name: part.id for part in cohort.parts.all()}
    team_ids = {(team.name, team.kind): team.id for team in cohort.teams.all()}
    for person in people:
        if person.part and person.part not in part_ids:
            _ensure_allowed(person.part, is_created=creates_groups)
            part_ids[person.part] = create_part(cohort=cohort, name=person.part, at=at).id
        for key in _teams(person):
            if key not in team_ids:
                _ensure_allowed(key[0], is_created=creates_groups)
                team_ids[key] = create_team(cohort=cohort, name=key[0], kind=key[1]).id
    roster_import = RosterImport.objects.create(
        cohort=cohort, columns=dict(columns), created_by=by, created_at=at
    )
    RosterRow.objects.bulk_create(
        RosterRow(
            roster_import=roster_import,
            line=person.line,
            name=person.name,
            email_encrypted=encrypt(person.email),
            role=person.role,
            part_id=part_ids.get(person.part),
            study_team_id=team_ids.get((person.study_team, TeamKind.STUDY)),
            team_id=team_ids.get((person.team, TeamKind.PROJECT)),
            github_login=person.github_login,
        )
        for person in people
    )
    return roster_import


@transaction.atomic
def invite_row(*, row_id: int, at: datetime) -> bool:
    """Invite the person of a row, unless a member or invited; return False if the row does not wait.

    Idempotent: the invitation, its mail and the row's state are one transaction. Raise CohortClosed: the row
    waits for the cohort to be opened again. A row fails, and blocks no other, if it can no longer be
    decrypted, or if who confirmed the sheet operates the cohort no more: nobody is invited in their name.
    """
    roster_import = RosterImport.objects.get(rows=row_id)
    cohort = Cohort.objects.select_for_update().get(id=roster_import.cohort_id)
    row = RosterRow.objects.select_for_update().get(id=row_id)
    if row.state != RowState.WAITING:
        return False
    operators = Membership.objects.live().filter(cohort=cohort, role=Role.OPERATOR)
    try:
        email = decrypt(row.email_encrypted)
    except ValueError:
        email = ""
    if not email or not operators.filter(account_id=roster_import.created_by).exists():
        row.state, row.email_encrypted = RowState.FAILED, ""
        row.save(update_fields=["state", "email_encrypted"])
        return True
    try:
        row.invitation = invite_by_email(
            cohort=cohort,
            name=row.name,
            email=email,
            role=row.role,
            part_id=row.part_id,
            team_id=row.team_id,
            study_team_id=row.study_team_id,
            github_login=row.github_login,
            by=roster_import.created_by,
            at=at,
        )
        row.state = RowState.INVITED
    except AlreadyInvited:
        row.state = RowState.ALREADY_INVITED
    except AlreadyMember:
        row.state = RowState.ALREADY_MEMBER
    if row.state != RowState.INVITED:
        # With the account of a former invitation, the row can be erased too.
        row.invitation = invitation_of(cohort_id=cohort.id, email=email, at=at)
    row.email_encrypted = ""
    row.save(update_fields=["state", "email_encrypted", "invitation"])
    return True


def delete_old_rows(*, at: datetime) -> Iterator[int]:
    """Delete rows of imports older than MAX_ROW_AGE; yield the size of each batch."""
    yield from delete_in_batches(RosterRow.objects.filter(roster_import__created_at__lt=at - MAX_ROW_AGE))


@transaction.atomic
def delete_rows(*, account_id: UUID) -> None:
    """Delete the rows of an account: those of invitations that it used, or with its GitHub login. Idempotent.

    Call it while the account's logins are known.
    """
    memberships = Membership.objects.filter(account_id=account_id)
    mirrored = AccountMirror.objects.filter(account_id=account_id).annotate(login=Lower("github_login"))
    logins = {*memberships.values_list("github_login", flat=True), *mirrored.values_list("login", flat=True)}
    theirs = RosterRow.objects.filter(roster_import__cohort__in=memberships.values("cohort"))
    theirs.filter(github_login__in=logins - {"", None}).delete()
    RosterRow.objects.filter(invitation__for_account_id=account_id).delete()


def _teams(person: Person) -> Iterator[tuple[str, str]]:
    for name, kind in ((person.study_team, TeamKind.STUDY), (person.team, TeamKind.PROJECT)):
        if name:
            yield name, kind.value


def _ensure_allowed(name: str, *, is_created: bool) -> None:
    if not is_created:
        raise GroupsChanged(name=name)
