"""The stylesheet in the page."""

from __future__ import annotations

from look.styles import STYLES, without_fonts


def test_the_page_has_every_rule_but_those_that_load_a_font():
    assert "@layer reset,tokens,base,components,pages;" in STYLES
    assert "size-adjust" in STYLES
    assert "url(/static" not in STYLES.replace("'", "")
    assert "</style" not in STYLES


def test_comments_and_spaces_are_left_out():
    css = """/* a card */
.card { color: red;
  margin: 0 calc(1px + 2px); }
@font-face { font-family: 'A'; src: local('B'); }
@font-face { font-family: 'A'; src: url('/a.woff2'); }
.card > p:hover, .row p { color: blue }
"""
    assert without_fonts(css) == (
        ".card{color: red;margin: 0 calc(1px + 2px);}@font-face{font-family: 'A';src: local('B');}"
        ".card > p:hover,.row p{color: blue}"
    )
