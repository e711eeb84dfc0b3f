"""URL configuration of the notification service."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from chassis.jobs.pages import health as jobs_health
from chassis.web import openapi

api: list[URLPattern | URLResolver] = [
    path("openapi.json", openapi.DocumentView.as_view(), name="openapi"),
    path("", include("notification.inbox.api")),
    path("", include("notification.preferences.api")),
    path("", include("notification.delivery.api")),
    path("", include("notification.push.api")),
    path("", include("notification.chat.api")),
]

urlpatterns = [
    path("notifications/health/", jobs_health),
    path("notifications/", include("notification.inbox.pages")),
    path("notifications/", include("notification.preferences.pages")),
    path("notifications/", include("notification.delivery.pages")),
    path("notifications/", include("notification.push.pages")),
    path("notifications/", include("notification.chat.pages")),
    path("", include("look.pwa")),
    path("api/v1/notification/", include(api)),
]

handler400 = "chassis.web.problems.unreadable"
handler404 = "chassis.web.problems.missing"
handler500 = "chassis.web.problems.broken"
