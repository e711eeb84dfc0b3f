"""REST: invitations."""

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
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Role
from study.memberships import access, queries
from study.memberships.actions.invitations import create_invitation, invite_account, withdraw_invitation
from study.memberships.actions.invitees import resend_invitation
from study.memberships.actions.requests import use_invitation
from study.memberships.api.members import MemberOut
from study.memberships.api.requests import MyJoinRequestOut
from study.memberships.forms import MAX_MESSAGE, MAX_USES
from study.memberships.models import Invitation, InvitationState, JoinRequest
from study.memberships.rules import CONSENT_VERSION


class _RoleIn(serializers.Serializer[dict[str, Any]]):
    role = serializers.ChoiceField(choices=Role.choices)
    part_id = serializers.UUIDField(allow_null=True, default=None)


class InvitationIn(_RoleIn):
    expires_at = serializers.DateTimeField()
    max_uses = serializers.IntegerField(min_value=1, max_value=MAX_USES)


class InvitedPersonIn(_RoleIn):
    account_id = serializers.UUIDField(help_text="An account in another cohort that the caller operates.")


class InvitationOut(serializers.Serializer[Invitation]):
    id = serializers.UUIDField()
    path = serializers.CharField(help_text="The link, as a path of this installation.")
    role = serializers.ChoiceField(choices=Role.choices)
    part = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=InvitationState.values)
    expires_at = serializers.DateTimeField()
    uses = serializers.IntegerField()
    max_uses = serializers.IntegerField()
    addressed = serializers.BooleanField(
        source="is_personal", help_text="Whether it is for one person alone."
    )
    invited = serializers.CharField(allow_null=True, allow_blank=True, help_text="That person's name.")
    mailed_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was last sent by mail to a person of a sheet; null for others."
    )
    opened_at = serializers.DateTimeField(
        allow_null=True, help_text="When the link of an invitation by mail was first opened."
    )
    made_by = serializers.CharField(allow_null=True, allow_blank=True)
    created_at = serializers.DateTimeField()


class JoinIn(serializers.Serializer[dict[str, Any]]):
    part_id = serializers.UUIDField(
        allow_null=True, default=None, help_text="One of the parts that the link offers, if it offers any."
    )
    consent_version = serializers.CharField(
        max_length=16, help_text="The version in the preview: the person has read the text and agrees to it."
    )
    message = serializers.CharField(
        max_length=MAX_MESSAGE,
        allow_blank=True,
        default="",
        help_text="To the organizers, if they approve who joins; otherwise not kept.",
    )


class OfferedPartOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class InvitationPreviewOut(serializers.Serializer[Any]):
    cohort_title = serializers.CharField(source="invitation.cohort.title")
    role = serializers.ChoiceField(source="invitation.role", choices=Role.choices)
    part = serializers.CharField(source="invitation.part", allow_null=True)
    inviter = serializers.CharField(source="invitation.made_by", allow_null=True, allow_blank=True)
    state = serializers.ChoiceField(source="invitation.state", choices=InvitationState.values)
    expires_at = serializers.DateTimeField(source="invitation.expires_at")
    already_in = serializers.BooleanField()
    needs_approval = serializers.BooleanField(
        source="invitation.needs_approval", help_text="Whether `join` makes a request that organizers decide."
    )
    consent_version = serializers.CharField(help_text="Of the text on the join page, for `join`.")
    parts = OfferedPartOut(many=True, help_text="To choose from when joining; empty: nothing to choose.")


class InvitationsIn(PageIn):
    is_unopened = serializers.BooleanField(
        required=False, help_text="True: only those by mail whose link nobody has opened."
    )


class InvitationList(APIView):
    @extend_schema(
        operation_id="list_invitations", parameters=[InvitationsIn], responses={200: list_of(InvitationOut)}
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the invitations of a cohort, the newest first. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        page = queries.invitations(cohort, at=timezone.now(), **InvitationsIn.of(request))
        return list_response(InvitationOut, page)

    @extend_schema(operation_id="create_invitation", request=InvitationIn, responses={201: InvitationOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create an invitation link. Operators only."""
        principal = principal_of(request)
        cohort = membership_for_operator(cohort_id, account_id=principal.account_id).cohort
        body = validated(InvitationIn, request)

        invitation = create_invitation(cohort=cohort, by=principal.account_id, at=timezone.now(), **body)

        return _invitation_response(request, cohort_id, invitation.id, status.HTTP_201_CREATED)


class InvitePerson(APIView):
    @extend_schema(operation_id="invite_person", request=InvitedPersonIn, responses={201: InvitationOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Invite one person from another cohort of the caller; the person is notified. Operators only."""
        principal = principal_of(request)
        cohort = membership_for_operator(cohort_id, account_id=principal.account_id).cohort
        body = validated(InvitedPersonIn, request)

        invitation = invite_account(cohort=cohort, by=principal.account_id, at=timezone.now(), **body)

        return _invitation_response(request, cohort_id, invitation.id, status.HTTP_201_CREATED)


class InvitationDetail(APIView):
    @extend_schema(operation_id="get_invitation", responses={200: InvitationOut})
    def get(self, request: Request, cohort_id: UUID, invitation_id: UUID) -> Response:
        """Get an invitation. Operators only."""
        return _invitation_response(request, cohort_id, invitation_id)

    @extend_schema(operation_id="withdraw_invitation", responses={204: None})
    def delete(self, request: Request, cohort_id: UUID, invitation_id: UUID) -> Response:
        """Withdraw an invitation. Operators only."""
        invitation = access.invitation_for_operator(
            cohort_id, invitation_id, account_id=principal_of(request).account_id, at=timezone.now()
        )
        withdraw_invitation(invitation=invitation, by=principal_of(request).account_id, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationEmails(APIView):
    @extend_schema(operation_id="resend_invitation", request=None, responses={200: InvitationOut})
    def post(self, request: Request, cohort_id: UUID, invitation_id: UUID) -> Response:
        """Send an invitation by mail again, valid for 14 days from now. Operators only."""
        me, at = principal_of(request).account_id, timezone.now()
        invitation = access.invitation_for_operator(cohort_id, invitation_id, account_id=me, at=at)
        resend_invitation(invitation=invitation, by=me, at=at)
        return _invitation_response(request, cohort_id, invitation_id)


def _invitation_response(
    request: Request, cohort_id: UUID, invitation_id: UUID, code: int = status.HTTP_200_OK
) -> Response:
    invitation = access.invitation_for_operator(
        cohort_id, invitation_id, account_id=principal_of(request).account_id, at=timezone.now()
    )
    return Response(InvitationOut(invitation).data, status=code)


class JoinCohort(APIView):
    @extend_schema(operation_id="get_invitation_preview", responses={200: InvitationPreviewOut})
    def get(self, request: Request, token: str) -> Response:
        """Preview an invitation; does not count as a use."""
        invitation = access.invitation_by_token(token, at=timezone.now())
        preview = {
            "invitation": invitation,
            "consent_version": CONSENT_VERSION,
            "already_in": queries.is_in_cohort(invitation.cohort, principal_of(request).account_id),
            "parts": queries.parts_to_choose(invitation),
        }
        return Response(InvitationPreviewOut(preview).data)

    @extend_schema(operation_id="join", request=JoinIn, responses={201: MemberOut, 202: MyJoinRequestOut})
    def post(self, request: Request, token: str) -> Response:
        """Join the cohort (201), or request to join it if its operators approve who does (202)."""
        invitation = access.invitation_by_token(token, at=timezone.now())
        body = validated(JoinIn, request)

        joined = use_invitation(
            invitation=invitation, account_id=principal_of(request).account_id, at=timezone.now(), **body
        )

        if isinstance(joined, JoinRequest):
            return Response(MyJoinRequestOut(joined).data, status=status.HTTP_202_ACCEPTED)
        return Response(MemberOut(queries.member(joined)).data, status=status.HTTP_201_CREATED)
