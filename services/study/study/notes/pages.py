"""Pages: the notes of organizers about a member."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.memberships.queries import member as member_with_name
from study.notes.access import note_for_author, subject_for_operator
from study.notes.actions import create_note, delete_note, update_note
from study.notes.forms import NoteForm
from study.notes.queries import list_notes


@signed_in("GET", "POST")
def notes(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """List the notes about a member, the newest first; write another."""
    me = request.principal.account_id
    membership = subject_for_operator(cohort_id, membership_id, account_id=me)
    form = NoteForm(request.POST if request.method == "POST" else None)

    if handle_form(form, create_note, membership=membership, by=me, at=timezone.now()):
        messages.success(request, _("The note was saved."))
        return redirect(_member_page(cohort_id, membership_id))

    context = {
        "cohort": membership.cohort,
        "member": member_with_name(membership),
        "notes": list_notes(membership, cursor=request.GET.get("cursor")),
        "note_form": form,
        "me": me,
    }
    return render(request, "notes/list.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def edit(request: PageRequest, cohort_id: UUID, membership_id: UUID, note_id: UUID) -> HttpResponse:
    """Edit a note of one's own."""
    me = request.principal.account_id
    membership = subject_for_operator(cohort_id, membership_id, account_id=me)
    note = note_for_author(membership, note_id, account_id=me)
    typed = request.POST if request.method == "POST" else None
    form = NoteForm(typed, initial={"body": note.body})

    if handle_form(form, update_note, note=note, by=me, at=timezone.now()):
        messages.success(request, _("The note was saved."))
        return redirect(_member_page(cohort_id, membership_id))

    context = {"cohort": membership.cohort, "member": member_with_name(membership), "form": form}
    return render(request, "notes/edit.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def delete(request: PageRequest, cohort_id: UUID, membership_id: UUID, note_id: UUID) -> HttpResponse:
    """Delete a note of one's own after a confirmation."""
    me = request.principal.account_id
    membership = subject_for_operator(cohort_id, membership_id, account_id=me)
    note = note_for_author(membership, note_id, account_id=me)

    if request.method == "POST":
        delete_note(note=note, by=me, at=timezone.now())
        messages.success(request, _("The note was deleted."))
        return redirect(_member_page(cohort_id, membership_id))

    return render_confirmation(
        request,
        title=_("Delete this note?"),
        text=note.body,
        button=_("Delete"),
        back=_member_page(cohort_id, membership_id),
        cohort=membership.cohort,
    )


def _member_page(cohort_id: UUID, membership_id: UUID) -> str:
    return f"{reverse('home:member', args=[cohort_id, membership_id])}#h-notes"


app_name = "notes"
_NOTES = "cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/notes/"
urlpatterns = [
    path(_NOTES, notes, name="list"),
    path(f"{_NOTES}<uuid:note_id>/", edit, name="edit"),
    path(f"{_NOTES}<uuid:note_id>/delete/", delete, name="delete"),
]
