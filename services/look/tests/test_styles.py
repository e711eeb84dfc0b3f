"""The stylesheet in the page."""

from __future__ import annotations

from look.styles import STYLES, STYLES_SOURCES, without_fonts


def test_the_page_has_every_rule_but_those_that_load_a_font():
    assert STYLES[""].startswith("@layer reset,tokens,base,components,pages;")
    assert "size-adjust" in STYLES[""]
    for css in STYLES.values():
        assert "url(/static" not in css.replace("'", "")
        assert "</style" not in css


def test_a_page_may_have_the_stylesheet_of_all_and_those_of_its_own():
    assert len(STYLES_SOURCES) == len(STYLES) == len(set(STYLES_SOURCES))
    assert ".matrix thead" in STYLES["overview"]
    assert ".matrix thead" not in STYLES[""]


def test_comments_and_spaces_are_left_out():
    css = """/* a card */
.card { color: red;
  margin: 0 calc(1px + 2px); }
@font-face { font-family: 'A'; src: local('B'); }
@font-face { font-family: 'A'; src: url('/a.woff2'); }
.card > p:hover, .row p { color: blue }
"""
    assert without_fonts(css) == (
        ".card{color:red;margin:0 calc(1px + 2px)}@font-face{font-family:'A';src:local('B')}"
        ".card > p:hover,.row p{color:blue}"
    )
