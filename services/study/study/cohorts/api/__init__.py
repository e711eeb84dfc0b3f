"""REST: cohorts, and what they are made of."""

from __future__ import annotations

from django.urls import path

from study.cohorts.api import layout
from study.cohorts.api.cohorts import Closed, Cohorts, OneCohort, Opened

urlpatterns = [
    path("cohorts", Cohorts.as_view()),
    path("cohorts/<uuid:cohort_id>", OneCohort.as_view()),
    path("cohorts/<uuid:cohort_id>/close", Closed.as_view()),
    path("cohorts/<uuid:cohort_id>/reopen", Opened.as_view()),
    path("cohorts/<uuid:cohort_id>/parts", layout.Parts.as_view()),
    path("cohorts/<uuid:cohort_id>/parts/<uuid:part_id>", layout.OnePart.as_view()),
    path("cohorts/<uuid:cohort_id>/teams", layout.Teams.as_view()),
    path("cohorts/<uuid:cohort_id>/teams/<uuid:team_id>", layout.OneTeam.as_view()),
    path("cohorts/<uuid:cohort_id>/weeks", layout.Weeks.as_view()),
    path("cohorts/<uuid:cohort_id>/weeks/<uuid:week_id>", layout.OneWeek.as_view()),
]
