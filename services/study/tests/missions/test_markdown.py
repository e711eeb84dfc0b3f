"""What people write becomes safe HTML, and a plain excerpt."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.missions.rules.markdown import markdown_excerpt, render_markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example/" onmouseover="alert(1))',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "![x](http://a.example/pixel.png)",
    "![x](//a.example/pixel.png)",
    "![x](/accounts/logout/)",
    '![x"onerror="alert(1)](https://a.example/x.png)',
    '<div hx-get="/accounts/data/" hx-trigger="load">x</div>',
    '<p data-hx-post="/x" hx-on:click="alert(1)">x</p>',
    '<b style="position:fixed;inset:0">x</b>',
    "<style>*{display:none}</style>",
    '<form action="https://a.example"><input name=password></form>',
    '<meta http-equiv="refresh" content="0;url=https://a.example">',
    '<base href="https://a.example/">',
    '<link rel=stylesheet href="https://a.example/x.css">',
    '<object data="x"></object><embed src=x>',
    "<details open ontoggle=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "```html\n<script>alert(1)</script>\n```",
    "`<img src=x onerror=alert(1)>`",
    "|a|\n|-|\n|<script>alert(1)</script>|",
    "# <script>alert(1)</script>",
    "a&#60;script&#62;alert(1)&#60;/script&#62;",
    '<a href="https://a.example" target="_blank" id="main" class="btn btn-primary">x</a>',
]
TAGS = {
    *("a", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p"),
    *("pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href", "title", "rel"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
OURS = {("div", "class", "table-wrap"), ("div", "tabindex", "0")}


class _Seen(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def assert_safe(markup: str) -> None:
    for tag, attributes in _Seen(markup).elements:
        assert tag in TAGS
        for name, value in attributes.items():
            assert (tag, name, value) in OURS or name in ATTRIBUTES.get(tag, set())
        if tag == "a":
            assert attributes["rel"] == "nofollow noopener"
        if address := attributes.get("href"):
            # Without a scheme an address stays on this site, or on the scheme that this site is on.
            assert re.match(r"(https?:|mailto:|[^:]*$|[^:]*[/?#])", address, re.IGNORECASE)
        if tag == "img":
            assert str(attributes["src"]).lower().startswith("https://")


@pytest.mark.parametrize("text", ATTACKS)
def test_no_attack_survives(text):
    assert_safe(render_markdown(text))


@given(st.lists(st.sampled_from(ATTACKS) | st.text(max_size=20), max_size=5).map("".join))
def test_no_mixture_of_attacks_survives(text):
    assert_safe(render_markdown(text))
    assert "\n" not in markdown_excerpt(text)
    assert len(markdown_excerpt(text)) <= 280


def test_what_a_mission_needs_is_kept():
    page = render_markdown(
        "# 목표\n\n- **투표**를 만들어요\n- [문서](https://docs.example)\n\n"
        "```python\nprint(1)\n```\n\n|열|값|\n|-|-|\n|a|~~b~~|\n\n![그림](https://img.example/a.png)"
    )

    for kept in [
        "<h3>목표</h3>",
        "<strong>투표</strong>",
        '<a href="https://docs.example" rel="nofollow noopener">문서</a>',
        "<pre><code>print(1)\n</code></pre>",
        "<s>b</s>",
        '<img src="https://img.example/a.png" alt="그림">',
    ]:
        assert kept in page


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n## b\n# c", ["h3", "h4", "h3"]),
        ("## a\n#### b\n## c", ["h3", "h4", "h3"]),
        ("### a\n# b\n### c", ["h3", "h3", "h4"]),
        ("# a\n## b\n### c\n#### d\n##### e\n###### f", ["h3", "h4", "h5", "h6", "h6", "h6"]),
    ],
)
def test_headings_follow_on_from_the_pages_own_and_skip_no_level(text, levels):
    assert re.findall(r"<(h\d)>", render_markdown(text)) == levels


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("# 공지\n\n내일은 **온라인**이에요.\n- 하나\n- 둘", "공지 내일은 온라인이에요. 하나 둘"),
        ("<b>a</b> & b", "<b>a</b> & b"),
        ("[문서](https://a.example)", "문서"),
        ("", ""),
    ],
)
def test_an_excerpt_is_plain_text_on_one_line(text, excerpt):
    assert markdown_excerpt(text) == excerpt


def test_a_long_excerpt_ends_at_a_word():
    cut = markdown_excerpt("일곱 글자예요 " * 60)

    assert len(cut) <= 280
    assert cut.endswith(("글자예요…", "일곱…"))
    assert len(markdown_excerpt("가" * 1000)) == 280
