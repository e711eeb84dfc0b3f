"""REST: the GitHub App for owners; its installations and check runs for the operators of a cohort."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import validated
from study.cohorts.access import membership_for_operator
from study.installations import access, queries
from study.installations.actions.app import rotate_webhook_secret
from study.installations.actions.check_runs import set_check_runs
from study.installations.client import app_client
from study.installations.models import CheckRunError, GitHubApp, Installation


class AppOut(serializers.Serializer[GitHubApp]):
    name = serializers.CharField()
    html_url = serializers.CharField(help_text="GitHub's page of the App.")
    installations_url = serializers.CharField(help_text="GitHub's page that installs it.", read_only=True)
    has_webhook = serializers.BooleanField(
        read_only=True, help_text="False where GitHub cannot reach this address: then it is polled."
    )
    created_at = serializers.DateTimeField()
    refused_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when GitHub does not accept its private key."
    )


class InstallationOut(serializers.Serializer[Installation]):
    id = serializers.IntegerField(help_text="GitHub's.")
    account_login = serializers.CharField()
    has_all_repositories = serializers.BooleanField()
    repositories = serializers.IntegerField(source="known", help_text="How many are known.")
    can_create_repositories = serializers.BooleanField(
        allow_null=True,
        help_text="Whether it was granted to create repositories. Null if it is not known yet.",
    )
    html_url = serializers.CharField(
        help_text="GitHub's page of it, where permissions are granted, or empty."
    )
    suspended_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)


class CheckRunProblemOut(serializers.Serializer[queries.CheckRunProblem]):
    repository = serializers.CharField()
    error = serializers.ChoiceField(choices=CheckRunError.choices)
    message = serializers.CharField(help_text="GitHub's own words, or empty.")
    count = serializers.IntegerField(help_text="How many pull requests have no current check run.")


class GitHubStatusOut(serializers.Serializer[dict[str, Any]]):
    app = AppOut(allow_null=True)
    installations = InstallationOut(many=True)
    repositories = serializers.ListField(
        child=serializers.CharField(), help_text="What the installations may read, the first 1,000."
    )
    has_check_runs = serializers.BooleanField(
        help_text="Whether the head commits of the cohort's submissions have a check run."
    )
    check_run_problems = CheckRunProblemOut(many=True)


class CheckRunsIn(serializers.Serializer[dict[str, Any]]):
    is_on = serializers.BooleanField()


class App(APIView):
    @extend_schema(operation_id="get_github_app", responses={200: AppOut})
    def get(self, request: Request) -> Response:
        """Get the GitHub App of this installation, without its secrets. Owners only."""
        return Response(AppOut(access.app_for_owner(principal_of(request))).data)


class WebhookSecret(APIView):
    # In a transaction with an Idempotency-Key's record, a secret that GitHub has could be rolled back.
    is_repeatable = True

    @extend_schema(operation_id="rotate_app_webhook_secret", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Replace the App's webhook secret, here and on GitHub. Owners only.

        The one before is accepted for 24 hours.
        """
        access.app_for_owner(principal_of(request))
        rotate_webhook_secret(github=app_client(), at=timezone.now())
        return Response(status=204)


class CohortGitHub(APIView):
    @extend_schema(operation_id="get_github_status", responses={200: GitHubStatusOut})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """Get where the App is installed, and what keeps check runs from being shown. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        status = {
            "app": queries.get_app(),
            "installations": queries.list_installations(),
            "repositories": queries.repository_names(),
            "has_check_runs": cohort.has_check_runs,
            "check_run_problems": queries.check_run_problems(cohort_id),
        }
        return Response(GitHubStatusOut(status).data)


class CheckRuns(APIView):
    @extend_schema(operation_id="set_check_runs", request=CheckRunsIn, responses={204: None})
    def put(self, request: Request, cohort_id: UUID) -> Response:
        """Turn the check runs of a cohort's submissions on or off. Operators only.

        On, also again, sends those of earlier submissions and those that GitHub refused.
        """
        body = validated(CheckRunsIn, request)
        membership = membership_for_operator(cohort_id, account_id=principal_of(request).account_id)

        set_check_runs(cohort=membership.cohort, **body)

        return Response(status=204)


urlpatterns = [
    path("github-app", App.as_view()),
    path("github-app/webhook-secret", WebhookSecret.as_view()),
    path("cohorts/<uuid:cohort_id>/github", CohortGitHub.as_view()),
    path("cohorts/<uuid:cohort_id>/check-runs", CheckRuns.as_view()),
]
