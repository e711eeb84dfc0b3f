"""Pages: what I handed in, handing in by a link, and what waits for an operator."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_htmx.http import HttpResponseClientRedirect

from chassis.account_mirror.rules import display_name
from chassis.web.auth import PageRequest, signed_in
from chassis.web.downloads import download_response
from chassis.web.forms import handle_form, render_confirmation
from chassis.web.messages import add_undoable
from study.cohorts.access import membership_for_mentor, membership_for_operator
from study.cohorts.models import Membership
from study.github.client import client
from study.github.models import Outcome, PullRequest
from study.missions.access import mission_for_member
from study.missions.models import Mission
from study.missions.queries.deadlines import deadline_of
from study.missions.queries.missions import MissionRow
from study.submissions import access
from study.submissions.actions.assignment import unresolved
from study.submissions.actions.links import LINK_ERRORS, submit_link
from study.submissions.actions.matching import (
    assign_pull_requests,
    dismiss_pull_request,
    match_pull_request,
    restore_pull_request,
)
from study.submissions.actions.sync import SyncResult
from study.submissions.actions.works import submit_work
from study.submissions.forms import AssignForm, LinkForm, MatchForm, WorkForm
from study.submissions.models import State
from study.submissions.queries import lists as queries
from study.submissions.queries.pending import pending_links_of
from study.submissions.queries.pull_requests import (
    MatchPreview,
    dismissed,
    member_choices,
    missions_to_choose,
    preview_match,
    unmatched,
)
from study.submissions.queries.works import read_chunks, replaceable_attempt


@signed_in("GET")
def mine(request: PageRequest) -> HttpResponse:
    """What the reader has handed in."""
    page = queries.list_own_submissions(request.principal.account_id, cursor=request.GET.get("cursor"))
    return render(request, "submissions/mine.html", {"page": page})


@signed_in("GET")
def of_cohort(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """What was handed in in a cohort, for its mentors and operators."""
    membership = membership_for_mentor(cohort_id, account_id=request.principal.account_id)
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    page = queries.list_cohort_submissions(cohort_id, state=state, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "cohort": membership.cohort,
        "membership": membership,
        "state": state,
        "states": State.choices,
    }
    return render(request, "submissions/cohort.html", context)


@signed_in("GET", "POST")
def submit(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Hand in by a link to a pull request; the page has the form for works too."""
    mission, membership = mission_for_member(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    form = LinkForm(request.POST or None)

    if result := handle_form(
        form, submit_link, mission=mission, membership=membership, github=client(), at=timezone.now()
    ):
        return _submitted(request, mission, result)

    return _render_submit(request, mission, membership, form=form)


@signed_in("POST")
def work(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Submit a text, a link or files."""
    mission, membership = mission_for_member(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    replaces = replaceable_attempt(mission.id, membership.account_id)
    form = WorkForm(request.POST, request.FILES, accepts=mission.accepts, replaces=replaces)

    if attempt := handle_form(form, submit_work, mission=mission, membership=membership, at=timezone.now()):
        messages.success(request, _("Submitted as attempt %(number)s.") % {"number": attempt.number})
        return redirect("reviews:submission", mission.cohort_id, attempt.submission_id)

    return _render_submit(request, mission, membership, work_form=form)


def _render_submit(
    request: PageRequest,
    mission: Mission,
    membership: Membership,
    *,
    form: LinkForm | None = None,
    work_form: WorkForm | None = None,
) -> HttpResponse:
    form = form or LinkForm()
    context = {
        "form": form,
        "work_form": work_form,
        "mission": mission,
        "cohort": mission.cohort,
        "membership": membership,
        "deadline": deadline_of(mission, membership),
        "is_hidden": MissionRow(mission, membership, timezone.now()).is_hidden,
        "pending_links": [
            (link, link.error_code and LINK_ERRORS[link.error_code](repository=mission.repository))
            for link in pending_links_of(mission.id, membership.id)
        ],
    }
    is_refused = form.is_bound or work_form is not None
    return render(request, "submissions/submit.html", context, status=422 if is_refused else 200)


@signed_in("GET")  # type: ignore[arg-type]
def submitted_file(
    request: PageRequest, cohort_id: UUID, submission_id: UUID, file_id: UUID
) -> HttpResponseBase:
    """Download a submitted file."""
    file = access.submitted_file_for_reader(
        submission_id, file_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    return download_response(read_chunks(file.id), name=file.name, size=file.size)


def _submitted(request: PageRequest, mission: Mission, result: SyncResult) -> HttpResponse:
    if result.submission:
        messages.success(request, _("Submitted. New commits are submitted automatically from now on."))
        return redirect("reviews:submission", mission.cohort_id, result.submission.id)
    messages.warning(request, str(_WAITS.get(result.outcome, _WAITS[Outcome.UPDATED])))
    return redirect("submissions:submit", mission.cohort_id, mission.id)


_WAITS = {
    Outcome.QUEUED: gettext_lazy(
        "GitHub does not respond right now. Your link is saved with the current time, and is submitted "
        "automatically as soon as GitHub responds."
    ),
    Outcome.CLAIMED: gettext_lazy(
        "We do not know the GitHub account that opened it, so an organizer will confirm that it "
        "is yours. It counts from now."
    ),
    Outcome.SECOND_PULL: gettext_lazy(
        "You have submitted another pull request for this mission. Close that one first, or ask an organizer."
    ),
    Outcome.UNRESOLVED: gettext_lazy(
        "It is not certain which mission this pull request is for. An organizer will decide."
    ),
    Outcome.OTHER_COHORT: gettext_lazy("It counts for a mission of another cohort that has this repository."),
    Outcome.REVERT: gettext_lazy("It reverts another pull request, so it is no submission."),
    Outcome.DISMISSED: gettext_lazy(
        "An organizer dismissed this pull request. If it is your submission, contact them."
    ),
    Outcome.DRAFT: gettext_lazy(
        "It is still a draft. Mark it as ready on GitHub, and it is submitted automatically."
    ),
    Outcome.UPDATED: gettext_lazy("GitHub shows nothing to submit there yet."),
}


@signed_in("GET")
def pull_requests(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Pull requests that are nobody's submission: those that wait, or those that were set aside."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    shows_aside = request.GET.get("show") == "aside"
    rows = dismissed if shows_aside else unmatched
    page = rows(cohort_id, cursor=request.GET.get("cursor"))
    unresolved = [row for row in page.rows if row.unmatched == Outcome.UNRESOLVED and not row.dismissed_at]
    may_assign = bool(unresolved) and cohort.closed_at is None
    context = {
        "cohort": cohort,
        "page": page,
        "may_assign": may_assign,
        "missions": cohort.missions.order_by("opens_at", "title", "id") if may_assign else [],
        "shows_aside": shows_aside,
        "members": [] if shows_aside else member_choices(cohort_id),
    }
    return render(request, "submissions/pull_requests.html", context)


@signed_in("GET", "POST")
def match(request: PageRequest, cohort_id: UUID, pull_request_id: UUID) -> HttpResponse:
    """Make a pull request a member's submission: first what it means, then, posted, done."""
    pull_request = access.pull_request_for_operator(
        pull_request_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    members = member_choices(pull_request.cohort_id)
    missions = missions_to_choose(pull_request)
    form = MatchForm(
        [(str(member.id), display_name(member.name)) for member in members],
        [(str(mission.id), mission.title) for mission in missions],
        request.GET,
    )
    if not form.is_valid():
        context = {"form": form, "pull_request": pull_request, "cohort": pull_request.repository.cohort}
        return render(request, "submissions/match.html", context, status=422)
    member = access.member_for_match(pull_request, UUID(form.cleaned_data["member"]))
    mission_id = form.cleaned_data["mission"]

    if request.method == "POST":
        result = match_pull_request(
            pull_request=pull_request,
            membership=member,
            mission_id=mission_id,
            by=request.principal.account_id,
            at=timezone.now(),
        )
        if result.outcome == Outcome.UNRESOLVED:
            messages.warning(request, _("It is theirs now. Choose the mission that it is for."))
        else:
            messages.success(request, _("It is their submission now."))
        return redirect("submissions:pull_requests", pull_request.cohort_id)

    return _confirm_match(request, pull_request, preview_match(pull_request, member, mission_id))


def _confirm_match(request: PageRequest, pull_request: PullRequest, preview: MatchPreview) -> HttpResponse:
    values = {
        "name": display_name(preview.name),
        "login": pull_request.author_login,
        "first": preview.replaces,
    }
    lines = [_("Its commits count from GitHub's time of the push.")]
    if preview.learns:
        lines.append(
            _("From now on, pull requests of the GitHub account %(login)s become theirs automatically.")
            % values
        )
    if preview.is_anothers:
        lines.append(
            _("The GitHub account %(login)s is not theirs, so only this pull request becomes theirs.")
            % values
        )
    if preview.replaces:
        lines.append(_("Their submission until now, #%(first)s, is dismissed.") % values)
    return render_confirmation(
        request,
        title=_("Is #%(number)s the submission of %(name)s?") % {"number": pull_request.number, **values},
        lines=lines,
        button=_("Yes, match them"),
        back=reverse("submissions:pull_requests", args=[pull_request.cohort_id]),
        cohort=pull_request.repository.cohort,
    )


@signed_in("POST")
def assign(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Make the chosen pull requests submissions of one mission."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = AssignForm(
        unresolved(cohort_id=cohort_id).values_list("id", flat=True), cohort.missions.all(), request.POST
    )
    if form.is_valid():
        assigned = assign_pull_requests(
            cohort_id=cohort_id, by=request.principal.account_id, at=timezone.now(), **form.cleaned_data
        )
        text = ngettext(
            "%(count)d pull request was assigned.", "%(count)d pull requests were assigned.", assigned
        )
        messages.success(request, text % {"count": assigned})
    else:
        messages.error(request, _("Choose pull requests and the mission that they are for."))
    return redirect("submissions:pull_requests", cohort_id)


@signed_in("POST")
def dismiss(request: PageRequest, cohort_id: UUID, pull_request_id: UUID) -> HttpResponse:
    """Set a pull request aside; the list of those set aside takes it back."""
    pull_request = access.pull_request_for_operator(
        pull_request_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    dismiss_pull_request(pull_request=pull_request, by=request.principal.account_id, at=timezone.now())
    text = _("Dismissed: #%(number)s") % {"number": pull_request.number}
    undo = reverse("submissions:restore", args=[pull_request.cohort_id, pull_request.id])
    add_undoable(request, text, undo=undo)
    if request.htmx and unmatched(cohort_id, size=1).rows:
        # Its row leaves the list.
        return render(request, "look/parts/toasts.html")
    return _redirect_whole(request, reverse("submissions:pull_requests", args=[cohort_id]))


def _redirect_whole(request: PageRequest, url: str) -> HttpResponse:
    """Redirect the whole page, also where htmx asked for a part of it."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


@signed_in("POST")
def restore(request: PageRequest, cohort_id: UUID, pull_request_id: UUID) -> HttpResponse:
    """Take a pull request back that was set aside."""
    pull_request = access.pull_request_for_operator(
        pull_request_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    restore_pull_request(pull_request=pull_request, at=timezone.now())
    messages.success(request, _("Restored."))
    return redirect("submissions:pull_requests", pull_request.cohort_id)


app_name = "submissions"
urlpatterns = [
    path("submissions/", mine, name="mine"),
    path(
        "cohorts/<uuid:cohort_id>/submissions/<uuid:submission_id>/works/<uuid:file_id>/",
        submitted_file,
        name="submitted_file",
    ),
    path("cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/submit/", submit, name="submit"),
    path("cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/work/", work, name="work"),
    path("cohorts/<uuid:cohort_id>/submissions/", of_cohort, name="cohort"),
    path("cohorts/<uuid:cohort_id>/pulls/", pull_requests, name="pull_requests"),
    path("cohorts/<uuid:cohort_id>/pulls/assign/", assign, name="assign"),
    path("cohorts/<uuid:cohort_id>/submissions/pulls/<uuid:pull_request_id>/match/", match, name="match"),
    path(
        "cohorts/<uuid:cohort_id>/submissions/pulls/<uuid:pull_request_id>/dismiss/", dismiss, name="dismiss"
    ),
    path(
        "cohorts/<uuid:cohort_id>/submissions/pulls/<uuid:pull_request_id>/restore/", restore, name="restore"
    ),
]
