from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from look.menu import Entry

REVIEWS = "/cohorts/{cohort}/reviews/"


class ReviewsConfig(AppConfig):
    name = "study.reviews"
    menu = (
        Entry(_("Reviews"), "eye", "reviews:queue", 10, roles=("mentor",), also=REVIEWS, has_cohort=False),
        Entry(_("Review assignments"), "scale", "reviews:assign", 50, roles=("operator",)),
        Entry(_("Reviews"), "eye", "reviews:queue", 55, roles=("operator",), also=REVIEWS, has_cohort=False),
    )
