"""REST API of the own account, of all accounts for owners, and of the mirror for other services."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.names import check_name
from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, ServiceOnly, list_of, list_response, validated
from users.accounts import access, queries
from users.accounts.actions.github import set_oauth_client, unlink_github
from users.accounts.actions.profile import change_profile
from users.accounts.actions.roles import set_cohort_creation
from users.accounts.models import Account, AuditEntry
from users.accounts.request_meta import client_info
from users.accounts.rules import MAX_NAME_LENGTH, normalise_name, time_zones

# Services that may read email addresses.
EMAIL_CONSUMERS = {"notification"}


class ProfileIn(serializers.Serializer[dict[str, str]]):
    name = serializers.CharField(max_length=MAX_NAME_LENGTH, required=False, validators=[check_name])
    language = serializers.ChoiceField(choices=[code for code, _ in settings.LANGUAGES], required=False)
    time_zone = serializers.CharField(max_length=64, required=False)

    def validate_name(self, value: str) -> str:
        if not normalise_name(value):
            raise serializers.ValidationError(self.fields["name"].error_messages["blank"])
        return value

    def validate_time_zone(self, value: str) -> str:
        if value not in time_zones():
            raise serializers.ValidationError(
                self.fields["language"].error_messages["invalid_choice"].format(input=value)
            )
        return value


class ProfileOut(serializers.Serializer[Account]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField()
    github_id = serializers.IntegerField(allow_null=True)
    github_login = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    joined_at = serializers.DateTimeField()


class Me(APIView):
    @extend_schema(responses={200: ProfileOut})
    def get(self, request: Request) -> Response:
        """Get your own account."""
        account = access.own_account(principal_of(request).account_id)

        return Response(ProfileOut(account).data)

    @extend_schema(request=ProfileIn, responses={200: ProfileOut})
    def patch(self, request: Request) -> Response:
        """Update your name, language or time zone."""
        body = validated(ProfileIn, request)
        account = access.own_account(principal_of(request).account_id)

        account = change_profile(account_id=account.id, at=timezone.now(), **body)

        return Response(ProfileOut(account).data)


class GitHub(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Delete the link to GitHub. Linking is possible on the profile page only."""
        account = access.own_account(principal_of(request).account_id)

        unlink_github(account_id=account.id, client=client_info(request), at=timezone.now())

        return Response(status=204)


class AuditLogRowOut(serializers.Serializer[AuditEntry]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    about = serializers.CharField()
    address = serializers.CharField(allow_null=True)
    agent = serializers.CharField()
    at = serializers.DateTimeField()


class Log(APIView):
    @extend_schema(parameters=[PageIn], responses={200: list_of(AuditLogRowOut)})
    def get(self, request: Request) -> Response:
        """List the audit log of your own account, newest first."""
        account = access.own_account(principal_of(request).account_id)

        page = queries.list_audit_log(account.id, **PageIn.of(request))

        return list_response(AuditLogRowOut, page)


class SearchIn(PageIn):
    search = serializers.CharField(max_length=254, required=False)


class PersonOut(serializers.Serializer[Account]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    roles = serializers.ListField(child=serializers.CharField())
    joined_at = serializers.DateTimeField()
    disabled = serializers.SerializerMethodField()

    def get_disabled(self, account: Account) -> bool:
        return account.disabled_at is not None


class People(APIView):
    @extend_schema(parameters=[SearchIn], responses={200: list_of(PersonOut)})
    def get(self, request: Request) -> Response:
        """List all accounts, newest first; `search` is a part of a name, or a complete email address."""
        access.require_owner(principal_of(request))

        page = queries.list_accounts(**SearchIn.of(request))

        return list_response(PersonOut, page)


class CohortCreation(APIView):
    @extend_schema(operation_id="accounts_grant_cohort_creation", request=None, responses={204: None})
    def put(self, request: Request, account_id: UUID) -> Response:
        """Allow the account to create cohorts."""
        return _set_cohort_creation(request, account_id, is_allowed=True)

    @extend_schema(operation_id="accounts_revoke_cohort_creation", responses={204: None})
    def delete(self, request: Request, account_id: UUID) -> Response:
        """Revoke the right to create cohorts; effective everywhere within ten minutes."""
        return _set_cohort_creation(request, account_id, is_allowed=False)


def _set_cohort_creation(request: Request, account_id: UUID, *, is_allowed: bool) -> Response:
    owner = access.require_owner(principal_of(request))
    account = access.account_for_owner(account_id, principal=principal_of(request))

    set_cohort_creation(
        account_id=account.id,
        is_allowed=is_allowed,
        by=owner.name,
        client=client_info(request),
        at=timezone.now(),
    )

    return Response(status=204)


class MirrorRowOut(serializers.Serializer[Account]):
    account_id = serializers.UUIDField(source="id")
    name = serializers.CharField()
    github_id = serializers.IntegerField(allow_null=True)
    github_login = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField()
    version = serializers.IntegerField()
    closed = serializers.BooleanField(source="is_closed", help_text="Equivalent to users.account_closed.v1.")
    email = serializers.EmailField(
        source="contact", allow_null=True, help_text="The confirmed address; null except for notification."
    )


class AllAccounts(APIView):
    permission_classes = [ServiceOnly]

    @extend_schema(parameters=[PageIn], responses={200: list_of(MirrorRowOut)})
    def get(self, request: Request) -> Response:
        """List all verified accounts, to rebuild a mirror; also closed ones, so that mirrors erase them."""
        with_email = principal_of(request).subject in EMAIL_CONSUMERS

        page = queries.list_accounts_to_mirror(**PageIn.of(request), with_email=with_email)

        return list_response(MirrorRowOut, page)


class OAuthClientIn(serializers.Serializer[dict[str, str]]):
    client_id = serializers.CharField(max_length=255)
    client_secret = serializers.CharField(max_length=255)
    changed_at = serializers.DateTimeField(help_text="An older client than the stored one changes nothing.")


class OAuthClient(APIView):
    permission_classes = [ServiceOnly]

    @extend_schema(request=OAuthClientIn, responses={204: None})
    def put(self, request: Request) -> Response:
        """Store the OAuth client of the GitHub App. Study only."""
        if principal_of(request).subject != "study":
            raise PermissionDenied

        set_oauth_client(**validated(OAuthClientIn, request))

        return Response(status=204)


# Not routed by the gateway.
internal = [
    path("internal/accounts", AllAccounts.as_view()),
    path("internal/github/oauth-client", OAuthClient.as_view()),
]
urlpatterns = [
    path("me", Me.as_view()),
    path("me/github", GitHub.as_view()),
    path("me/log", Log.as_view()),
    path("accounts", People.as_view()),
    path("accounts/<uuid:account_id>/opening", CohortCreation.as_view()),
]
