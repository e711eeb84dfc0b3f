"""REST: memberships."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts.access import membership_for_member, membership_for_operator
from study.cohorts.models import Membership, Role
from study.memberships import access, queries
from study.memberships.actions.consents import give_consent
from study.memberships.actions.github import claim_github, confirm_claim, set_github_login
from study.memberships.actions.memberships import leave, update_membership
from study.memberships.actions.updates import undo_update, update_memberships
from study.memberships.forms import MAX_MEMBERS_AT_ONCE, clean_github_login
from study.memberships.rules import CONSENT_VERSION


class MembersIn(PageIn):
    part_id = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    search = serializers.CharField(
        max_length=100, required=False, help_text="Looked for in names and GitHub logins."
    )


class MemberOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    name = serializers.CharField(
        allow_null=True, allow_blank=True, help_text='null: not known yet; "": a closed account.'
    )
    role = serializers.ChoiceField(choices=Role.choices)
    part_id = serializers.UUIDField(allow_null=True)
    part = serializers.CharField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True, help_text="The project team.")
    team = serializers.CharField(allow_null=True)
    study_team_id = serializers.UUIDField(allow_null=True)
    study_team = serializers.CharField(allow_null=True)
    joined_at = serializers.DateTimeField()
    github = serializers.ChoiceField(
        choices=queries.GitHubStatus.values,
        help_text="How the GitHub account is known: pinned and linked by GitHub's id, "
        "awaited was set by an organizer, claimed by the member and is not used.",
    )
    github_login = serializers.CharField(source="login", allow_blank=True)
    github_claim = serializers.CharField(
        source="claim", allow_blank=True, help_text="Only for organizers and the member."
    )


class MembershipIn(serializers.Serializer[dict[str, Any]]):
    role = serializers.ChoiceField(choices=Role.choices)
    part_id = serializers.UUIDField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True, help_text="The project team.")
    study_team_id = serializers.UUIDField(allow_null=True, required=False)


class MembershipsIn(serializers.Serializer[dict[str, Any]]):
    membership_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_MEMBERS_AT_ONCE
    )
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    part_id = serializers.UUIDField(allow_null=True, required=False)
    team_id = serializers.UUIDField(allow_null=True, required=False, help_text="The project team.")
    study_team_id = serializers.UUIDField(allow_null=True, required=False)

    update_id = serializers.UUIDField(
        required=False,
        help_text="Yours, such as a random one: by it, parts and teams can be undone for a day.",
    )


class UndoneOut(serializers.Serializer[Any]):
    members = serializers.IntegerField(help_text="How many members are as they were.")


class LoginIn(serializers.Serializer[dict[str, Any]]):
    login = serializers.CharField(
        max_length=80, allow_blank=True, help_text="A GitHub login; empty for none."
    )

    def validate_login(self, typed: str) -> str:
        """Normalise the login: lower case, without @ or GitHub's URL."""
        return clean_github_login(typed)


class MemberList(APIView):
    @extend_schema(operation_id="list_members", parameters=[MembersIn], responses={200: list_of(MemberOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the members of a cohort of the caller, by name."""
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)

        page = queries.members(membership, **MembersIn.of(request))

        return list_response(MemberOut, page)

    @extend_schema(operation_id="update_members", request=MembershipsIn, responses={200: list_of(MemberOut)})
    def patch(self, request: Request, cohort_id: UUID) -> Response:
        """Update role, part or teams of several members, or of none. Operators only.

        What is left out stays.
        """
        me = principal_of(request).account_id
        cohort = membership_for_operator(cohort_id, account_id=me).cohort
        body = validated(MembershipsIn, request)
        wanted, update_id = body.pop("membership_ids"), body.pop("update_id", None)

        update_memberships(
            cohort=cohort, membership_ids=wanted, changes=body, update_id=update_id, by=me, at=timezone.now()
        )

        return list_response(MemberOut, queries.people_of(cohort).filter(id__in=wanted))


class UndoMembersUpdate(APIView):
    @extend_schema(operation_id="undo_members_update", request=None, responses={200: UndoneOut})
    def post(self, request: Request, cohort_id: UUID, update_id: UUID) -> Response:
        """Give members back the parts and teams from before an update, unless changed. Operators only."""
        me = principal_of(request).account_id
        cohort = membership_for_operator(cohort_id, account_id=me).cohort

        count = undo_update(cohort=cohort, update_id=update_id, by=me, at=timezone.now())

        return Response(UndoneOut({"members": count}).data)


class MemberDetail(APIView):
    @extend_schema(operation_id="get_member", responses={200: MemberOut})
    def get(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Get a member. Operators only."""
        membership = _member_for_operator(request, cohort_id, membership_id)
        return _member_response(membership)

    @extend_schema(operation_id="update_member", request=MembershipIn, responses={200: MemberOut})
    def put(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Update a member's role, part and teams; the study team stays if it is left out. Operators only."""
        membership = _member_for_operator(request, cohort_id, membership_id)
        body = {"study_team_id": membership.study_team_id, **validated(MembershipIn, request)}

        membership = update_membership(
            membership=membership, by=principal_of(request).account_id, at=timezone.now(), **body
        )

        return _member_response(membership)

    @extend_schema(operation_id="remove_member", responses={204: None})
    def delete(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Remove a member; submissions and reviews stay. Operators only."""
        membership = _member_for_operator(request, cohort_id, membership_id)
        leave(membership=membership, by=principal_of(request).account_id, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberGitHubLogin(APIView):
    @extend_schema(operation_id="set_github_login", request=LoginIn, responses={200: MemberOut})
    def put(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Set a member's GitHub login; its id is pinned at the next pull request. Operators only."""
        membership = _member_for_operator(request, cohort_id, membership_id)
        membership = set_github_login(
            membership=membership,
            by=principal_of(request).account_id,
            at=timezone.now(),
            **validated(LoginIn, request),
        )

        return _member_response(membership)


class ConfirmGitHubClaim(APIView):
    @extend_schema(operation_id="confirm_claim", request=LoginIn, responses={200: MemberOut})
    def put(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Confirm the GitHub login that the member claims, if it is still this one. Operators only."""
        membership = _member_for_operator(request, cohort_id, membership_id)
        membership = confirm_claim(
            membership=membership,
            by=principal_of(request).account_id,
            at=timezone.now(),
            **validated(LoginIn, request),
        )

        return _member_response(membership)


class MyMembership(APIView):
    @extend_schema(operation_id="get_my_membership", responses={200: MemberOut})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """Get the caller's membership in a cohort."""
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        return _member_response(membership)

    @extend_schema(operation_id="leave_cohort", responses={204: None})
    def delete(self, request: Request, cohort_id: UUID) -> Response:
        """Leave the cohort; submissions and reviews stay."""
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        leave(membership=membership, by=membership.account_id, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConsentIn(serializers.Serializer[dict[str, Any]]):
    version = serializers.CharField(max_length=16, help_text="Of the text that the person has read.")


class ConsentOut(serializers.Serializer[Any]):
    version = serializers.CharField(help_text="Of the current text.")
    given_at = serializers.DateTimeField(allow_null=True, help_text="Null: not agreed to.")


class MyConsent(APIView):
    @extend_schema(operation_id="get_consent", responses={200: ConsentOut})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """Get the version of the text on what is collected, and when the caller agreed to it."""
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        return _consent_response(membership)

    @extend_schema(operation_id="give_consent", request=ConsentIn, responses={200: ConsentOut})
    def put(self, request: Request, cohort_id: UUID) -> Response:
        """Agree to the current text. Idempotent."""
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        give_consent(membership=membership, at=timezone.now(), **validated(ConsentIn, request))
        return _consent_response(membership)


def _consent_response(membership: Membership) -> Response:
    given = queries.consent_of(membership)
    consent = {"version": CONSENT_VERSION, "given_at": given.given_at if given else None}
    return Response(ConsentOut(consent).data)


class MyGitHubClaim(APIView):
    @extend_schema(operation_id="claim_github", request=LoginIn, responses={200: MemberOut})
    def put(self, request: Request, cohort_id: UUID) -> Response:
        """Claim a GitHub login; it is used once an operator confirms it."""
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        membership = claim_github(membership=membership, **validated(LoginIn, request))

        return _member_response(membership)


def _member_for_operator(request: Request, cohort_id: UUID, membership_id: UUID) -> Membership:
    me = principal_of(request).account_id
    return access.member_for_operator(cohort_id, membership_id, account_id=me)


def _member_response(membership: Membership) -> Response:
    return Response(MemberOut(queries.member(membership)).data)
