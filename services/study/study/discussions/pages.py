"""Pages: the files that a submitted commit changes, comments on their lines, and threads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.errors import DomainError, NotFound
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.discussions import queries, tasks
from study.discussions.actions import comments, replies, threads
from study.discussions.forms import (
    AnswerForm,
    FilesForm,
    LineCommentForm,
    ResolveForm,
    SavedReplyForm,
    TypedCommentForm,
)
from study.discussions.models import LineComment
from study.submissions.access import submission_for_reader, submission_for_reviewer


@signed_in("GET", "POST")
def files(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """The changed files of an attempt with comments; reviewers comment on a line."""
    opened = _Opened(request, cohort_id, submission_id)
    if comment := opened.save_comment():
        messages.success(request, _("Saved. The member reads it once the review is released."))
        query = urlencode({"attempt": opened.attempt.number, "file": opened.chosen["file"]})
        review = reverse("reviews:review", args=[cohort_id, submission_id])
        return redirect(f"{review}?{query}#comment-{comment.id}")

    code = queries.code(
        opened.commit,
        opened.diff,
        number=opened.chosen["file"],
        comments=opened.comments(),
        chosen=opened.place,
    )
    context = opened.context() | {"code": code}
    # What was typed about a line that is not shown any more.
    is_typed = opened.form.is_bound or (context["begun"] and not opened.diff.requested_at)
    context["has_stray_form"] = is_typed and not any(file.is_chosen for file in code.shown)
    return render(request, "discussions/files.html", context, status=opened.status)


@signed_in("GET", "POST")
def line(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """The table row below a line: the comments on it, and the form for another unless one was just saved."""
    opened = _Opened(request, cohort_id, submission_id)
    is_closed = bool(opened.save_comment()) or "closed" in request.GET
    place = opened.place
    context = opened.context() | {
        "said": [row for row in opened.comments() if (row.path, row.side, row.line) == place],
        "has_form": place and not is_closed,
    }
    return render(request, "discussions/said.html", context, status=opened.status)


class _Opened:
    """The files of an attempt and the form for a comment on a line, as a request asks for them."""

    def __init__(self, request: PageRequest, cohort_id: UUID, submission_id: UUID) -> None:
        self.me = request.principal.account_id
        find = submission_for_reviewer if request.method == "POST" else submission_for_reader
        self.submission = find(submission_id, cohort_id=cohort_id, account_id=self.me)
        self.chosen = FilesForm(request.GET).chosen()
        commit = queries.find_commit(self.submission, self.chosen["attempt"])
        if commit is None:
            raise NotFound
        self.commit, self.attempt = commit, commit.attempt
        # A reader who is not the author is a mentor or an operator.
        self.may_comment = self.submission.account_id != self.me
        self.diff = tasks.open_diff(pull_request=commit.pull_request, head_sha=commit.sha)
        found = queries.changed_files(self.diff)
        self.place = _place(found, self.chosen) if self.may_comment else None
        # What this reader has begun to write about the line goes on in the form.
        self.begun = queries.find_draft(
            self.submission,
            author_id=self.me,
            head_sha=commit.sha,
            place=self.place,
            comment_id=self.chosen["comment"],
        )
        names = ("path", "side", "line")
        initial = dict(zip(names, self.place or (), strict=False), comment_id=uuid4())
        if begun := self.begun:
            initial = {name: getattr(begun, name) for name in (*names, "body")} | {"comment_id": begun.id}
            self.chosen["file"] = found.number_of(begun.path)
            is_here = begun.head_sha == commit.sha
            self.place = (begun.path, begun.side, begun.line) if is_here else None
        self.form = LineCommentForm(
            request.POST or None,
            initial=initial,
            account_id=self.me,
            # A page may show several.
            auto_id=f"{initial['comment_id']}-%s",
        )

    def save_comment(self) -> LineComment | None:
        """Save the comment that was sent, if it can be."""
        return handle_form(
            self.form,
            comments.save_line_comment,
            submission_id=self.submission.id,
            author_id=self.me,
            head_sha=self.commit.sha,
            at=timezone.now(),
        )

    @property
    def status(self) -> int:
        return 422 if self.form.errors else 200

    def comments(self) -> list[Any]:
        """Return the comments on the commit, without the draft that goes on in the form."""
        said = queries.discussion(self.submission, drafts=self.may_comment).line_comments
        in_form = None if self.form.is_bound else self.begun
        return [row for row in said if row.head_sha == self.commit.sha and row != in_form]

    def context(self) -> dict[str, Any]:
        """Return what the templates show of the submission and the form."""
        begun = self.begun
        if self.form.is_bound:
            # Its revision, so that the next press replaces what is shown now, knowingly.
            comment_id = self.form.cleaned_data.get("comment_id")
            begun = queries.find_draft(self.submission, author_id=self.me, comment_id=comment_id)
        _path, side, number = self.place or ("", "", 0)
        line = {"line": f"{side}-{number}"} if self.place else {}
        return {
            "submission": self.submission,
            "cohort": self.submission.mission.cohort,
            "form": self.form,
            "begun": begun,
            "query": urlencode({"attempt": self.attempt.number, "file": self.chosen["file"]} | line),
            "page_id": uuid4(),
            "saved_replies": queries.saved_replies(self.me) if self.may_comment else [],
            "me": self.me,
            "may_comment": self.may_comment,
            "is_mine": not self.may_comment,
        }


@signed_in("POST")
def save_typed(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """Save the comment on a line as it is being typed. Answers with what the page shows beside its button."""
    me = request.principal.account_id
    submission = submission_for_reviewer(submission_id, cohort_id=cohort_id, account_id=me)
    commit = queries.find_commit(submission, FilesForm(request.GET).chosen()["attempt"])
    if commit is None:
        raise NotFound
    form = TypedCommentForm(request.POST, account_id=me)

    comment = handle_form(
        form,
        comments.save_line_comment,
        submission_id=submission.id,
        author_id=me,
        head_sha=commit.sha,
        at=timezone.now(),
        is_finished=False,
    )

    error = str(next(iter(form.errors.values()))[0]) if form.errors else ""
    # It keeps what it said before.
    erased = comment if comment and not form.cleaned_data["body"] else None
    context = {
        "submission": submission,
        "saved_at": comment.saved_at if comment and not erased else None,
        "revision": comment.revision if comment else "",
        "erased": erased,
        "error": error,
    }
    return render(request, "discussions/saved.html", context, status=409 if error else 200)


def _place(found: queries.ChangedFiles, chosen: dict[str, Any]) -> queries.Place | None:
    """Return the place that the page was opened to comment on."""
    file = found.find(chosen["file"])
    return (file.file.path, *chosen["line"]) if file and chosen["line"] else None


@signed_in("GET", "POST")
def delete_comment(
    request: PageRequest, cohort_id: UUID, submission_id: UUID, comment_id: UUID
) -> HttpResponse:
    """Confirm and delete a draft comment."""
    me = request.principal.account_id
    submission = submission_for_reviewer(submission_id, cohort_id=cohort_id, account_id=me)

    if request.method == "POST":
        try:
            comments.delete_line_comment(comment_id=comment_id, submission_id=submission.id, author_id=me)
            messages.success(request, _("The comment was deleted."))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("reviews:review", cohort_id, submission.id)

    return render_confirmation(
        request,
        title=_("Delete this comment?"),
        button=_("Delete"),
        back=reverse("reviews:review", args=[cohort_id, submission.id]),
        cohort=submission.mission.cohort,
    )


@signed_in("GET", "POST")
def thread(
    request: PageRequest, cohort_id: UUID, submission_id: UUID, comment_id: UUID | None = None
) -> HttpResponse:
    """The thread of a comment on a line, or of the review: the author and the reviewers answer."""
    me = request.principal.account_id
    submission = submission_for_reader(submission_id, cohort_id=cohort_id, account_id=me)
    is_mine = submission.account_id == me
    found = queries.discussion(submission, drafts=False)
    comment = next((row for row in found.line_comments if row.id == comment_id), None)
    if comment_id and comment is None:
        raise NotFound
    form = AnswerForm(request.POST or None, initial={"entry_id": uuid4()})

    if handle_form(
        form,
        threads.answer_thread,
        submission_id=submission.id,
        comment_id=comment_id,
        author_id=me,
        at=timezone.now(),
    ):
        messages.success(request, _("Your answer was sent."))
        return redirect(request.path)

    context = {
        "submission": submission,
        "cohort": submission.mission.cohort,
        "comment": comment,
        "thread": comment.thread if comment else found.thread,
        "form": form,
        "me": me,
        "may_resolve": not is_mine,
        "is_mine": is_mine,
    }
    return render(request, "discussions/thread_page.html", context, status=422 if form.is_bound else 200)


@signed_in("POST")
def resolve(
    request: PageRequest, cohort_id: UUID, submission_id: UUID, comment_id: UUID | None = None
) -> HttpResponse:
    """Resolve a thread, or reopen it."""
    me = request.principal.account_id
    submission = submission_for_reviewer(submission_id, cohort_id=cohort_id, account_id=me)
    form = ResolveForm(request.POST)
    is_resolved = form.is_valid() and form.cleaned_data["is_resolved"]

    try:
        threads.resolve_thread(
            submission_id=submission.id,
            comment_id=comment_id,
            is_resolved=is_resolved,
            account_id=me,
            at=timezone.now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))

    return redirect("discussions:thread", *filter(None, [cohort_id, submission.id, comment_id]))


@signed_in("GET", "POST")
def saved_replies(request: PageRequest, reply_id: UUID | None = None) -> HttpResponse:
    """The reader's saved replies, and the form for another, or for the one with this id."""
    me = request.principal.account_id
    changed = queries.find_reply(reply_id, account_id=me) if reply_id else None
    if reply_id and changed is None:
        raise NotFound
    initial = {"reply_id": reply_id or uuid4(), "body": changed.body if changed else ""}
    form = SavedReplyForm(request.POST or None, initial=initial)

    if handle_form(form, replies.save_reply, account_id=me, at=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("discussions:saved_replies")

    context = {"rows": queries.saved_replies(me), "changed": changed, "form": form}
    return render(request, "discussions/saved_replies.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def delete_reply(request: PageRequest, reply_id: UUID) -> HttpResponse:
    """Confirm and delete a saved reply."""
    if request.method == "POST":
        replies.delete_reply(reply_id=reply_id, account_id=request.principal.account_id)
        messages.success(request, _("The saved reply was deleted."))
        return redirect("discussions:saved_replies")

    return render_confirmation(
        request,
        title=_("Delete this saved reply?"),
        text=_("Comments that you have written with it stay."),
        button=_("Delete"),
        back=reverse("discussions:saved_replies"),
    )


app_name = "discussions"
urlpatterns = [
    path("reviews/replies/", saved_replies, name="saved_replies"),
    path("reviews/replies/<uuid:reply_id>/", saved_replies, name="saved_reply"),
    path("reviews/replies/<uuid:reply_id>/delete/", delete_reply, name="delete_reply"),
    path("cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/files/", files, name="files"),
    path("cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/files/line/", line, name="line"),
    path(
        "cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/files/draft/",
        save_typed,
        name="save_typed",
    ),
    path(
        "cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/files/comments/<uuid:comment_id>/delete/",
        delete_comment,
        name="delete_comment",
    ),
    path("cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/thread/", thread, name="thread"),
    path(
        "cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/thread/resolve/", resolve, name="resolve"
    ),
    path(
        "cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/thread/<uuid:comment_id>/",
        thread,
        name="thread",
    ),
    path(
        "cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/thread/<uuid:comment_id>/resolve/",
        resolve,
        name="resolve",
    ),
]
