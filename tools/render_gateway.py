"""The routes of services/contracts/routes.json, and the gateway's Caddyfile: `make manifests` writes it.

Caddy reads its own address and those of the services from its environment.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Template

from project import ROOT

ROUTES = ROOT / "services/contracts/routes.json"
TEMPLATE = ROOT / "deploy/gateway/Caddyfile.template"
CADDYFILE = ROOT / "deploy/gateway/Caddyfile"

# The default addresses of the services.
UPSTREAMS = {"users": "127.0.0.1 8001", "study": "127.0.0.1 8002", "notification": "127.0.0.1 8003"}


@dataclass(frozen=True)
class Route:
    """A path (with everything below it unless exact), its service and the maximum body size in MiB.

    A segment of the path may be `*`, which matches any one segment.
    """

    path: str
    service: str
    exact: bool
    max_body_mib: int

    @property
    def matcher(self) -> str:
        """Return Caddy's patterns: whole segments only, so /joiners is not below /join."""
        return self.path if self.exact else f"{self.path} {self.path}/*"

    @property
    def matcher_name(self) -> str:
        """Return the name of Caddy's matcher."""
        return "@" + (re.sub(r"\W+", "_", self.path.replace("*", "any")).strip("_") or "first_page")

    def matches(self, path: str) -> bool:
        """Return True if the route matches the path."""
        below = "" if self.exact else "(/.*)?"
        return re.fullmatch(re.escape(self.path).replace(r"\*", "[^/]+") + below, path) is not None


@dataclass(frozen=True)
class Routes:
    """The routes, longest path first, and the paths that are never routed."""

    routes: tuple[Route, ...]
    never: tuple[str, ...]

    def service_for(self, path: str) -> str | None:
        """Return the service of a path; None if the gateway answers 404."""
        if any(path == closed or path.startswith(f"{closed}/") for closed in self.never):
            return None
        return next((route.service for route in self.routes if route.matches(path)), None)


def read(file: Path = ROUTES) -> Routes:
    """Read the routes. Raise ValueError if the file is invalid."""
    table = json.loads(file.read_text(encoding="utf-8"))
    default = {"exact": False, "max_body_mib": table["max_body_mib"]}
    routes = [Route(**default | entry) for entry in table["routes"]]
    paths = [route.path for route in routes]
    for path in [*paths, *table["never"]]:
        if not path.startswith("/") or (path != "/" and path.endswith("/")) or "//" in path or " " in path:
            raise ValueError(f"{file.name}: {path!r} must start with a slash and end without one.")
    if twice := {path for path in paths if paths.count(path) > 1}:
        raise ValueError(f"{file.name}: listed twice: {', '.join(sorted(twice))}.")
    routes.sort(key=lambda route: (-len(route.path), route.path))
    return Routes(tuple(routes), tuple(table["never"]))


def render(routes: Routes) -> str:
    """Return the text of the Caddyfile."""
    template = Template(TEMPLATE.read_text(encoding="utf-8"), trim_blocks=True, keep_trailing_newline=True)
    text = template.render(routes=routes.routes, never=routes.never, addresses=UPSTREAMS)
    sources = f"{ROUTES.relative_to(ROOT)} and {TEMPLATE.name}"
    return f"# Written by `make manifests` from {sources}: change those, not this.\n{text}"
