"""Template filter for names of accounts."""

from __future__ import annotations

from django import template

from chassis.account_mirror.rules import display_name

register = template.Library()
register.filter("person", display_name)
