"""Tests of the page checks: faults of a page are found."""

from __future__ import annotations

from playwright.sync_api import Browser

from browser.demo import Demo
from browser.texts import wrong_texts
from browser.visitor import Visitor

WRONG = """
<!doctype html><html lang="ko"><title>x</title><main><h1>x</h1>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<p style="color: #ccc; background: #fff">too pale</p><div style="width: 2000px">wide</div>
<button class="btn-primary">저장</button><button class="btn-primary">보내기</button>
<ul class="tree"></ul><a href="/cohorts/">Sign in</a><p>Nobody ever translated this sentence</p></main></html>
"""


def test_a_wrong_page_is_seen_to_be_wrong(browser: Browser, demo: Demo) -> None:
    visitor = Visitor(browser, demo, size="phone")
    visitor.page.set_content(WRONG)
    visitor.inspect()
    found = "\n".join([*map(str, visitor.findings), *wrong_texts(visitor.page, "ko")])
    visitor.close()

    for sign in (
        "too wide",
        "several primary buttons: 저장 · 보내기",
        'add {% styles "code" %} for .tree',
        "(light): axe image-alt",
        "(dark): axe color-contrast",
        "English on a Korean page: 'Sign in'",
    ):
        assert sign in found
    assert "'Nobody ever translated this sentence'" in found


def test_korean_on_an_english_page_is_seen(browser: Browser, demo: Demo) -> None:
    visitor = Visitor(browser, demo, inspects=False)
    visitor.go("/accounts/login/")
    found = list(wrong_texts(visitor.page, "en"))
    visitor.close()

    assert any("'로그인'" in text for text in found), found


def test_an_inline_script_is_refused_and_seen(browser: Browser, demo: Demo) -> None:
    visitor = Visitor(browser, demo, inspects=False)
    visitor.go("/accounts/login/")
    script = "Object.assign(document.createElement('script'), {text: 'window.hacked = true'})"
    visitor.page.evaluate(f"document.body.append({script})")
    visitor.wait_until_idle()
    hacked = visitor.page.evaluate("'hacked' in window")
    visitor.close()

    assert not hacked
    assert any("policy:" in finding.what for finding in visitor.findings)
