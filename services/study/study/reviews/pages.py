"""Pages: the mentor's queue and review, what the author sees, and review assignments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chassis.errors import DomainError, NotFound
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts.access import membership_for_operator
from study.cohorts.actions import set_automatic_assignment
from study.cohorts.models import Role
from study.discussions.forms import FilesForm
from study.discussions.queries import Code, code, count_unfinished, discussion, find_commit, saved_replies
from study.discussions.tasks import open_diff
from study.reviews import actions, queries
from study.reviews.forms import AssignForm, AssignSeveralForm, ReviewForm
from study.reviews.rules import is_saved_as_typed
from study.submissions.access import submission_for_operator, submission_for_reader, submission_for_reviewer
from study.submissions.actions.grading import NotAMentor, assign_mentor
from study.submissions.models import Submission
from study.submissions.queries.timeline import timeline

# How long operators are shown that waiting submissions of a former reviewer were shared out again.
REASSIGNED_SHOWN_FOR = timedelta(days=14)


@signed_in("GET")
def queue(request: PageRequest) -> HttpResponse:
    """What waits for this mentor, or what they have released."""
    shows_done = request.GET.get("show") == "done"
    rows = queries.done if shows_done else queries.queue
    page = rows(request.principal.account_id, cursor=request.GET.get("cursor"))
    context = {"page": page, "shows_done": shows_done, "now": timezone.now()}
    return render(request, "reviews/queue.html", context)


@signed_in("GET", "POST")
def review(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """The code of a submission beside its rubric: save the draft, or release it and go on to the next."""
    me = request.principal.account_id
    submission = submission_for_reviewer(submission_id, cohort_id=cohort_id, account_id=me)
    draft = queries.review_draft(submission)
    form = ReviewForm(draft, request.POST or None, account_id=me)
    revision, stored = form["revision"].value(), None

    if form.is_valid():
        save = actions.save_and_release if "release" in request.POST else actions.save_draft
        try:
            if form.is_edited or "next" not in request.POST:
                save(
                    submission_id=submission_id,
                    mentor_id=me,
                    scores=form.scores(),
                    comment=form.cleaned_data["comment"],
                    at=timezone.now(),
                    revision=form.cleaned_data["revision"],
                    page=form.cleaned_data["page"],
                )
        except actions.EditConflict as error:
            form.add_error(None, str(error))
            # With its revision, so that the next press replaces what is shown now, knowingly.
            stored = queries.review_draft(submission)
            revision = stored.revision
        except actions.NotScored as error:
            for criterion_id in error.open_ids:
                form.add_error(f"level_{criterion_id}", _("Choose a score."))
            # The draft itself was saved.
            revision = queries.review_draft(submission).revision
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _redirect(request, submission, edited=form.is_edited)

    may_write = submission.awaits_review or draft.saved_at or not submission.mission.cohort.closed_at
    # Not while two versions are shown: which one counts is for the mentor to say.
    may_save_typed = not stored and is_saved_as_typed(submission, draft.review)
    is_released = bool(draft.review and draft.review.released_at) and not may_save_typed
    said = discussion(submission, drafts=True)
    context = {
        "submission": submission,
        "cohort": submission.mission.cohort,
        "neighbours": queries.neighbours(me, submission),
        "timeline": timeline(submission, at=timezone.now()),
        "draft": draft,
        # What somebody else saved meanwhile, to choose between it and what was typed.
        "stored": stored,
        "may_write": may_write,
        "may_save_typed": may_save_typed,
        "form": form,
        # What was released is read here; the form begins the next version.
        "shows_form": form.is_bound or not is_released or "edit" in request.GET,
        "review": queries.find_released_review(submission) if submission.released_at else None,
        "revision": revision,
        "page_id": uuid4(),
        "code": _code(request, submission, said.line_comments),
        "may_comment": True,
        "discussion": said,
        "saved_replies": saved_replies(me),
        "me": me,
        "may_withdraw": _may_withdraw(draft, me),
        "now": timezone.now(),
    }
    return render(request, "reviews/review.html", context, status=422 if form.is_bound else 200)


def _code(request: PageRequest, submission: Submission, comments: list[Any]) -> Code | None:
    """Return the files of the attempt that the address names, the newest if none; None without a commit."""
    chosen = FilesForm(request.GET).chosen()
    commit = find_commit(submission, chosen["attempt"])
    if commit is None:
        return None
    diff = open_diff(pull_request=commit.pull_request, head_sha=commit.sha)
    on_commit = [comment for comment in comments if comment.head_sha == commit.sha]
    return code(commit, diff, number=chosen["file"], comments=on_commit)


@signed_in("POST")
def save_typed(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """Save the draft as it is being typed. Answers with what the page shows beside its buttons."""
    me = request.principal.account_id
    submission = submission_for_reviewer(submission_id, cohort_id=cohort_id, account_id=me)
    stored = queries.review_draft(submission)
    form = ReviewForm(stored, request.POST, account_id=me)
    saved_at, revision, error = stored.saved_at, stored.revision, ""
    is_released = not is_saved_as_typed(submission, stored.review)

    if not form.is_valid():
        error = str(next(iter(form.errors.values()))[0])
    elif is_released:
        # What differs from the released version begins the next one by a press alone.
        error = _("This review was released after you opened this page.") if form.is_edited else ""
    # Typed and taken back again begins no new version.
    elif form.is_edited or stored.saved_at:
        try:
            draft = actions.save_draft(
                submission_id=submission_id,
                mentor_id=me,
                scores=form.scores(),
                comment=form.cleaned_data["comment"],
                at=timezone.now(),
                revision=form.cleaned_data["revision"],
                page=form.cleaned_data["page"],
            )
            saved_at, revision = draft.saved_at, draft.revision
            is_released = draft.released_at is not None
        except DomainError as refused:
            error = str(refused)

    context = {
        "submission": submission,
        "saved_at": saved_at,
        "is_first": saved_at and not stored.saved_at,
        "revision": revision,
        "is_released": is_released,
        "error": error,
    }
    return render(request, "reviews/saved.html", context, status=409 if error else 200)


def _may_withdraw(draft: queries.ReviewDraft, account_id: UUID) -> bool:
    until = draft.withdrawable_until
    return until is not None and timezone.now() <= until and draft.review.mentor_id == account_id


def _redirect(request: PageRequest, submission: Submission, *, edited: bool) -> HttpResponse:
    cohort_id, submission_id = submission.mission.cohort_id, submission.id
    if "release" in request.POST:
        text = _("Released. The member has been notified.")
        undo = reverse("reviews:withdraw", args=[cohort_id, submission_id])
        messages.success(request, format_html('{} <a href="{}">{}</a>', text, undo, _("Withdraw the review")))
        if unfinished := count_unfinished(submission):
            text = ngettext(
                "%(n)d unfinished comment on a line was not released.",
                "%(n)d unfinished comments on lines were not released.",
                unfinished,
            ) % {"n": unfinished}
            shown = f"{reverse('reviews:review', args=[cohort_id, submission_id])}#h-line-comments"
            messages.warning(request, format_html('{} <a href="{}">{}</a>', text, shown, _("Show")))
        me = request.principal.account_id
        # After the last one, those that were skipped; one that only GitHub completes still waits.
        oldest = [row for row in queries.queue(me, size=2).rows if row.id != submission_id]
        following = [queries.neighbours(me, submission).next, *oldest]
        first = next(filter(None, following), None)
        if first is None:
            return redirect("reviews:queue")
        return redirect("reviews:review", first.mission.cohort_id, first.id)
    if "next" not in request.POST:
        messages.success(request, _("Saved. Only mentors and organizers see a draft."))
        return redirect("reviews:review", cohort_id, submission_id)
    if edited:
        messages.success(request, _("What you had written was saved as a draft."))
    try:
        # It may be of another cohort.
        chosen = submission_for_reviewer(UUID(request.POST["next"]), account_id=request.principal.account_id)
    except (ValueError, NotFound):
        return redirect("reviews:queue")
    return redirect("reviews:review", chosen.mission.cohort_id, chosen.id)


@signed_in("GET", "POST")
def discard(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """Confirm and delete the draft."""
    submission = submission_for_reviewer(
        submission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )

    if request.method == "POST":
        actions.discard_draft(submission_id=submission.id)
        messages.success(request, _("The draft was discarded."))
        return redirect("reviews:review", cohort_id, submission.id)

    return render_confirmation(
        request,
        title=_("Discard this draft?"),
        text=_("Its scores and comments are lost. What was released before stays."),
        button=_("Discard draft"),
        back=reverse("reviews:review", args=[cohort_id, submission.id]),
        cohort=submission.mission.cohort,
    )


@signed_in("GET", "POST")
def withdraw(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """Confirm, and make the review that was just released a draft again."""
    me = request.principal.account_id
    submission = submission_for_reviewer(submission_id, cohort_id=cohort_id, account_id=me)

    if request.method == "POST":
        try:
            actions.withdraw_review(submission_id=submission.id, mentor_id=me, at=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The review is a draft again. The member no longer sees it."))
        return redirect("reviews:review", cohort_id, submission.id)

    return render_confirmation(
        request,
        title=_("Withdraw this review?"),
        text=_("It becomes a draft again with everything in it, and the member reads that it was withdrawn."),
        button=_("Withdraw the review"),
        back=reverse("reviews:review", args=[cohort_id, submission.id]),
        cohort=submission.mission.cohort,
    )


@signed_in("GET")
def submission(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """A submission, for its author and for the mentors and operators of its cohort."""
    found = submission_for_reader(submission_id, cohort_id=cohort_id, account_id=request.principal.account_id)
    is_mine = found.account_id == request.principal.account_id
    context = {
        "submission": found,
        "cohort": found.mission.cohort,
        "timeline": timeline(found, at=timezone.now()),
        "review": queries.find_released_review(found),
        "withdrawal": queries.find_withdrawal(found),
        "discussion": discussion(found, drafts=not is_mine),
        "me": request.principal.account_id,
        "is_mine": is_mine,
        # A reader who is not the author is a mentor or an operator.
        "may_review": not is_mine,
    }
    return render(request, "reviews/submission.html", context)


@signed_in("GET")
def reviewers(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """The reviewers with their load, what waits, and whether new submissions are assigned automatically."""
    membership = membership_for_operator(cohort_id, account_id=request.principal.account_id)
    now = timezone.now()
    rows = list(queries.reviewers(cohort_id))
    context = {
        "cohort": membership.cohort,
        "reviewers": rows,
        "has_mentor": any(row.role == Role.MENTOR for row in rows),
        "page": queries.waiting(cohort_id, cursor=request.GET.get("cursor")),
        "reassigned": queries.reassigned(cohort_id, since=now - REASSIGNED_SHOWN_FOR),
        "now": now,
    }
    return render(request, "reviews/reviewers.html", context)


@signed_in("POST")
def assign_evenly(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Give what has no mentor to the mentors, evenly."""
    membership_for_operator(cohort_id, account_id=request.principal.account_id)
    assigned = actions.assign_evenly(cohort_id=cohort_id)
    text = ngettext("%(n)d submission was assigned.", "%(n)d submissions were assigned.", assigned) % {
        "n": assigned
    }
    messages.success(request, text)
    return redirect("reviews:assign", cohort_id)


@signed_in("POST")
def automatic(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Turn automatic assignment on or off."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    is_on = request.POST.get("is_on") == "1"
    set_automatic_assignment(cohort=cohort, is_on=is_on)
    messages.success(
        request,
        _("New submissions are assigned automatically from now on.")
        if is_on
        else _("New submissions wait here until you assign them."),
    )
    return redirect("reviews:assign", cohort_id)


@signed_in("POST")
def assign(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """Give one submission to a mentor, or take it back."""
    me = request.principal.account_id
    submission = submission_for_operator(cohort_id, submission_id, account_id=me)

    if not handle_form(AssignForm(request.POST), assign_mentor, submission=submission):
        messages.error(request, str(NotAMentor.title))

    return redirect("reviews:assign", cohort_id)


@signed_in("POST")
def assign_several(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Give the chosen submissions to a mentor, or take them back."""
    membership_for_operator(cohort_id, account_id=request.principal.account_id)
    form = AssignSeveralForm(request.POST, submissions=queries.waiting_ids(cohort_id))
    assigned = handle_form(form, actions.assign_several, cohort_id=cohort_id)
    if assigned:
        text = ngettext(
            "%(count)d submission was assigned.", "%(count)d submissions were assigned.", assigned
        )
        messages.success(request, text % {"count": assigned})
    elif form.has_error("submission_ids"):
        messages.error(request, _("Select submissions that wait for a review."))
    else:
        messages.error(request, str(NotAMentor.title))
    return redirect("reviews:assign", cohort_id)


app_name = "reviews"
urlpatterns = [
    path("reviews/", queue, name="queue"),
    path("cohorts/<uuid:cohort_id>/reviews/<uuid:submission_id>/", review, name="review"),
    path("cohorts/<uuid:cohort_id>/reviews/<uuid:submission_id>/draft/", save_typed, name="save_typed"),
    path("cohorts/<uuid:cohort_id>/reviews/<uuid:submission_id>/discard/", discard, name="discard"),
    path("cohorts/<uuid:cohort_id>/reviews/<uuid:submission_id>/withdraw/", withdraw, name="withdraw"),
    path("cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/", submission, name="submission"),
    path("cohorts/<uuid:cohort_id>/reviewers/", reviewers, name="assign"),
    path("cohorts/<uuid:cohort_id>/reviewers/evenly/", assign_evenly, name="evenly"),
    path("cohorts/<uuid:cohort_id>/reviewers/several/", assign_several, name="several"),
    path("cohorts/<uuid:cohort_id>/reviewers/automatic/", automatic, name="automatic"),
    path("cohorts/<uuid:cohort_id>/reviewers/<uuid:submission_id>/", assign, name="assign_one"),
]
