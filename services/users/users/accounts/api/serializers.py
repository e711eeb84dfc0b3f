"""Request and response serializers."""

from __future__ import annotations

from django.conf import settings
from rest_framework import serializers

from chassis.names import check_name
from users.accounts.models import Account
from users.accounts.queries import AuditLogRow, MirrorRow
from users.accounts.rules import MAX_NAME_LENGTH, normalise_name, time_zones


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


class AuditLogRowOut(serializers.Serializer[AuditLogRow]):
    id = serializers.UUIDField(source="entry.id")
    kind = serializers.CharField(source="entry.kind")
    about = serializers.CharField(source="entry.about")
    address = serializers.CharField(source="entry.address", allow_null=True)
    agent = serializers.CharField(source="entry.agent")
    at = serializers.DateTimeField(source="entry.at")


class PersonOut(serializers.Serializer[Account]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    roles = serializers.ListField(child=serializers.CharField())
    joined_at = serializers.DateTimeField()
    disabled = serializers.SerializerMethodField()

    def get_disabled(self, account: Account) -> bool:
        return account.disabled_at is not None


class MirrorRowOut(serializers.Serializer[MirrorRow]):
    account_id = serializers.UUIDField()
    name = serializers.CharField()
    github_id = serializers.IntegerField(allow_null=True)
    github_login = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField()
    version = serializers.IntegerField()
    closed = serializers.BooleanField(help_text="Equivalent to users.account_closed.v1.")
    email = serializers.EmailField(
        allow_null=True, help_text="The confirmed address; null except for notification."
    )
