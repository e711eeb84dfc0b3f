"""URL configuration of the study service."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from chassis.jobs.pages import health as jobs_health
from chassis.web import openapi

api: list[Any] = [
    path("openapi.json", openapi.DocumentView.as_view(), name="openapi"),
    # What is asked for most.
    path("", include("study.submissions.api")),
    path("", include("study.cohorts.api")),
    path("", include("study.audit.api")),
    path("", include("study.memberships.api")),
    path("", include("study.missions.api")),
    path("", include("study.repositories.api")),
    path("", include("study.github.api")),
    path("", include("study.installations.api")),
    path("", include("study.discussions.api")),
    path("", include("study.reviews.api")),
    path("", include("study.announcements.api")),
    path("", include("study.reminders.api")),
    path("", include("study.notes.api")),
    path("", include("study.search.api")),
    path("", include("study.roster.api")),
    path("", include("study.exports.api")),
    path("", include("study.copies.api")),
]

urlpatterns = [
    # First, since what a program asks for would be compared with every page.
    path("api/v1/study/", include(api)),
    path("cohorts/health/", jobs_health),
    path("", include("study.cohorts.pages")),
    path("", include("study.audit.pages")),
    path("", include("study.memberships.pages")),
    path("", include("study.missions.pages")),
    path("", include("study.repositories.pages")),
    path("", include("study.submissions.pages")),
    path("", include("study.github.pages")),
    path("", include("study.installations.pages")),
    path("", include("study.home.pages")),
    path("", include("study.discussions.pages")),
    path("", include("study.reviews.pages")),
    path("", include("study.announcements.pages")),
    path("", include("study.reminders.pages")),
    path("", include("study.notes.pages")),
    path("", include("study.search.pages")),
    path("", include("study.roster.pages")),
    path("", include("study.exports.pages")),
    path("", include("study.copies.pages")),
    path("", include("study.memberships.api.internal")),
]

handler400 = "chassis.web.problems.unreadable"
handler404 = "chassis.web.problems.missing"
handler500 = "chassis.web.problems.broken"
