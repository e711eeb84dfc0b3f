from itertools import islice
from typing import Any

from django.db import migrations

BATCH_SIZE = 1000


def decide_known(apps: Any, schema_editor: object) -> None:
    """Store the decision for pull requests with a member: their repository had one mission."""
    PullRequest = apps.get_model("github", "PullRequest")
    Mission = apps.get_model("missions", "Mission")
    MissionDecision = apps.get_model("submissions", "MissionDecision")
    missions = dict(Mission.objects.values_list("github_repository_id", "id"))
    known = PullRequest.objects.exclude(member=None).values_list("id", "repository_id", "opened_at")
    rows = (
        MissionDecision(
            pull_request_id=pull_request_id,
            mission_id=missions[repository_id],
            rule="only",
            decided_at=opened_at,
        )
        for pull_request_id, repository_id, opened_at in known.iterator(chunk_size=BATCH_SIZE)
        if repository_id in missions
    )
    while batch := list(islice(rows, BATCH_SIZE)):
        MissionDecision.objects.bulk_create(batch, ignore_conflicts=True)


class Migration(migrations.Migration):
    # Each batch is a transaction, so that deliveries wait for none for long, and it can be repeated.
    atomic = False

    dependencies = [
        ("missions", "0002_missions_share_repositories"),
        ("submissions", "0003_completion"),
    ]

    operations = [migrations.RunPython(decide_known, migrations.RunPython.noop)]
