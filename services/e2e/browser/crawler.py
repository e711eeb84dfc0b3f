"""Crawl the links of a user, one page of each kind."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Collection, Iterator
from urllib.parse import parse_qsl, urlsplit

from browser.visitor import Visitor, shape

# Files, pages of other programs, and endpoints.
_NOT_PAGES = re.compile(r"^/(_mail|api/docs/.+|static|hooks)/|\.(csv|json|ics|xlsx|zip)$|/openapi\.json$")
# The number of links of one kind that are requested.
ASKED = 3
# The start pages without a session.
OUTSIDE = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]


def kind(address: str) -> str:
    """Return the kind of a page: the path without ids, and the names in the query."""
    parts = urlsplit(address)
    names = "&".join(sorted(name for name, _ in parse_qsl(parts.query) if name not in {"next", "cursor"}))
    return f"{shape(address)}?{names}" if names else shape(address)


def links(visitor: Visitor) -> list[str]:
    """Return the internal links of the page, as path and query."""
    origin = visitor.demo.url
    found: list[str] = visitor.page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
    ours = [address.removeprefix(origin).partition("#")[0] for address in found if address.startswith(origin)]
    here = visitor.page.url.removeprefix(origin).partition("#")[0]
    return [address for address in dict.fromkeys(address or "/" for address in ours) if address != here]


def crawl(
    visitor: Visitor, starts: list[str], *, known: Collection[str] = (), limit: int = 120
) -> Iterator[str]:
    """Visit one page of each kind, except the known ones; yield its kind while it is open.

    Broken links are recorded.
    """
    waiting, seen = deque(starts), {*known, *(kind(start) for start in starts)}
    asked: Counter[str] = Counter()
    for _ in range(limit):
        if not waiting:
            return
        address = waiting.popleft()
        visitor.go(address)
        yield kind(address)
        for link in links(visitor):
            what = kind(link)
            if what not in seen and not _NOT_PAGES.search(urlsplit(link).path):
                seen.add(what)
                waiting.append(link)
            elif asked[what] < ASKED:
                asked[what] += 1
                status = visitor.context.request.get(link).status
                if status >= 400:
                    visitor.note(f"a link leads to {link}, which answers {status}")
    raise AssertionError(f"There are more than {limit} kinds of pages: {sorted(seen)}")
