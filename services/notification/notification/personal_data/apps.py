from __future__ import annotations

from django.apps import AppConfig


class PersonalDataConfig(AppConfig):
    name = "notification.personal_data"
    label = "notification_personal_data"
