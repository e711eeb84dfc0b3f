"""Pages: the mentor's queue and desk, what the author sees, and who reviews what."""

from __future__ import annotations

from django.urls import path

from study.reviews.pages import assigning, desk, reading

app_name = "reviews"
urlpatterns = [
    path("reviews/", desk.queue, name="queue"),
    path("reviews/<uuid:submission_id>/", desk.desk, name="desk"),
    path("reviews/<uuid:submission_id>/discard/", desk.discard, name="discard"),
    path("submissions/<uuid:submission_id>/", reading.submission, name="submission"),
    path("cohorts/<uuid:cohort_id>/reviewers/", assigning.reviewers, name="assign"),
    path("cohorts/<uuid:cohort_id>/reviewers/evenly/", assigning.evenly, name="evenly"),
    path("cohorts/<uuid:cohort_id>/reviewers/<uuid:submission_id>/", assigning.one, name="assign_one"),
]
