"""REST: submissions, works sent to Seodang, and the pull requests that are no submission."""

from __future__ import annotations

from django.urls import path

from study.submissions.api import submissions, works

urlpatterns = [
    path("submissions", submissions.Submissions.as_view()),
    path("submissions/<uuid:submission_id>", submissions.SubmissionDetail.as_view()),
    path("submissions/<uuid:submission_id>/works/<uuid:file_id>", works.SubmittedFileContent.as_view()),
    path("missions/<uuid:mission_id>/work", works.Works.as_view()),
    path("cohorts/<uuid:cohort_id>/submissions", submissions.CohortSubmissions.as_view()),
    path("cohorts/<uuid:cohort_id>/missions/preview", submissions.AssignmentPreview.as_view()),
    path("cohorts/<uuid:cohort_id>/pulls", submissions.Pulls.as_view()),
    path("cohorts/<uuid:cohort_id>/pulls/assign", submissions.AssignMission.as_view()),
    path("pulls/<uuid:pull_request_id>/match", submissions.Match.as_view()),
    path("pulls/<uuid:pull_request_id>/dismiss", submissions.Dismiss.as_view()),
    path("pulls/<uuid:pull_request_id>/restore", submissions.Restore.as_view()),
]
