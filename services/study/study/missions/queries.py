"""Pictures of missions: each person's own deadline and how far they are, and the rubric."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from study.cohorts.models import Cohort, Membership
from study.mirrors.models import AccountMirror
from study.missions import rules
from study.missions.models import Extension, Level, Mission, PartDue
