from __future__ import annotations

from django.apps import AppConfig


class GitHubConfig(AppConfig):
    name = "study.github"
