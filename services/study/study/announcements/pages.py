"""Pages: announcements of a cohort."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from chassis.web.messages import add_undoable
from study.announcements import access, actions, queries
from study.announcements.forms import AnnouncementForm, TextForm
from study.announcements.models import Announcement, AnnouncementDraft
from study.announcements.rules import as_typed, chat_text
from study.cohorts.access import membership_for_member, membership_for_operator
from study.cohorts.models import Cohort, Role
from study.missions.rules.markdown import render_markdown

_NOBODY_TO_REMIND = gettext_lazy("Nobody was reminded: all have read it or were reminded today.")
# Markdown may embed remote images, over https only.
allow_remote_images = csp_update({"img-src": ["https:"]})


@signed_in("GET")
def announcements(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List the announcements of a cohort, the newest first."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    page = queries.announcements(membership, cursor=request.GET.get("cursor"))
    is_operator = membership.role == Role.OPERATOR
    context = {
        "cohort": membership.cohort,
        "page": page,
        "drafts": queries.drafts(membership.cohort) if is_operator else (),
        "is_operator": is_operator,
    }
    return render(request, "announcements/list.html", context)


@allow_remote_images  # type: ignore[arg-type]
@signed_in("GET", "POST")
def new(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Write an announcement: publish it, which requires a preview of the same content, or save a draft."""
    membership = membership_for_operator(cohort_id, account_id=request.principal.account_id)
    return _write(request, membership.cohort)


@allow_remote_images  # type: ignore[arg-type]
@signed_in("GET", "POST")
def draft(request: PageRequest, cohort_id: UUID, draft_id: UUID) -> HttpResponse:
    """Change a draft, or publish it, which deletes it. `?preview=1` shows it as it would be published."""
    found = access.draft_for_operator(draft_id, cohort_id=cohort_id, account_id=request.principal.account_id)
    return _write(request, found.cohort, draft=found)


def _write(request: PageRequest, cohort: Cohort, *, draft: AnnouncementDraft | None = None) -> HttpResponse:
    typed = request.POST or (as_typed(draft) if draft and "preview" in request.GET else None)
    form = AnnouncementForm(typed, cohort=cohort, initial=vars(draft) if draft else None)
    me, now = request.principal.account_id, timezone.now()

    if _is_confirmed(request, form):
        # It is published now.
        del form.cleaned_data["publish_at"]
        draft_id = draft.id if draft else None
        if announcement := handle_form(
            form, actions.publish_announcement, cohort=cohort, author_id=me, draft_id=draft_id, at=now
        ):
            messages.success(request, _("Published. Everyone it is for is notified."))
            return redirect("announcements:detail", announcement.cohort_id, announcement.id)
    elif _is_saved(request, form):
        save = (
            partial(actions.update_draft, draft=draft)
            if draft
            else partial(actions.create_draft, cohort=cohort)
        )
        if saved := handle_form(form, save, by=me, at=now):
            text = _("Saved. It is published at its time.") if saved.publish_at else _("Saved as a draft.")
            messages.success(request, text)
            return redirect("announcements:list", cohort.id)

    return _render_form(request, form, cohort, draft=draft)


@allow_remote_images  # type: ignore[arg-type]
@signed_in("GET", "POST")
def edit(request: PageRequest, cohort_id: UUID, announcement_id: UUID) -> HttpResponse:
    """Edit title and text of an announcement; a preview of the same content is required before."""
    announcement = access.announcement_for_operator(
        announcement_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    form = TextForm(request.POST or None, initial={"title": announcement.title, "body": announcement.body})

    if _is_confirmed(request, form) and (
        edited := handle_form(form, actions.edit_announcement, announcement=announcement, at=timezone.now())
    ):
        messages.success(request, _("Saved. Nobody is notified again."))
        return redirect("announcements:detail", edited.cohort_id, edited.id)

    return _render_form(request, form, announcement.cohort, announcement=announcement)


def _is_confirmed(request: PageRequest, form: TextForm) -> bool:
    return "publish" in request.POST and form.is_valid() and form.is_previewed


def _is_saved(request: PageRequest, form: AnnouncementForm) -> bool:
    """Return True to save a draft. What is published by itself must have been looked at before."""
    is_valid = "save" in request.POST and form.is_valid()
    return is_valid and (form.is_previewed or not form.cleaned_data["publish_at"])


def _render_form(
    request: PageRequest,
    form: TextForm,
    cohort: Cohort,
    *,
    announcement: Announcement | None = None,
    draft: AnnouncementDraft | None = None,
) -> HttpResponse:
    has_preview = form.is_bound and form.is_valid()
    back = reverse("announcements:list", args=[cohort.id])
    if announcement:
        back = reverse("announcements:detail", args=[cohort.id, announcement.id])
    context = {
        "title": _("Edit the announcement") if announcement else _("Write an announcement"),
        "back": back,
        "cohort": cohort,
        "announcement": announcement,
        "form": form,
        "draft": draft,
        "preview": render_markdown(form.cleaned_data["body"]) if has_preview else None,
        "publish_at": form.cleaned_data.get("publish_at") if has_preview else None,
        "changed": has_preview
        and not form.is_previewed
        and ("publish" in request.POST or ("save" in request.POST and "seen" in request.POST)),
    }
    status = 422 if "publish" in request.POST or (form.is_bound and not has_preview) else 200
    return render(request, "announcements/form.html", context, status=status)


@allow_remote_images  # type: ignore[arg-type]
@signed_in("GET")
def announcement(request: PageRequest, cohort_id: UUID, announcement_id: UUID) -> HttpResponse:
    """Show an announcement, or 410 if it was withdrawn: notifications and mail still link to it."""
    try:
        announcement, membership = access.announcement_for_member(
            announcement_id, cohort_id=cohort_id, account_id=request.principal.account_id
        )
    except access.AnnouncementWithdrawn as error:
        gone = {"announcement": error.announcement}
        return render(request, "announcements/withdrawn.html", gone, status=410)
    actions.record_read(announcement=announcement, account_id=membership.account_id, at=timezone.now())
    is_operator = membership.role == Role.OPERATOR
    context = {
        "announcement": announcement,
        "counts": queries.read_counts(announcement, at=timezone.now()) if is_operator else None,
        "cohort": membership.cohort,
        "body": render_markdown(announcement.body),
        "is_operator": is_operator,
        "chat_text": chat_text(
            cohort=membership.cohort.title,
            title=announcement.title,
            body=announcement.body,
            url=f"{settings.PUBLIC_URL}{request.path}",
        )
        if is_operator
        else "",
    }
    return render(request, "announcements/detail.html", context)


@signed_in("GET", "POST")
def withdraw(request: PageRequest, cohort_id: UUID, announcement_id: UUID) -> HttpResponse:
    """Withdraw an announcement after a confirmation."""
    announcement = access.announcement_for_operator(
        announcement_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )

    if request.method == "POST":
        actions.withdraw(announcement=announcement, at=timezone.now())
        undo = reverse("announcements:restore", args=[announcement.cohort_id, announcement.id])
        add_undoable(request, _("Unpublished. You can republish it from its page."), undo=undo)
        return redirect("announcements:list", announcement.cohort_id)

    return render_confirmation(
        request,
        title=_("Unpublish “%(title)s”?") % {"title": announcement.title},
        text=_("It leaves the list. Emails that were sent cannot be recalled."),
        button=_("Unpublish"),
        back=reverse("announcements:detail", args=[announcement.cohort_id, announcement.id]),
        cohort=announcement.cohort,
    )


@signed_in("POST")
def restore(request: PageRequest, cohort_id: UUID, announcement_id: UUID) -> HttpResponse:
    """Restore a withdrawn announcement."""
    announcement = access.announcement_for_operator(
        announcement_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    actions.restore(announcement=announcement)
    messages.success(request, _("Republished. Nobody was notified again."))
    return redirect("announcements:detail", announcement.cohort_id, announcement.id)


@signed_in("GET")
def readers(request: PageRequest, cohort_id: UUID, announcement_id: UUID) -> HttpResponse:
    """List whom an announcement is for: who has not opened it first."""
    announcement = access.announcement_for_operator(
        announcement_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    now = timezone.now()
    context = {
        "announcement": announcement,
        "cohort": announcement.cohort,
        "counts": queries.read_counts(announcement, at=now),
        "page": queries.readers(announcement, at=now, cursor=request.GET.get("cursor")),
    }
    return render(request, "announcements/readers.html", context)


@signed_in("GET", "POST")
def remind(request: PageRequest, cohort_id: UUID, announcement_id: UUID) -> HttpResponse:
    """Remind those who have not opened an announcement, after a confirmation."""
    announcement = access.announcement_for_operator(
        announcement_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )

    if request.method == "POST":
        count = actions.remind_readers(announcement=announcement, at=timezone.now())
        if count:
            text = ngettext("%(count)d person was reminded.", "%(count)d people were reminded.", count)
            messages.success(request, text % {"count": count})
        else:
            messages.info(request, _NOBODY_TO_REMIND)
        return redirect("announcements:readers", announcement.cohort_id, announcement.id)

    count = queries.read_counts(announcement, at=timezone.now()).to_remind
    if not count:
        messages.info(request, _NOBODY_TO_REMIND)
        return redirect("announcements:readers", announcement.cohort_id, announcement.id)
    question = ngettext(
        "Remind %(count)d person of “%(title)s”?", "Remind %(count)d people of “%(title)s”?", count
    )
    return render_confirmation(
        request,
        title=question % {"count": count, "title": announcement.title},
        text=_("Those who have not opened it are notified again. You can remind each person once a day."),
        button=_("Remind"),
        back=reverse("announcements:readers", args=[announcement.cohort_id, announcement.id]),
        cohort=announcement.cohort,
    )


@signed_in("POST")
def cancel_publish_time(request: PageRequest, cohort_id: UUID, draft_id: UUID) -> HttpResponse:
    """Keep a draft until somebody publishes it."""
    found = access.draft_for_operator(draft_id, cohort_id=cohort_id, account_id=request.principal.account_id)
    actions.cancel_publish_time(draft=found)
    messages.success(request, _("It is a draft without a time now."))
    return redirect("announcements:list", found.cohort_id)


@signed_in("GET", "POST")
def delete_draft(request: PageRequest, cohort_id: UUID, draft_id: UUID) -> HttpResponse:
    """Delete a draft after a confirmation."""
    found = access.draft_for_operator(draft_id, cohort_id=cohort_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.delete_draft(draft=found)
        messages.success(request, _("The draft is deleted."))
        return redirect("announcements:list", found.cohort_id)

    return render_confirmation(
        request,
        title=_("Delete the draft “%(title)s”?") % {"title": found.title},
        text=_("The announcement of the former cohort stays.") if found.planned_for else "",
        button=_("Delete"),
        back=reverse("announcements:draft", args=[found.cohort_id, found.id]),
        cohort=found.cohort,
    )


app_name = "announcements"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/announcements/", announcements, name="list"),
    path("cohorts/<uuid:cohort_id>/announcements/new/", new, name="new"),
    path("cohorts/<uuid:cohort_id>/announcements/drafts/<uuid:draft_id>/", draft, name="draft"),
    path(
        "cohorts/<uuid:cohort_id>/announcements/drafts/<uuid:draft_id>/cancel/",
        cancel_publish_time,
        name="cancel_publish_time",
    ),
    path(
        "cohorts/<uuid:cohort_id>/announcements/drafts/<uuid:draft_id>/delete/",
        delete_draft,
        name="delete_draft",
    ),
    path("cohorts/<uuid:cohort_id>/announcements/<uuid:announcement_id>/", announcement, name="detail"),
    path("cohorts/<uuid:cohort_id>/announcements/<uuid:announcement_id>/edit/", edit, name="edit"),
    path(
        "cohorts/<uuid:cohort_id>/announcements/<uuid:announcement_id>/withdraw/", withdraw, name="withdraw"
    ),
    path("cohorts/<uuid:cohort_id>/announcements/<uuid:announcement_id>/restore/", restore, name="restore"),
    path("cohorts/<uuid:cohort_id>/announcements/<uuid:announcement_id>/readers/", readers, name="readers"),
    path("cohorts/<uuid:cohort_id>/announcements/<uuid:announcement_id>/remind/", remind, name="remind"),
]
