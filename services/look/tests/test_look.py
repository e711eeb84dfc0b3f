"""Shared templates and template tags: dates, form fields and pages, and their accessibility."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from django.forms import Select, formset_factory
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

from chassis.testing.repeats import forms_without_key
from chassis.web.pagination import Page
from look.templatetags import tags
from tests.gallery import EveryField, context

SERVICES = Path(__file__).resolve().parents[2]
LOOK = SERVICES / "look" / "look"
ERROR_PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


class ParsedPage(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.elements if tag in tags]

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]


def request(path: str = "/missions/", *, signed_in: bool = True) -> Any:
    http_request = RequestFactory().get(path)
    http_request.principal = SimpleNamespace(account_id=UUID(int=1)) if signed_in else None  # type: ignore[attr-defined]
    return http_request


def render_page(template: str, variables: dict[str, Any] | None = None, **options: Any) -> ParsedPage:
    return ParsedPage(render_to_string(template, variables or {}, request(**options)))


def render_source(source: str, **variables: Any) -> str:
    return (
        engines["django"].from_string(source).render(variables, request(variables.pop("path", "/"))).strip()
    )


def templates() -> Iterator[Path]:
    yield from (path for path in SERVICES.rglob("*.html") if "templates" in path.parts)


@pytest.fixture(autouse=True)
def in_korean_in_seoul() -> Iterator[None]:
    with translation.override("ko"), timezone.override("Asia/Seoul"):
        yield


def test_pips_are_silent():
    assert tags.pips(1, 2) == '<span class="pips" aria-hidden="true"><i class="on"></i><i></i></span>'


def test_what_people_wrote_is_never_markup():
    assert "<b>" not in tags.badge("success", "check", "<b>")
    assert "<b>" not in render_source(
        '{% event "success" "pr" text %}{{ text }}{% endevent %}'
        '{% alert "success" "pr" text text "/" %}{% endalert %}',
        text="<b>",
    )


def test_errors_and_hints_hang_on_their_fields():
    page = render_page("gallery.html", context())
    fields = page.all("input", "select", "textarea", "fieldset")
    described = [attrs["aria-describedby"] for attrs in fields if "aria-describedby" in attrs]

    assert "id_link_helptext id_link_error" in described
    assert "id_ways_helptext id_ways_error" in described  # on the fieldset of a group
    assert set(" ".join(described).split()) <= set(page.ids)
    wrong = {attrs.get("name") for attrs in fields if attrs.get("aria-invalid") == "true"}
    assert wrong == {"link", "part", "why", "to", "ways", "agree"}


def test_every_field_has_a_label_of_its_own():
    page = ParsedPage(
        render_source("{% for bound in form %}{% field bound %}{% endfor %}", form=EveryField())
    )
    labels = {attrs.get("for") for attrs in page.all("label")}
    shown = {
        attrs["id"] for attrs in page.all("input", "select", "textarea") if attrs.get("type") != "hidden"
    }
    assert len(shown) > len(EveryField.base_fields) - 1
    assert shown == labels


def test_the_error_summary_leads_to_each_field_and_takes_the_focus():
    html = render_to_string("gallery.html", context(), request())
    page = ParsedPage(html)
    targets = {attrs["href"][1:] for attrs in page.all("a") if attrs.get("href", "").startswith("#id_")}

    assert targets == {"id_link", "id_part", "id_why", "id_to_0", "id_ways_0", "id_agree"}
    assert targets <= set(page.ids)
    assert "7곳을 고쳐 주세요" in page.text
    assert "마감이 시작보다 빨라요." in page.text
    summary = next(attrs for attrs in page.all("div") if attrs.get("id") == "errors")
    assert summary["tabindex"] == "-1"
    assert "autofocus" in summary


def test_a_form_without_errors_has_no_summary():
    assert render_source("{% errors form %}", form=EveryField()) == ""


def test_the_summary_gathers_several_forms():
    forms = formset_factory(EveryField, max_num=1, validate_max=True)
    refused = forms({"f-TOTAL_FORMS": "2", "f-INITIAL_FORMS": "0", "f-0-title": "가"}, prefix="f")
    html = render_source("{% errors form refused %}", form=EveryField({}), refused=refused)
    assert 'href="#id_title"' in html
    assert 'href="#id_f-0-why"' in html
    assert str(refused.non_form_errors()[0]) in html


def test_dates_and_hours_are_picked_and_kept_in_the_reader_s_zone():
    page = ParsedPage(render_source("{% field form.due %}{% field form.day %}", form=EveryField()))
    due, day = page.all("input")
    assert (due["type"], due["value"]) == ("datetime-local", "2026-11-25T23:59")
    assert day["type"] == "date"


def test_what_was_typed_is_still_there_when_a_form_is_refused():
    page = ParsedPage(render_source("{% field form.link %}", form=EveryField({"link": "github.com neuti"})))
    assert page.all("input")[0]["value"] == "github.com neuti"


def test_every_page_has_one_heading_one_main_and_names_its_language():
    pages = ["confirm", "nav", "badge", "domain_error", "signed_out_form"]
    for name in [*ERROR_PAGES, "gallery.html", *(f"look/{page}.html" for page in pages)]:
        for language in ("ko", "en"):
            with translation.override(language):
                page = render_page(name, {**context(), "unread": 1})
            assert len(page.all("h1")) == 1, name
            assert len(page.all("main")) == 1, name
            assert page.all("html")[0]["lang"] == language, name
            assert len(set(page.ids)) == len(page.ids), name


def test_the_forms_of_the_look_that_change_something_carry_a_key():
    assert forms_without_key(LOOK) == {
        "look/parts/account.html /accounts/logout/",
        "look/parts/languages.html /accounts/language/",
        "look/parts/themes.html /accounts/theme/",
        # What undoes something is idempotent.
        "look/parts/message.html {{ message.extra_tags }}",
        # Sends what was typed before, its key included.
        "look/signed_out_form.html {{ action }}",
    }


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_an_error_page_needs_neither_request_nor_context_and_says_what_to_do(name):
    text = ParsedPage(get_template(name).render()).text
    assert re.search("[가-힣]{2}", text)
    assert "이번 주로 가기" in text


def test_the_shell_asks_other_services_in_the_browser_and_links_to_them_without_it():
    page = render_page("gallery.html", context(), path="/missions/?page=2")
    urls = {attrs["hx-get"] for _, attrs in page.elements if "hx-get" in attrs}
    assert urls == {"/nav/?at=%2Fmissions%2F&cohort=", "/notifications/badge/"}
    assert {"/nav/", "/notifications/"} <= {attrs.get("href") for attrs in page.all("a")}


def test_nobody_is_shown_the_way_in_and_asked_about_nothing():
    page = render_page("gallery.html", context(), path="/join/x/", signed_in=False)
    assert not [attrs for _, attrs in page.elements if "hx-get" in attrs]
    assert "/accounts/login/?next=%2Fjoin%2Fx%2F" in [attrs.get("href") for attrs in page.all("a")]
    assert "/accounts/language/" in [attrs.get("action") for attrs in page.all("form")]


def test_the_navigation_is_a_page_or_the_two_parts_htmx_replaces():
    nav_items = [SimpleNamespace(url=f"/{n}/", label=f"곳{n}", icon="book", current=n == 4) for n in range(6)]
    variables = {
        "cohort": None,
        "cohorts": [SimpleNamespace(id=1, title="느티 16기")],
        "nav_items": nav_items,
    }
    part = render_page("look/nav.html#fragment", variables)

    assert part.ids == ["nav", "tabbar"]
    assert not part.all("html")
    assert [attrs["href"] for attrs in part.all("a") if "aria-current" in attrs] == ["/4/", "/4/"]
    assert part.all("nav")[1]["hx-swap-oob"] == "true"
    assert "/4/" in [attrs.get("href") for attrs in render_page("look/nav.html", variables).all("a")]


@pytest.mark.parametrize(("unread", "text"), [(0, ""), (1, "1"), (120, "99+")])
def test_the_badge_counts_what_is_unread_and_is_silent_at_nothing(unread, text):
    part = render_page("look/badge.html#fragment", {"unread": unread})
    assert part.text.split()[:1] == ([text] if text else [])
    assert ("읽지 않음" in part.text) == bool(unread)


def test_asking_first_is_a_form_that_also_stands_in_a_dialog():
    page = render_page("look/confirm.html", {"title": "나갈까요?", "button": "나가기", "back": "/cohorts/1/"})
    form = next(attrs for attrs in page.all("form") if attrs.get("id") == "confirm")
    assert form["method"] == "post"
    assert {"confirm", "confirm-title", "dialog"} <= set(page.ids)
    safe = next(attrs for attrs in page.all("a") if "data-close" in attrs)
    assert safe["href"] == "/cohorts/1/"
    assert "autofocus" in safe  # Enter must not confirm


def test_a_form_sent_after_signing_out_keeps_every_field():
    fields = [("text", '한 줄\n"두 줄"'), ("part", "be"), ("part", "fe")]
    page = render_page("look/signed_out_form.html", {"action": "/x/", "fields": fields, "signin_url": "/in/"})
    kept = [(a["name"], a["value"]) for a in page.all("input") if a["name"] in {"text", "part"}]
    assert kept == fields


def test_a_component_escapes_what_it_is_given_and_keeps_its_content():
    html = render_source(
        '{% section "h-x" title %}<i>kept</i>{% endsection %}'
        '{% empty_state "pr" title title "/" %} {% endempty_state %}'
        '{% table "t" title title title numbers=1 actions=title %}{% endtable %}',
        title="<b>",
    )
    assert "<i>kept</i>" in html
    assert "<b>" not in html
    assert html.count("align-end") == 1
    assert "<p>" not in html  # an empty state without a reason


def test_a_form_carries_its_token_and_errors_and_a_key_only_if_it_creates():
    source = "{% form form '/x/' idempotent=creates %}{% submit 'Save' '/back/' %}{% endform %}"
    for creates in (True, False):
        html = render_source(source, form=EveryField({}), creates=creates)
        assert ("idempotency_key" in html) == creates
        page = ParsedPage(html)
        assert page.all("form")[0]["action"] == "/x/"
        assert page.all("form")[0]["enctype"] == "multipart/form-data"  # it has a file
        assert "errors" in page.ids
        assert "/back/" in [attrs.get("href") for attrs in page.all("a")]


def test_the_next_page_keeps_what_was_asked_for():
    html = render_source("{% pager page %}", page=Page([], "abc"), path="/submissions/?state=late&cursor=zzz")
    links = [attrs["href"] for attrs in ParsedPage(html).all("a")]
    assert links == ["?state=late", "?state=late&cursor=abc"]
    assert render_source("{% pager page %}", page=Page([], None)) == ""


def test_every_icon_that_is_named_exists():
    sprite = ET.parse(LOOK / "static" / "look" / "icons.svg")
    known = {symbol.attrib["id"].removeprefix("i-") for symbol in sprite.iter() if "id" in symbol.attrib}
    named: set[str] = set()
    for path in templates():
        source = path.read_text()
        named |= set(re.findall(r'{% icon "([^"]+)"', source))
        named |= set(re.findall(r'{% badge \S+ "([^"]+)"', source))
        named |= set(re.findall(r'\bicon="([^"]+)"', source))
    for path in SERVICES.glob("*/*/*/templatetags/*.py"):
        named |= set(
            re.findall(r'\("(?:success|warning|danger|done|info|neutral)", "(\w+)"', path.read_text())
        )
    assert named - known == set()


SCRIPT = r"""\son[a-z]+=|\shx-on|javascript:|hx-vals=["']js:|<script(?![^>]*\ssrc=)|<script[^>]*>\s*[^<\s]"""
STYLE = r"<style|\sstyle="


def inline(html: str, *, in_mail: bool = False) -> bool:
    # Emails have no stylesheet and no content security policy: inline styles are allowed.
    return re.search(SCRIPT if in_mail else f"{SCRIPT}|{STYLE}", html, re.IGNORECASE) is not None


def test_no_template_has_script_or_style_inline():
    mail = {"emails", "mail"}
    found = [
        path
        for path in templates()
        if inline(path.read_text(), in_mail=bool(mail & {*path.parts, path.stem}))
    ]
    assert found == []


@pytest.mark.parametrize(
    "bad", ['<p style="x">', '<a onclick="x">', "<script>x</script>", '<div hx-on:click="x">']
)
def test_that_check_sees_what_it_looks_for(bad):
    assert inline(bad)
    assert not inline('<script src="/x.js" defer></script>')


@pytest.mark.parametrize("value", ["", "kr", "zz"])
def test_a_select_is_the_one_of_django(value: str) -> None:
    choices = [("", "—"), ("Asia", [("kr", "서울 & <부산>"), ("jp", "Tokyo")]), (3, "three")]
    select = Select(attrs={"class": "input", "required": True}, choices=choices)
    ours, of_django = (
        select.render("zone", value, renderer=renderer)
        for renderer in (TemplatesSetting(), DjangoTemplates())
    )

    assert ParsedPage(ours).elements == ParsedPage(of_django).elements
    assert ParsedPage(ours).text.split() == ParsedPage(of_django).text.split()
    assert "서울 &amp; &lt;부산&gt;" in ours
