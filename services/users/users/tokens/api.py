"""REST API of personal access tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.settings_base import TOKEN_LIFETIME
from chassis.web.auth import principal_of
from chassis.web.rest import list_of, list_response, validated
from users.accounts.access import own_account
from users.accounts.request_meta import client_info
from users.keys.jwt import access_token
from users.ratelimit.actions import count_attempt
from users.ratelimit.rules import Limit, network_of
from users.tokens import access, actions, queries, rules
from users.tokens.models import PersonalToken

# Invalid tokens from one network in a window.
MAX_WRONG_TOKENS = 60


class ExchangeIn(serializers.Serializer[dict[str, str]]):
    token = serializers.CharField(max_length=200, help_text="The personal access token, sdg_…")
    audience = serializers.ChoiceField(
        choices=settings.TOKEN_AUDIENCES, help_text="The one service to be called."
    )


class ExchangeOut(serializers.Serializer[dict[str, Any]]):
    access_token = serializers.CharField()
    token_type = serializers.CharField(help_text="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()


class Exchange(APIView):
    """Token exchange for API clients, authenticated by the personal access token in the body only."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    @extend_schema(auth=[], request=ExchangeIn, responses={200: ExchangeOut})
    def post(self, request: Request) -> Response:
        """Exchange a personal access token for an access token to one service, valid for ten minutes."""
        body = validated(ExchangeIn, request)
        client, now = client_info(request), timezone.now()

        try:
            personal_token = actions.authenticate(token=body["token"], client=client, at=now)
        except actions.TokenRefused:
            # Count invalid tokens only: clients behind one address must not block each other.
            limit = Limit("wrong token", network_of(client.address), MAX_WRONG_TOKENS)
            count_attempt(limits=[limit], at=now)
            raise

        scope, account = personal_token.scope, personal_token.account
        answer = {
            "access_token": access_token(account.claims, audience=[body["audience"]], scope=scope, at=now),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "scope": scope,
        }
        return Response(answer, headers={"Cache-Control": "no-store"})


class TokenOut(serializers.Serializer[PersonalToken]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    ending = serializers.CharField()
    scope = serializers.ChoiceField(choices=rules.SCOPES)
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    last_used_from = serializers.CharField(allow_null=True)


class Tokens(APIView):
    @extend_schema(responses={200: list_of(TokenOut)})
    def get(self, request: Request) -> Response:
        """List your personal access tokens. They can be created on the page only."""
        account = own_account(principal_of(request).account_id)

        return list_response(TokenOut, queries.list_tokens(account.id))


class Token(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke a personal access token."""
        account = own_account(principal_of(request).account_id)
        token = access.own_token(token_id, account_id=account.id)

        actions.revoke(token=token, client=client_info(request), at=timezone.now())

        return Response(status=204)


urlpatterns = [
    path("token", Exchange.as_view()),
    path("tokens", Tokens.as_view()),
    path("tokens/<uuid:token_id>", Token.as_view()),
]
