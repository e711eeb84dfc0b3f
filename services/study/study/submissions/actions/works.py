"""Submit a text, a link or files to Seodang itself, for missions that accept them beside pull requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotAllowed, NotFound
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort, Membership
from study.github.models import Source
from study.missions.models import Mission, SubmissionKind
from study.missions.queries.deadlines import deadline_of
from study.missions.rules.deadlines import seconds_late
from study.submissions.actions.links import KindNotAccepted, NotOpenYet
from study.submissions.actions.reviewers import assign_reviewer
from study.submissions.actions.status import publish_received, update_status
from study.submissions.models import (
    MAX_FILE_SIZE,
    MAX_FILES,
    MAX_FILES_SIZE,
    Attempt,
    FileContent,
    Submission,
    SubmittedFile,
    SubmittedWork,
    is_stored,
)
from study.submissions.rules.files import sniff_type

# Of one submission: nothing else limits how many texts are stored.
MAX_ATTEMPTS = 50
# Of a file, in a row each.
PIECE_SIZE = 512 * 1024


class NothingSent(DomainError):
    code = "nothing_sent"
    title = _("There is nothing to submit yet. Fill in at least one field.")
    status = 422


class TooManyFiles(DomainError):
    code = "too_many_files"
    title = _("Submit at most %(count)s files at once, or put them into an archive.")
    status = 422


class FileTooLarge(DomainError):
    code = "file_too_large"
    title = _("“%(name)s” is larger than %(limit)s. Submit a smaller file.")
    status = 422


class FilesTooLarge(DomainError):
    code = "files_too_large"
    title = _("Together the files are larger than %(limit)s. Submit smaller files, or a link to them.")
    status = 422


class EmptyFile(DomainError):
    code = "empty_file"
    title = _("“%(name)s” is empty.")
    status = 422


class QuotaExceeded(DomainError):
    code = "file_quota_exceeded"
    title = _(
        "The files of this cohort take %(used)s of %(quota)s, so %(size)s more do not fit. "
        "Submit smaller files, or ask an organizer."
    )


class AttemptLimitReached(DomainError):
    code = "attempt_limit_reached"
    title = _("You have submitted this mission %(count)s times. Ask an organizer to look at the newest.")


class SubmittedByPullRequest(DomainError):
    code = "submitted_by_pull_request"
    title = _("You have submitted pull request #%(number)s for this mission. Push to it instead.")


@transaction.atomic
def submit_work(
    *,
    mission: Mission,
    membership: Membership,
    at: datetime,
    text: str = "",
    link: str = "",
    files: Sequence[UploadedFile] = (),
) -> Attempt:
    """Submit a text (Markdown), a link or files as the member's next attempt, which counts from `at`.

    It replaces the attempt before: the files of that one are deleted, unless a review is about it, or only it
    was on time. Raises NotAllowed if the mission is not for them, KindNotAccepted for a kind that the mission
    does not accept, SubmittedByPullRequest, AttemptLimitReached, QuotaExceeded, and the errors above.
    """
    _check_files(files)
    if files:
        # Locking the cohort serialises uploads, which are compared with its quota.
        Cohort.objects.select_for_update().get(id=mission.cohort_id)
    teams = Membership.objects.live().select_related("team", "study_team")
    member = teams.select_for_update(of=("self",)).filter(id=membership.id).first()
    # Locked, so that what it accepts and what completes it stay until this is written.
    locked = Mission.objects.select_for_update(of=("self",)).select_related("cohort").filter(id=mission.id)
    current = locked.first()
    if member is None or current is None:
        raise NotFound
    _check_open(current, member, at=at)
    _check_kinds(current, text=text, link=link, files=files)
    submission = _create_or_lock(current, member, at=at)
    attempt = _create_attempt(submission, text=text, link=link, at=at)
    attempts = list(submission.attempts.order_by("number"))
    if len(attempts) > MAX_ATTEMPTS:
        raise AttemptLimitReached(count=MAX_ATTEMPTS)
    # First, so that what is replaced does not count.
    _delete_replaced(attempts, attempt)
    _check_quota(current.cohort_id, files)
    for position, file in enumerate(files, start=1):
        _create_file(attempt.work, position, file)
    update_status(submission=submission, pull_request=None, attempts=attempts, at=at)
    assign_reviewer(submission=submission)
    publish_received(submission=submission, attempt=attempt, at=at)
    return attempt


def delete_works(*, account_id: UUID) -> None:
    """Erase what the account sent; that and when there was something stays."""
    SubmittedWork.objects.filter(attempt__submission__account_id=account_id).delete()


def _check_open(mission: Mission, member: Membership, *, at: datetime) -> None:
    """Raise an error unless the member may submit now, by the locked rows: what was read may have changed."""
    if not mission.is_open_to(member):
        raise NotAllowed
    if mission.opens_at > at:
        raise NotOpenYet
    ensure_open(cohort=mission.cohort)


def _check_files(files: Sequence[UploadedFile]) -> None:
    if len(files) > MAX_FILES:
        raise TooManyFiles(field="files", count=MAX_FILES)
    for file in files:
        if not file.size:
            raise EmptyFile(field="files", name=file.name)
        if file.size > MAX_FILE_SIZE:
            raise FileTooLarge(field="files", name=file.name, limit=filesizeformat(MAX_FILE_SIZE))
    if sum(file.size or 0 for file in files) > MAX_FILES_SIZE:
        raise FilesTooLarge(field="files", limit=filesizeformat(MAX_FILES_SIZE))


def _check_kinds(mission: Mission, *, text: str, link: str, files: Sequence[UploadedFile]) -> None:
    sent = {
        "text": (SubmissionKind.TEXT, bool(text.strip())),
        "link": (SubmissionKind.LINK, bool(link)),
        "files": (SubmissionKind.FILE, bool(files)),
    }
    for field, (kind, is_sent) in sent.items():
        if is_sent and kind not in mission.accepts:
            raise KindNotAccepted(field=field, accepted=mission.get_accepts_display())
    if not any(is_sent for _kind, is_sent in sent.values()):
        raise NothingSent


def _check_quota(cohort_id: UUID, files: Sequence[UploadedFile]) -> None:
    size = sum(file.size or 0 for file in files)
    if not size:
        return
    stored = SubmittedFile.objects.filter(is_stored(), work__attempt__submission__mission__cohort=cohort_id)
    used = stored.aggregate(used=Sum("size"))["used"] or 0
    quota = settings.COHORT_FILES_MIB * 1024 * 1024
    if used + size > quota:
        raise QuotaExceeded(
            field="files",
            used=filesizeformat(used),
            quota=filesizeformat(quota),
            size=filesizeformat(size),
        )


def _create_or_lock(mission: Mission, membership: Membership, *, at: datetime) -> Submission:
    """Return the member's submission on the mission, locked; also one of an earlier membership."""
    theirs = Submission.objects.filter(mission=mission, account_id=membership.account_id)
    rows = theirs.select_for_update(of=("self",)).select_related("pull_request").order_by("id")
    submission = min(rows, key=lambda row: row.membership_id != membership.id, default=None)
    if submission is None:
        submission = Submission.objects.create(
            mission=mission,
            cohort_id=mission.cohort_id,
            membership=membership,
            account_id=membership.account_id,
            waiting_since=at,
            created_at=at,
        )
    elif submission.pull_request:
        raise SubmittedByPullRequest(number=submission.pull_request.number)
    elif submission.membership_id != membership.id:
        submission.membership = membership
        submission.save(update_fields=["membership"])
    submission.mission, submission.membership = mission, membership
    return submission


def _create_attempt(submission: Submission, *, text: str, link: str, at: datetime) -> Attempt:
    due_at = deadline_of(submission.mission, submission.membership).at
    newest = submission.attempts.order_by("-number").first()
    attempt = Attempt.objects.create(
        submission=submission,
        number=newest.number + 1 if newest else 1,
        source=Source.DIRECT,
        received_at=at,
        recorded_at=at,
        due_at=due_at,
        late_seconds=seconds_late(at, due_at),
    )
    attempt.work = SubmittedWork.objects.create(attempt=attempt, text=text, link=link)
    return attempt


def _create_file(work: SubmittedWork, position: int, file: UploadedFile) -> None:
    # In pieces, one at a time: a statement takes several times the memory of its content.
    file.seek(0)
    beginning = file.read(PIECE_SIZE)
    stored = SubmittedFile.objects.create(
        work=work,
        position=position,
        name=file.name or "",
        content_type=sniff_type(beginning),
        size=file.size or 0,
    )
    rest = iter(partial(file.read, PIECE_SIZE), b"")
    for number, piece in enumerate(chain([beginning], rest), start=1):
        FileContent.objects.create(file=stored, position=number, content=piece)


def _delete_replaced(attempts: Sequence[Attempt], newest: Attempt) -> None:
    is_late = newest.late_seconds > 0
    replaced = [
        attempt.id
        for attempt in attempts
        # What was there at the deadline stays, to be seen beside what came later.
        if attempt.id != newest.id and (attempt.late_seconds > 0) == is_late
    ]
    unreviewed = Attempt.objects.filter(id__in=replaced, reviews=None)
    FileContent.objects.filter(file__work__attempt__in=unreviewed).delete()
