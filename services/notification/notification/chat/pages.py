"""Pages: chat webhooks of a cohort, for its operators."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from notification.chat import access, actions, queries, tasks
from notification.chat.forms import WebhookForm
from notification.outgoing.rules import is_enabled

app_name = "chat"


@signed_in("GET", "POST")
def webhooks(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List the webhooks of a cohort; add one."""
    access.require_operator(cohort_id, account_id=request.principal.account_id)
    chats = queries.cohort_chats(cohort_id)
    form = WebhookForm(request.POST or None, parts=chats.parts)

    if handle_form(form, actions.create_webhook, cohort_id=cohort_id, at=timezone.now()):
        messages.success(request, _("Added. Send a test to see whether it works."))
        return redirect("chat:webhooks", cohort_id)

    context = {"chats": chats, "form": form, "is_enabled": is_enabled()}
    return render(request, "chat/webhooks.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def delete(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """Delete a webhook, after confirmation."""
    webhook = access.webhook_for_operator(webhook_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.delete_webhook(webhook=webhook)
        messages.success(request, _("Removed."))
        return redirect("chat:webhooks", webhook.cohort_id)

    return render_confirmation(
        request,
        title=_("Remove %(name)s?") % {"name": webhook.name},
        text=_("Nothing is sent there any more. The webhook still exists in the chat: delete it there, too."),
        button=_("Remove"),
        back=reverse("chat:webhooks", args=[webhook.cohort_id]),
    )


@signed_in("POST")
def test(request: PageRequest, webhook_id: UUID) -> HttpResponse:
    """Send a test."""
    webhook = access.webhook_for_operator(webhook_id, account_id=request.principal.account_id)

    try:
        actions.test_webhook(webhook=webhook, url=f"/cohorts/{webhook.cohort_id}/", at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        tasks.enqueue_send_on_commit()
        messages.success(request, _("A test is on its way. Reload this page to see how it went."))
    return redirect("chat:webhooks", webhook.cohort_id)


urlpatterns = [
    path("chat/<uuid:cohort_id>/", webhooks, name="webhooks"),
    path("chat/webhooks/<uuid:webhook_id>/delete/", delete, name="delete"),
    path("chat/webhooks/<uuid:webhook_id>/test/", test, name="test"),
]
