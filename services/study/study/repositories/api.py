"""REST: personal repositories, their patterns, and their creation from a template."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.enqueue import enqueue_on_commit
from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts.access import membership_for_operator
from study.github.actions.patterns import PatternMatches, count_matches
from study.github.client import client
from study.github.models import Repository
from study.repositories import access, queries, tasks
from study.repositories.actions.personal import assign_repository, create_pattern
from study.repositories.actions.templates import retry_failed, start_template_run
from study.repositories.forms import ADDRESS_LENGTH, clean_pattern, clean_template
from study.repositories.models import CreationState, TemplateRun
from study.repositories.rules import CREATION_ERRORS, PREFIX_LENGTH, clean_prefix


class PatternIn(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=ADDRESS_LENGTH, help_text='"owner/*" or "owner/prefix*".')

    def validate_name(self, typed: str) -> str:
        """Normalise the pattern: lower case, without GitHub's address."""
        return clean_pattern(typed)


class PatternOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    found = serializers.IntegerField(help_text="Repositories that were found so far.")
    unassigned = serializers.IntegerField(help_text="Of those, the ones that are nobody's yet.")
    polled_at = serializers.DateTimeField(
        allow_null=True, help_text="When GitHub was last asked for new ones."
    )


class PatternMatchesOut(serializers.Serializer[PatternMatches]):
    pattern = serializers.CharField()
    count = serializers.IntegerField(allow_null=True, help_text="Null if GitHub does not answer.")
    has_more = serializers.BooleanField(help_text="Only the owner's newest repositories were counted.")


class RepositoriesIn(PageIn):
    is_unassigned = serializers.BooleanField(required=False, allow_null=True, default=None)


class PersonalRepositoryOut(serializers.Serializer[Repository]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    pattern_id = serializers.UUIDField()
    github_id = serializers.IntegerField(allow_null=True)
    membership_id = serializers.UUIDField(
        source="member_id", allow_null=True, help_text="Null: the author of its next pull request."
    )


class PersonalRepositoryIn(serializers.Serializer[dict[str, Any]]):
    membership_id = serializers.UUIDField(allow_null=True)


class TemplateRunIn(serializers.Serializer[dict[str, Any]]):
    template = serializers.CharField(max_length=ADDRESS_LENGTH, help_text="owner/name, or its address.")
    prefix = serializers.CharField(
        max_length=PREFIX_LENGTH,
        allow_blank=True,
        default="",
        help_text="How names begin; the member's GitHub login follows.",
    )
    part_id = serializers.UUIDField(allow_null=True, default=None, help_text="Null: every member.")
    is_private = serializers.BooleanField(default=True)

    def validate_template(self, typed: str) -> str:
        """Normalise the name: lower case, without GitHub's address."""
        return clean_template(typed)

    def validate_prefix(self, typed: str) -> str:
        """Normalise the prefix; names with it must match the pattern."""
        return clean_prefix(typed, pattern=self.context["pattern"])


class TemplateRunOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    pattern_id = serializers.UUIDField()
    template = serializers.CharField()
    prefix = serializers.CharField()
    is_private = serializers.BooleanField()
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class CreationOut(serializers.Serializer[Any]):
    membership_id = serializers.UUIDField(source="member_id")
    login = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=CreationState.choices)
    attempts = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    error_code = serializers.CharField(help_text=f'{", ".join(CREATION_ERRORS)}; "" unless it failed.')
    problem = serializers.CharField(help_text="Why it failed, and what to do.")
    error_message = serializers.CharField(help_text="What GitHub said.")


class Patterns(APIView):
    @extend_schema(operation_id="list_repository_patterns", responses={200: list_of(PatternOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the patterns of personal repositories of a cohort. Operators only."""
        membership = membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        return list_response(PatternOut, queries.patterns(membership.cohort))

    @extend_schema(operation_id="create_repository_pattern", request=PatternIn, responses={201: PatternOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Watch the repositories that match a pattern. Idempotent. Operators only."""
        membership = membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        body = validated(PatternIn, request)
        pattern = create_pattern(
            cohort=membership.cohort, by=membership.account_id, at=timezone.now(), **body
        )
        row = queries.patterns(membership.cohort).get(id=pattern.id)
        return Response(PatternOut(row).data, status=status.HTTP_201_CREATED)


class Matches(APIView):
    @extend_schema(
        operation_id="count_pattern_matches", parameters=[PatternIn], responses={200: PatternMatchesOut}
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """Ask GitHub how many repositories match a pattern, before it is saved. Operators only."""
        membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        query = PatternIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        matches = count_matches(pattern=query.validated_data["name"], github=client(), at=timezone.now())
        return Response(PatternMatchesOut(matches).data)


class PersonalRepositories(APIView):
    @extend_schema(
        operation_id="list_personal_repositories",
        parameters=[RepositoriesIn],
        responses={200: list_of(PersonalRepositoryOut)},
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the personal repositories of a cohort, by name. Operators only."""
        membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        page = queries.personal_repositories(cohort_id, **RepositoriesIn.of(request))
        return list_response(PersonalRepositoryOut, page)


class PersonalRepositoryDetail(APIView):
    @extend_schema(
        operation_id="assign_personal_repository",
        request=PersonalRepositoryIn,
        responses={200: PersonalRepositoryOut},
    )
    def put(self, request: Request, cohort_id: UUID, repository_id: UUID) -> Response:
        """Say whose personal repository it is. Operators only."""
        me = principal_of(request).account_id
        repository = access.repository_for_operator(cohort_id, repository_id, account_id=me)
        body = validated(PersonalRepositoryIn, request)
        repository = assign_repository(repository=repository, by=me, at=timezone.now(), **body)
        return Response(PersonalRepositoryOut(repository).data)


class TemplateRuns(APIView):
    @extend_schema(operation_id="list_template_runs", responses={200: list_of(TemplateRunOut)})
    def get(self, request: Request, cohort_id: UUID, pattern_id: UUID) -> Response:
        """List what was created from templates for a pattern, newest first. Operators only."""
        pattern = access.pattern_for_operator(
            cohort_id, pattern_id, account_id=principal_of(request).account_id
        )
        return list_response(TemplateRunOut, queries.template_runs(pattern.cohort).filter(pattern=pattern))

    @extend_schema(operation_id="start_template_run", request=TemplateRunIn, responses={201: TemplateRunOut})
    def post(self, request: Request, cohort_id: UUID, pattern_id: UUID) -> Response:
        """Create a repository from a template for each member whose GitHub login is known. Operators only.

        They are created in the background. The same template and prefix again add the members since.
        """
        pattern = access.pattern_for_operator(
            cohort_id, pattern_id, account_id=principal_of(request).account_id
        )
        body = TemplateRunIn(data=request.data, context={"pattern": pattern.name})
        body.is_valid(raise_exception=True)
        run = start_template_run(pattern=pattern, at=timezone.now(), **body.validated_data)
        enqueue_on_commit(tasks.create_repositories)
        return _run_response(run, status=status.HTTP_201_CREATED)


class Creations(APIView):
    @extend_schema(operation_id="list_repository_creations", responses={200: list_of(CreationOut)})
    def get(self, request: Request, cohort_id: UUID, run_id: UUID) -> Response:
        """List the repositories of a run, those that failed first. Operators only."""
        run = access.run_for_operator(cohort_id, run_id, account_id=principal_of(request).account_id)
        return list_response(CreationOut, queries.creations(run))


class Retry(APIView):
    @extend_schema(operation_id="retry_template_run", request=None, responses={200: TemplateRunOut})
    def post(self, request: Request, cohort_id: UUID, run_id: UUID) -> Response:
        """Try again what failed in a run. Operators only."""
        run = access.run_for_operator(cohort_id, run_id, account_id=principal_of(request).account_id)
        retry_failed(run=run, at=timezone.now())
        enqueue_on_commit(tasks.create_repositories)
        return _run_response(run)


def _run_response(run: TemplateRun, *, status: int = 200) -> Response:
    row = queries.template_runs(run.cohort).get(id=run.id)
    return Response(TemplateRunOut(row).data, status=status)


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/repository-patterns", Patterns.as_view()),
    path("cohorts/<uuid:cohort_id>/repository-patterns/matches", Matches.as_view()),
    path("cohorts/<uuid:cohort_id>/repository-patterns/<uuid:pattern_id>/runs", TemplateRuns.as_view()),
    path("cohorts/<uuid:cohort_id>/repositories", PersonalRepositories.as_view()),
    path("cohorts/<uuid:cohort_id>/repositories/<uuid:repository_id>", PersonalRepositoryDetail.as_view()),
    path("cohorts/<uuid:cohort_id>/template-runs/<uuid:run_id>", Creations.as_view()),
    path("cohorts/<uuid:cohort_id>/template-runs/<uuid:run_id>/retry", Retry.as_view()),
]
