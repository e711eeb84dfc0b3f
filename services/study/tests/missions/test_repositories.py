"""A repository is one and the same however it is written."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from study.missions.rules.repositories import clean_repository, repository_url


@pytest.mark.parametrize(
    "text",
    [
        "CEOS-Developers/django-vote-15th",
        "ceos-developers/django-vote-15th.git",
        "https://github.com/CEOS-Developers/django-vote-15th",
        "https://github.com/CEOS-Developers/django-vote-15th/",
        "http://www.GitHub.com/CEOS-Developers/django-vote-15th.git",
        "github.com/CEOS-Developers/django-vote-15th",
        "git@github.com:CEOS-Developers/django-vote-15th.git",
        "ssh://git@github.com/CEOS-Developers/django-vote-15th.git",
        "https://github.com/CEOS-Developers/django-vote-15th/tree/main/src?tab=readme#top",
        "  https://github.com/CEOS-Developers/django-vote-15th\n",
    ],
)
def test_every_way_of_writing_it_is_the_same_repository(text):
    assert clean_repository(text) == "ceos-developers/django-vote-15th"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "django-vote",
        "a/b/c",
        "https://github.com/ceos-developers",
        "https://gitlab.com/a/b",
        "https://github.com.evil.example/a/b",
        "javascript:alert(1)/b",
        "-a/b",
        f"{'a' * 40}/b",
        f"a/{'b' * 101}",
        "a/..",
        "a/.",
        "a/b c",
        "ａ/b",
        "a/b\x00",
        "한글/저장소",
    ],
)
def test_what_is_no_repository_is_refused(text):
    with pytest.raises(ValidationError):
        clean_repository(text)


@given(st.text(max_size=60))
def test_any_text_is_refused_or_becomes_a_name_that_stays_itself(text):
    try:
        name = clean_repository(text)
    except ValidationError:
        return
    assert clean_repository(name) == name == name.lower()
    assert clean_repository(repository_url(name)) == name
