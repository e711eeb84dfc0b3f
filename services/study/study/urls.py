"""The map of the study service."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from chassis.web import health

api = [
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
]

urlpatterns = [
    *health.urlpatterns,
    path("api/v1/study/", include(api)),
]
