"""REST: missions, their deadlines, and importing them."""

from __future__ import annotations

from django.urls import path

from study.missions.api import deadlines, importing, missions, requests

urlpatterns = [
    path("cohorts/<uuid:cohort_id>/missions", missions.Missions.as_view()),
    path("cohorts/<uuid:cohort_id>/missions/import", importing.Import.as_view()),
    path("missions/<uuid:mission_id>", missions.MissionDetail.as_view()),
    path("missions/<uuid:mission_id>/rubric", missions.Rubric.as_view()),
    path("missions/<uuid:mission_id>/part-dues", deadlines.PartDeadlines.as_view()),
    path("missions/<uuid:mission_id>/part-dues/<uuid:part_id>", deadlines.PartDeadlineDetail.as_view()),
    path("missions/<uuid:mission_id>/extensions", deadlines.Extensions.as_view()),
    path("missions/<uuid:mission_id>/extensions/several", deadlines.SeveralExtensions.as_view()),
    path("missions/<uuid:mission_id>/extensions/<uuid:extension_id>", deadlines.ExtensionDetail.as_view()),
    path("missions/<uuid:mission_id>/extension-requests", requests.OwnExtensionRequests.as_view()),
    path("cohorts/<uuid:cohort_id>/extension-requests", requests.CohortExtensionRequests.as_view()),
    path("cohorts/<uuid:cohort_id>/extension-requests/decide", requests.DecideExtensionRequests.as_view()),
]
