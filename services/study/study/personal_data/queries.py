"""Personal data of an account, for its export."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Q

from chassis.account_mirror import queries as account_mirror
from study.announcements.models import AnnouncementRead, AnnouncementReminder
from study.cohorts.models import AuditEntry, Membership
from study.discussions.models import EntryKind, LineComment, SavedReply, ThreadEntry
from study.memberships.queries import export_consents, export_invitations, export_join_requests
from study.missions.models import ExtensionRequest
from study.notes.queries import export_notes
from study.reminders.models import Reminder, ReminderKind
from study.reviews.models import Score
from study.submissions.models import Attempt, Submission, SubmittedFile, SubmittedWork, is_stored


def export_personal_data(account_id: UUID) -> dict[str, Any]:
    """Return the account's personal data as JSON types; reviews only if released. Twenty queries."""
    submissions = Submission.objects.filter(account_id=account_id)
    data = {
        "account": account_mirror.export_account(account_id),
        "memberships": list(
            Membership.objects.filter(account_id=account_id)
            .order_by("joined_at", "id")
            .values(
                *("id", "role", "joined_at", "left_at", "github_id", "github_login", "github_claim"),
                cohort_title=F("cohort__title"),
                part_name=F("part__name"),
                team_name=F("team__name"),
                study_team_name=F("study_team__name"),
            )
        ),
        "consents": export_consents(account_id),
        "invitations": export_invitations(account_id),
        "join_requests": export_join_requests(account_id),
        "submissions": [
            {"pull_request": row.pop("url"), **row}
            for row in submissions.order_by("created_at", "id").values(
                *("id", "state", "points", "max_points", "released_at", "completed_at", "was_late"),
                "created_at",
                mission_title=F("mission__title"),
                url=F("pull_request__url"),
            )
        ],
        "attempts": list(
            Attempt.objects.filter(submission__in=submissions)
            .order_by("received_at", "id")
            .values("submission_id", "number", "head_sha", "source", "received_at", "due_at", "late_seconds")
        ),
        "works": [
            {"attempt": row.pop("number"), **row}
            for row in SubmittedWork.objects.filter(attempt__submission__in=submissions)
            .order_by("attempt__received_at", "attempt_id")
            .values(*("text", "link"), submission_id=F("attempt__submission_id"), number=F("attempt__number"))
        ],
        # Without their content, which is downloaded at `path` while the account is there.
        "files": [
            {
                "path": f"/cohorts/{row.pop('cohort_id')}/submissions/{row['submission_id']}"
                f"/works/{row.pop('id')}/",
                **row,
            }
            for row in SubmittedFile.objects.filter(is_stored(), work__attempt__submission__in=submissions)
            .order_by("work__attempt__received_at", "work_id", "position")
            .values(
                *("id", "name", "content_type", "size"),
                cohort_id=F("work__attempt__submission__mission__cohort_id"),
                submission_id=F("work__attempt__submission_id"),
                attempt=F("work__attempt__number"),
            )
        ],
        "reviews": list(
            Score.objects.filter(review__submission__in=submissions, review__released_at__isnull=False)
            .order_by("review__released_at", "criterion__position", "id")
            .values(
                "comment",
                submission_id=F("review__submission_id"),
                version=F("review__version"),
                on_the_whole=F("review__comment"),
                released_at=F("review__released_at"),
                criterion_title=F("criterion__title"),
                points=F("level__points"),
            )
        ),
        # Those that the person wrote, and those about their submissions.
        "line_comments": list(
            LineComment.objects.filter(
                Q(author_id=account_id) | Q(submission__in=submissions, released_at__isnull=False)
            )
            .order_by("created_at", "id")
            .values("submission_id", "author_id", "path", "line", "body", "created_at", "released_at")
        ),
        "saved_replies": list(
            SavedReply.objects.filter(account_id=account_id)
            .order_by("created_at", "id")
            .values("body", "created_at")
        ),
        "reminders": list(
            Reminder.objects.filter(account_id=account_id)
            .exclude(kind=ReminderKind.KNOWN)
            .order_by("created_at", "id")
            .values("kind", "window", "due_at", "created_at", mission_title=F("mission__title"))
        ),
        # What organizers wrote about them. Who wrote it is not theirs (docs/adr/0063).
        "notes": export_notes(account_id),
        # Of withdrawn ones the reason is erased.
        "extension_requests": list(
            ExtensionRequest.objects.filter(account_id=account_id)
            .order_by("created_at", "id")
            .values(
                *("reason", "asked_until", "created_at", "withdrawn_at", "decided_at", "granted", "answer"),
                mission_title=F("mission__title"),
            )
        ),
        "announcement_reads": list(
            AnnouncementRead.objects.filter(account_id=account_id)
            .order_by("read_at", "id")
            .values("announcement_id", "read_at", title=F("announcement__title"))
        ),
        "announcement_reminders": list(
            AnnouncementReminder.objects.filter(account_id=account_id)
            .order_by("created_at", "id")
            .values("announcement_id", "created_at", title=F("announcement__title"))
        ),
        # What others and they did to them, and what they did to others, whose values are not theirs.
        "changes": list(
            AuditEntry.objects.filter(subject_id=account_id)
            .order_by("at", "id")
            .values(*("kind", "field", "about", "before", "after", "at"), cohort_title=F("cohort__title"))
        ),
        "changes_made": list(
            AuditEntry.objects.filter(actor_id=account_id)
            .exclude(subject_id=account_id)
            .order_by("at", "id")
            .values(*("kind", "field", "about", "at"), cohort_title=F("cohort__title"))
        ),
        "answers": list(
            ThreadEntry.objects.filter(author_id=account_id, kind=EntryKind.ANSWER)
            .order_by("created_at", "id")
            .values("submission_id", "line_comment_id", "body", "created_at")
        ),
    }
    exact: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return exact
