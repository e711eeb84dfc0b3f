"""A form is submitted to an action, and shows what the action refuses."""

from __future__ import annotations

from django import forms

from chassis.errors import DomainError
from chassis.web.forms import handle_form


class NameForm(forms.Form):
    name = forms.CharField(max_length=5)


class NameTaken(DomainError):
    title = "There is one called “%(name)s” already."


def create(*, cohort: str, name: str) -> str:
    if name == "taken":
        raise NameTaken(field="name", name=name)
    if name == "code":
        raise NameTaken(field="code", name=name)
    return f"{cohort} {name}"


def test_the_action_gets_the_arguments_and_the_data_of_a_valid_form():
    assert handle_form(NameForm({"name": " Ada "}), create, cohort="spring") == "spring Ada"


def test_nothing_is_called_for_an_unbound_or_invalid_form():
    for form in (NameForm(), NameForm({"name": "too long"})):
        assert handle_form(form, create, cohort="spring") is None


def test_an_error_of_a_field_is_shown_at_it():
    form = NameForm({"name": "taken"})

    assert handle_form(form, create, cohort="spring") is None
    assert form.errors == {"name": ["There is one called “taken” already."]}
    assert form["name"].value() == "taken"


def test_an_error_of_another_field_is_shown_above_the_form():
    form = NameForm({"name": "code"})

    assert handle_form(form, create, cohort="spring") is None
    assert form.non_field_errors() == ["There is one called “code” already."]
