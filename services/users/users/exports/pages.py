"""Pages of the personal data export."""

from __future__ import annotations

import io
import json
import zipfile
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from chassis.errors import DomainError, NotFound
from chassis.web.auth import PageRequest, signed_in
from users.accounts.access import own_account
from users.accounts.request_meta import client_info
from users.exports import access, actions, queries


@never_cache
@signed_in("GET", "POST")
def own_data(request: PageRequest) -> HttpResponse:
    """GET shows the export's progress, POST requests an export."""
    account = own_account(request.principal.account_id)
    if request.method == "POST":
        try:
            actions.request_export(
                account_id=account.id,
                own=queries.own_section(account),
                client=client_info(request),
                at=timezone.now(),
            )
        except DomainError as error:
            messages.info(request, str(error))
        else:
            messages.success(request, _("We are putting your copy together. This page shows how far it is."))
        return redirect("own_data")

    export = queries.get_latest_export(account.id, at=timezone.now())

    template = "exports/own_data.html#progress" if request.htmx else "exports/own_data.html"
    return render(request, template, {"account": account, "export": export})


@never_cache
@signed_in("GET")
def download(request: PageRequest, export_id: UUID) -> HttpResponse:
    """Download a complete export as a zip archive, one JSON file per service."""
    account = own_account(request.principal.account_id)
    export = access.own_export(export_id, account_id=account.id, at=timezone.now())
    if not export.is_complete:
        raise NotFound

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for service, content in queries.get_contents(export).items():
            files.writestr(f"{service}.json", json.dumps(content, ensure_ascii=False, indent=2))

    name = f"seodang-{export.requested_at:%Y%m%d}.zip"
    return HttpResponse(
        archive.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


urlpatterns = [
    path("data/", own_data, name="own_data"),
    path("data/<uuid:export_id>/", download, name="download_data"),
]
