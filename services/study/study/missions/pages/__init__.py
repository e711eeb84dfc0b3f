"""Pages of missions."""

from __future__ import annotations

from django.urls import path

from study.missions.pages import deadlines, editing, importing, reading, requests

app_name = "missions"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/missions/", reading.missions, name="list"),
    path("cohorts/<uuid:cohort_id>/missions/new/", editing.new, name="new"),
    path("cohorts/<uuid:cohort_id>/missions/import/", importing.import_missions, name="import"),
    path("cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/", reading.detail, name="detail"),
    path("cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/edit/", editing.edit, name="edit"),
    path(
        "cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/rubric/share/",
        editing.share,
        name="share_rubric",
    ),
    path("cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/delete/", editing.delete, name="delete"),
    path("cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/dues/", deadlines.deadlines, name="deadlines"),
    path(
        "cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/dues/parts/",
        deadlines.set_part_deadline,
        name="set_part_deadline",
    ),
    path(
        "cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/dues/parts/<uuid:part_id>/clear/",
        deadlines.clear_part_deadline,
        name="clear_part_deadline",
    ),
    path(
        "cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/dues/extensions/",
        deadlines.grant_extension,
        name="grant_extension",
    ),
    path(
        "cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/dues/extensions/several/",
        deadlines.grant_extensions,
        name="grant_extensions",
    ),
    path(
        "cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/dues/extensions/<uuid:extension_id>/withdraw/",
        deadlines.withdraw_extension,
        name="withdraw_extension",
    ),
    path(
        "cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/more-time/",
        requests.request_extension,
        name="request_extension",
    ),
    path(
        "cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/more-time/withdraw/",
        requests.withdraw_extension_request,
        name="withdraw_extension_request",
    ),
    path(
        "cohorts/<uuid:cohort_id>/extension-requests/", requests.extension_requests, name="extension_requests"
    ),
    path("cohorts/<uuid:cohort_id>/extension-requests/decide/", requests.decide, name="decide_requests"),
]
