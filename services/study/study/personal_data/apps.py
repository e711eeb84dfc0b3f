from __future__ import annotations

from django.apps import AppConfig


class PersonalDataConfig(AppConfig):
    name = "study.personal_data"
    label = "study_personal_data"
