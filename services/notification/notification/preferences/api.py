"""REST API: notification preferences."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import list_of, list_response, validated
from notification.inbox.rules import KINDS
from notification.preferences import actions, queries, rules
from notification.preferences.rules import CHANNELS


class ChoiceIn(serializers.Serializer[dict[str, Any]]):
    kind = serializers.ChoiceField(choices=sorted(KINDS))
    channel = serializers.ChoiceField(choices=sorted(CHANNELS))
    on = serializers.BooleanField()


class PreferencesIn(serializers.Serializer[dict[str, Any]]):
    choices = ChoiceIn(many=True, help_text="Preferences to change; the rest is kept.")


class ChoiceOut(serializers.Serializer[queries.Choice]):
    kind = serializers.ChoiceField(choices=sorted(KINDS))
    title = serializers.CharField(source="label", help_text="In the caller's language.")
    channel = serializers.ChoiceField(choices=sorted(CHANNELS))
    on = serializers.BooleanField()


class Preferences(APIView):
    @extend_schema(operation_id="get_preferences", responses={200: list_of(ChoiceOut)})
    def get(self, request: Request) -> Response:
        """Return which kinds are sent on which channels. The inbox receives every kind and is not listed."""
        return _preferences_response(request)

    @extend_schema(
        operation_id="update_preferences", request=PreferencesIn, responses={200: list_of(ChoiceOut)}
    )
    def patch(self, request: Request) -> Response:
        """Update the given preferences; the answer lists all."""
        body = validated(PreferencesIn, request)
        choices = {(choice["kind"], choice["channel"]): choice["on"] for choice in body["choices"]}

        actions.update_preferences(account_id=principal_of(request).account_id, choices=choices)

        return _preferences_response(request)


class ClockField(serializers.RegexField):
    """A time of day on somebody's clock, such as 23:00: JSON Schema's format `time` has an offset."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", trim_whitespace=False, **options)

    def to_representation(self, value: Any) -> str:
        return f"{value:%H:%M}"


class QuietHoursIn(serializers.Serializer[dict[str, Any]]):
    starts = ClockField(help_text="On the account's clock.")
    ends = ClockField(help_text="Maybe of the next day. The same as `starts`: never quiet.")


class QuietHoursOut(serializers.Serializer[Any]):
    starts = ClockField()
    ends = ClockField()


class QuietHours(APIView):
    @extend_schema(operation_id="get_quiet_hours", responses={200: QuietHoursOut})
    def get(self, request: Request) -> Response:
        """Return the hours in which nothing is sent but answers to what the account just did."""
        return _quiet_hours_response(request)

    @extend_schema(operation_id="update_quiet_hours", request=QuietHoursIn, responses={200: QuietHoursOut})
    def put(self, request: Request) -> Response:
        """Set the quiet hours, for what is scheduled from now on."""
        body = validated(QuietHoursIn, request)
        hours = {name: time.fromisoformat(value) for name, value in body.items()}

        actions.update_quiet_hours(account_id=principal_of(request).account_id, **hours)

        return _quiet_hours_response(request)


def _quiet_hours_response(request: Request) -> Response:
    account_id = principal_of(request).account_id
    hours = queries.quiet_hours([account_id])[account_id] or rules.NO_QUIET_HOURS
    return Response(QuietHoursOut(hours).data)


def _preferences_response(request: Request) -> Response:
    choices = queries.choices(principal_of(request).account_id)
    return list_response(ChoiceOut, choices)


urlpatterns = [
    path("preferences", Preferences.as_view()),
    path("quiet-hours", QuietHours.as_view()),
]
