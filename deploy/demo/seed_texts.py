"""Texts of the sample data."""

from __future__ import annotations

from seed_people import BACKEND, FRONTEND

MISSIONS = {
    BACKEND: [
        ("Django로 첫 앱 만들기", "django-tutorial"),
        ("모델과 마이그레이션", "django-models"),
        ("REST API 설계", "django-rest"),
        ("투표 API 만들기", "django-vote"),
        ("테스트와 CI", "django-test"),
        ("JWT 로그인", "django-auth"),
        ("캐시와 비동기 작업", "django-celery"),
        ("도커로 배포하기", "django-deploy"),
    ],
    FRONTEND: [
        ("바닐라 투두", "vanilla-todo"),
        ("리액트 투두", "react-todo"),
        ("메신저 화면", "react-messenger"),
        ("메신저 상태 관리", "react-messenger-state"),
        ("블로그와 라우팅", "react-blog"),
        ("투표 화면", "react-vote"),
        ("접근성 점검", "react-a11y"),
        ("배포와 모니터링", "react-deploy"),
    ],
}

BODY = """\
## 목표

**{title}** 과제를 끝내고, 왜 그렇게 만들었는지 설명할 수 있습니다.

## 하는 일

1. 저장소를 포크하고, 자기 GitHub 아이디로 브랜치를 만듭니다.
2. 요구사항을 구현하고 테스트를 적습니다.
3. 같은 이름의 브랜치로 풀 리퀘스트를 엽니다. 그러면 자동으로 제출됩니다.

> 막히면 파트 채널에서 물어보세요. 질문도 실력이에요.
"""

_LEVELS = [(1, "미흡"), (2, "일부"), (3, "대부분"), (4, "모두")]
RUBRIC = [(title, _LEVELS) for title in ("요구사항 구현", "설계", "테스트", "커밋과 설명")]

COMMENTS = [
    "제약 조건으로 중복을 막은 점이 가장 좋았습니다. 다음에는 실패하는 경우의 테스트를 먼저 써 보세요.",
    "함수가 짧고 이름이 분명해서 읽기 편했어요. 커밋을 조금 더 잘게 나눠 보세요.",
    "요구사항을 모두 만족해요. 설명에 고민한 흔적이 보여서 좋았습니다.",
    "동작은 좋습니다. 예외가 날 때 사용자가 무엇을 보게 되는지 한 번 더 생각해 보세요.",
]

# Days ago, title, text, part.
ANNOUNCEMENTS = [
    (34, "느티 16기 오리엔테이션", "첫 모임은 **공학관 402호**, 19시에 시작합니다.", None),
    (12, "중간 회고 안내", "5주차 모임 뒤 30분 동안 회고를 합니다.\n\n- 좋았던 점\n- 바꾸고 싶은 점", None),
    (3, "백엔드 스터디룸 변경", "이번 주만 **공학관 405호**를 씁니다.", BACKEND),
    (0.2, "6주차 미션 마감 안내", "이번 주 미션은 **일요일 23:59** 마감입니다. 늦어도 꼭 내 주세요.", None),
]
