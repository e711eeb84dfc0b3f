"""Pages: the mentor's queue and review, what the author sees, and who reviews what."""

from __future__ import annotations

from django.urls import path

from study.reviews.pages import assigning, reading, review

app_name = "reviews"
urlpatterns = [
    path("reviews/", review.queue, name="queue"),
    path("reviews/<uuid:submission_id>/", review.review, name="review"),
    path("reviews/<uuid:submission_id>/discard/", review.discard, name="discard"),
    path("submissions/<uuid:submission_id>/", reading.submission, name="submission"),
    path("cohorts/<uuid:cohort_id>/reviewers/", assigning.reviewers, name="assign"),
    path("cohorts/<uuid:cohort_id>/reviewers/evenly/", assigning.assign_evenly, name="evenly"),
    path("cohorts/<uuid:cohort_id>/reviewers/<uuid:submission_id>/", assigning.assign, name="assign_one"),
]
