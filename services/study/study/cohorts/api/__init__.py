"""REST: cohorts and their parts, teams and weeks."""

from __future__ import annotations

from django.urls import path

from study.cohorts.api import structure
from study.cohorts.api.cohorts import CloseCohort, CohortDetail, CohortList, ReopenCohort

urlpatterns = [
    path("cohorts", CohortList.as_view()),
    path("cohorts/<uuid:cohort_id>", CohortDetail.as_view()),
    path("cohorts/<uuid:cohort_id>/close", CloseCohort.as_view()),
    path("cohorts/<uuid:cohort_id>/reopen", ReopenCohort.as_view()),
    path("cohorts/<uuid:cohort_id>/parts", structure.PartList.as_view()),
    path("cohorts/<uuid:cohort_id>/parts/<uuid:part_id>", structure.PartDetail.as_view()),
    path("cohorts/<uuid:cohort_id>/teams", structure.TeamList.as_view()),
    path("cohorts/<uuid:cohort_id>/teams/<uuid:team_id>", structure.TeamDetail.as_view()),
    path("cohorts/<uuid:cohort_id>/weeks", structure.WeekList.as_view()),
    path("cohorts/<uuid:cohort_id>/weeks/<uuid:week_id>", structure.WeekDetail.as_view()),
]
