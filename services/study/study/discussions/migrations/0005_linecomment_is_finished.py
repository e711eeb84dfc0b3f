from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("discussions", "0004_linecomment_page_id"),
    ]

    operations = [
        migrations.AddField(
            model_name="linecomment",
            name="is_finished",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
