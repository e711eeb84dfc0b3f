"""The people of the sample data, all fictional."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

NAMESPACE = uuid.UUID("5e0da6c1-0000-4000-8000-000000000016")
COHORT = "느티 16기"
BACKEND, FRONTEND = "백엔드", "프론트엔드"
TEAMS = [f"{n}조" for n in range(1, 9)]
OWNER_OF_REPOSITORIES = "neuti-demo"

_FAMILIES = "강김문박배서신오유윤이임정조최한홍황송노"
_GIVEN = (
    "가온 나래 다온 도현 라온 마루 미르 바다 보람 새봄 서연 소율 시우 아라 여울 예솔 우주 윤슬 은재 이든 "
    "재이 주원 지안 찬솔 태오 하늘 하람 하린 한결 해솔 가람 고운 누리 단비 두리 들샘 별하 빛나 솔비 슬기"
)


@dataclass(frozen=True)
class Person:
    """A person and their place in the cohort."""

    key: str
    name: str
    role: str
    part: str | None = None
    team: str | None = None
    # GitHub id and login; None if no GitHub account is linked.
    github_id: int | None = None
    login: str = ""

    @property
    def account_id(self) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, self.key)

    @property
    def email(self) -> str:
        return f"{self.key}@example.org"


def _member(n: int) -> Person:
    # Every tenth member has not linked GitHub.
    linked = n % 10 != 7
    return Person(
        key="member" if n == 0 else f"member{n}",
        name=_FAMILIES[n % len(_FAMILIES)] + _GIVEN.split()[n],
        role="member",
        part=BACKEND if n < 20 else FRONTEND,
        team=TEAMS[n % len(TEAMS)],
        github_id=90_000_000 + n if linked else None,
        login=f"neuti-{n:02d}",
    )


OPERATOR = Person("operator", "배준영", "operator")
OPERATORS = [OPERATOR, Person("operator2", "노을빛", "operator")]
MENTORS = [
    Person("mentor", "김도현", "mentor", BACKEND, github_id=91_000_001, login="neuti-mentor-1"),
    Person("mentor2", "서지안", "mentor", BACKEND, github_id=91_000_002, login="neuti-mentor-2"),
    Person("mentor3", "문태윤", "mentor", FRONTEND, github_id=91_000_003, login="neuti-mentor-3"),
    Person("mentor4", "류하린", "mentor", FRONTEND, github_id=91_000_004, login="neuti-mentor-4"),
]
MEMBERS = [_member(n) for n in range(40)]
EVERYONE = [*OPERATORS, *MENTORS, *MEMBERS]
