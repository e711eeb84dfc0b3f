"""Deletion of the personal data of a closed account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from study.announcements.actions import delete_reads
from study.audit.actions import erase_github_logins
from study.cohorts.models import Membership
from study.discussions.actions.replies import delete_replies
from study.discussions.actions.threads import delete_answers
from study.memberships.actions.consents import delete_consents
from study.memberships.actions.invitees import delete_invitees
from study.memberships.actions.memberships import end_memberships
from study.memberships.actions.requests import delete_requests
from study.memberships.actions.updates import delete_updates
from study.missions.actions.requests import delete_extension_requests
from study.notes.actions import delete_notes
from study.reminders.actions import delete_reminders
from study.roster.actions import delete_rows
from study.submissions.actions.works import delete_works


@transaction.atomic
def delete_personal_data(*, account_id: UUID, at: datetime) -> None:
    """End every membership, and erase its GitHub account, its answers, and what it sent to Seodang itself.

    When it was reminded is erased too, which announcements it opened, what operators' sheets said of it, its
    consents, its saved replies, its requests to join and for more time, and the notes of organizers about
    it; those that it wrote lose their author. Other submissions and the reviews stay.

    Idempotent. A cohort may lose its last operator; owners of the installation see that.
    """
    end_memberships(account_id=account_id, at=at)
    delete_requests(account_id=account_id)
    delete_rows(account_id=account_id)
    Membership.objects.filter(account_id=account_id).update(github_id=None, github_login="", github_claim="")
    erase_github_logins(account_id=account_id)
    delete_invitees(account_id=account_id)
    delete_consents(account_id=account_id)
    delete_updates(account_id=account_id)
    delete_answers(account_id=account_id)
    delete_replies(account_id=account_id)
    delete_works(account_id=account_id)
    delete_reminders(account_id=account_id)
    delete_notes(account_id=account_id)
    delete_extension_requests(account_id=account_id)
    delete_reads(account_id=account_id)
