"""REST: missions, their deadlines, and importing them."""

from __future__ import annotations

from django.urls import path

from study.missions.api import dues, importing, missions

urlpatterns = [
    path("cohorts/<uuid:cohort_id>/missions", missions.Missions.as_view()),
    path("cohorts/<uuid:cohort_id>/missions/import", importing.Import.as_view()),
    path("missions/<uuid:mission_id>", missions.OneMission.as_view()),
    path("missions/<uuid:mission_id>/rubric", missions.Rubric.as_view()),
    path("missions/<uuid:mission_id>/part-dues", dues.PartDues.as_view()),
    path("missions/<uuid:mission_id>/part-dues/<uuid:part_id>", dues.OnePartDue.as_view()),
    path("missions/<uuid:mission_id>/extensions", dues.Extensions.as_view()),
    path("missions/<uuid:mission_id>/extensions/<uuid:extension_id>", dues.OneExtension.as_view()),
]
