"""Pages: root, navigation, a member's week, an operator's overview and the index of settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from chassis.account_mirror.rules import display_name
from chassis.web.auth import PageRequest, Principal, may_be_signed_in, signed_in, to_renew
from look.menu import menu_items
from study.cohorts import actions
from study.cohorts.access import membership_for_member, membership_for_operator
from study.cohorts.models import Membership, Role
from study.cohorts.queries import parts_of
from study.cohorts.rules import write_csv
from study.home.access import cohort_of_row
from study.home.forms import MatrixForm
from study.home.queries.attention import needs_attention
from study.home.queries.checklist import checklist
from study.home.queries.matrix import matrix
from study.home.queries.member import member_progress
from study.home.queries.navigation import has_accounts, memberships
from study.home.queries.overview import overview
from study.home.queries.settings import settings_state
from study.home.queries.week import my_week
from study.installations.queries import lost_installations
from study.memberships.access import member_for_operator
from study.memberships.forms import PartForm
from study.memberships.queries import consent_of, count_join_requests
from study.memberships.queries import member as member_with_name
from study.missions.queries.requests import count_open_requests
from study.notes.forms import NoteForm
from study.notes.queries import list_notes
from study.submissions.templatetags.states import status_label

# The last visited cohort of this browser, for pages that belong to no cohort.
COHORT_COOKIE = "study_cohort"
COHORT_COOKIE_MAX_AGE = timedelta(days=365)
# The path of a page of a cohort.
COHORT_PATH = re.compile(r"/cohorts/([0-9a-f-]{36})/")
# How the paths of pages began whose cohort was not in their address once.
MOVED = ("missions", "reviews", "submissions", "submissions/pulls", "announcements", "announcements/drafts")
# The others are in the matrix.
MAX_ATTENTION = 8
# The others are on the page of the notes.
MAX_NOTES = 5


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """Redirect to the last visited cohort, or to the list of cohorts; show a landing page to visitors.

    While no account has been confirmed, the landing page leads to the set-up. Only users knows owners; study
    does not ask it, and knows by its account mirror that there can be none. If somebody confirmed an account
    before the set-up, the page leads to the sign-in, and the link to the set-up is in the log.
    """
    if may_be_signed_in(request):
        return to_renew(request, is_open=True)
    principal: Principal | None = request.principal  # type: ignore[attr-defined]
    if principal is None:
        return render(request, "home/welcome.html", {"is_new": not has_accounts()})
    membership = _current_membership(request, memberships(principal.account_id))
    return redirect("home:cohort", membership.cohort_id) if membership else redirect("cohorts:list")


@signed_in("GET")
def cohort(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Show the overview to operators; redirect mentors to their queue and members to their week."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    if membership.role == Role.MENTOR:
        return _remember_cohort(redirect("reviews:queue"), cohort_id)
    if membership.role == Role.MEMBER:
        return _remember_cohort(redirect("home:week", cohort_id), cohort_id)
    now = timezone.now()
    shown = overview(membership.cohort, now=now)
    form = MatrixForm(request.GET, parts=shown.parts, teams=shown.teams)
    context = {
        "cohort": membership.cohort,
        "overview": shown,
        "attention": needs_attention(membership.cohort, shown, now=now),
        "max_attention": MAX_ATTENTION,
        "matrix": matrix(shown, form),
        "filter": form,
        "lost": lost_installations(cohort_id),
        "checklist": checklist(membership.cohort),
        "requests_waiting": count_open_requests(membership.cohort),
        "joins_waiting": count_join_requests(membership.cohort),
        "now": now,
    }
    template = "home/matrix.html" if request.htmx else "home/overview.html"
    return _remember_cohort(render(request, template, context), cohort_id)


@signed_in("GET")
def member(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """Show an operator the status of each of a member's missions, what was done about it, and notes.

    Nobody reads notes about themselves.
    """
    me = request.principal.account_id
    found = member_for_operator(cohort_id, membership_id, account_id=me)
    now = timezone.now()
    context = {
        "cohort": found.cohort,
        "member": member_with_name(found),
        "progress": member_progress(found, now=now),
        "notes": list_notes(found, size=MAX_NOTES) if found.account_id != me else None,
        "note_form": NoteForm(),
        "me": me,
        "now": now,
    }
    return render(request, "home/member.html", context)


@signed_in("GET")
def first_mission(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Redirect a new member to the open mission whose deadline is next; everybody else to the cohort."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    if membership.role == Role.MEMBER:
        todo = my_week(membership, now=timezone.now()).todo
        if task := next((task for task in todo if not task.is_missing), None):
            return _remember_cohort(redirect("missions:detail", cohort_id, task.mission.id), cohort_id)
    return redirect("home:cohort", cohort_id)


@signed_in("POST")
def hide_checklist(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Hide the list of what is left to set up."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    actions.hide_checklist(cohort=cohort, at=timezone.now())
    return redirect("home:cohort", cohort_id)


@signed_in("GET")
def settings_index(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List the settings with the state of each."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    context = {"cohort": cohort, "state": settings_state(cohort, at=timezone.now())}
    return render(request, "home/settings.html", context)


@signed_in("GET")
def connections(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List what the cohort is connected to: GitHub and chats."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    context = {
        "cohort": cohort,
        "state": settings_state(cohort, at=timezone.now()),
        # Of the notification service, which alone knows the cohort's chats.
        "chats_url": f"/notifications/chat/{cohort_id}/",
    }
    return render(request, "home/connections.html", context)


def _remember_cohort(response: HttpResponse, cohort_id: UUID) -> HttpResponse:
    """Set the cookie of the last visited cohort."""
    response.set_cookie(
        COHORT_COOKIE,
        str(cohort_id),
        max_age=COHORT_COOKIE_MAX_AGE,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _requested_cohort(request: HttpRequest) -> str:
    """Return the id of the cohort whose page asks for the navigation; "" if the page belongs to none."""
    found = COHORT_PATH.match(request.GET.get("at", ""))
    return request.GET.get("cohort") or (found[1] if found else "")


def _current_membership(request: HttpRequest, memberships: Sequence[Membership]) -> Membership | None:
    """Return the membership in the requested cohort, else in the last visited, else the first."""
    by_cohort = {str(membership.cohort_id): membership for membership in memberships}
    wanted = (_requested_cohort(request), request.COOKIES.get(COHORT_COOKIE, ""))
    named = [by_cohort[cohort_id] for cohort_id in wanted if cohort_id in by_cohort]
    return next(iter([*named, *memberships]), None)


@signed_in("GET")
def overview_csv(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Download the overview as CSV: one row per member, one column per mission."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    shown = overview(cohort, now=timezone.now())

    name = slugify(cohort.title, allow_unicode=True) or "cohort"
    missions = [
        f"{_('Week %(n)s') % {'n': mission.week.number}} {mission.title}" for mission in shown.missions
    ]
    rows: list[list[str | int]] = [[_("Member"), _("Part"), *missions, _("Missing"), _("Points")]]
    for row in shown.rows:
        states = [str(status_label(cell.status)) if cell else "" for cell in row.cells]
        part = row.member.part.name if row.member.part else ""
        rows.append([display_name(row.member.name), part, *states, row.missing, row.points])
    response = HttpResponse(write_csv(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{name}.csv") or "attachment"
    )
    return response


@signed_in("GET")
def week(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Show a member's missions, the most urgent first."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    now = timezone.now()
    lacks_part = (
        membership.role == Role.MEMBER and membership.part_id is None and membership.cohort.closed_at is None
    )
    has_choice = lacks_part and bool(parts_of(membership.cohort))
    context = {
        "cohort": membership.cohort,
        "membership": membership,
        "my_week": my_week(membership, now=now),
        "now": now,
        "form": PartForm(cohort=membership.cohort) if has_choice else None,
        "asks_consent": consent_of(membership) is None,
    }
    return render(request, "home/week.html", context)


@signed_in("GET")
def nav(request: PageRequest) -> HttpResponse:
    """Render the navigation for the account's role in the current cohort, else in the last visited."""
    mine = memberships(request.principal.account_id)
    membership = _current_membership(request, mine)
    context = {
        "cohort": membership.cohort if membership else None,
        "cohorts": [
            {
                "id": cohort.id,
                "title": cohort.title,
                "note": pgettext("cohort", "Closed") if cohort.closed_at else "",
            }
            for cohort in (membership.cohort for membership in mine)
        ],
        "nav_items": menu_items(
            membership.role if membership else "",
            membership.cohort_id if membership else None,
            request.GET.get("at", ""),
        ),
    }
    template = "look/nav.html#fragment" if request.htmx else "look/nav.html"
    response = render(request, template, context)
    if membership and str(membership.cohort_id) == _requested_cohort(request):
        return _remember_cohort(response, membership.cohort_id)
    return response


@signed_in("GET", "POST")
def moved(request: PageRequest, rows: str, row_id: UUID, rest: str = "") -> HttpResponse:
    """Redirect for good, method and body unchanged (308), to the same path below the row's cohort."""
    cohort_id = cohort_of_row(rows, row_id, account_id=request.principal.account_id)
    there = f"/cohorts/{cohort_id}{request.get_full_path()}"
    return HttpResponsePermanentRedirect(there, preserve_request=True)


app_name = "home"
urlpatterns = [
    path("", root, name="root"),
    path("nav/", nav, name="nav"),
    path("cohorts/<uuid:cohort_id>/", cohort, name="cohort"),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/missions/", member, name="member"),
    path("cohorts/<uuid:cohort_id>/first-mission/", first_mission, name="first_mission"),
    path("cohorts/<uuid:cohort_id>/checklist/hide/", hide_checklist, name="hide_checklist"),
    path("cohorts/<uuid:cohort_id>/overview.csv", overview_csv, name="csv"),
    path("cohorts/<uuid:cohort_id>/week/", week, name="week"),
    path("cohorts/<uuid:cohort_id>/settings/", settings_index, name="settings"),
    path("cohorts/<uuid:cohort_id>/settings/connections/", connections, name="connections"),
    *[path(f"{rows}/<uuid:row_id>/", moved, {"rows": rows}) for rows in MOVED],
    *[path(f"{rows}/<uuid:row_id>/<path:rest>", moved, {"rows": rows}) for rows in MOVED],
]
