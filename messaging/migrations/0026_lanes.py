"""Generated column for a conversation's lane (section of the inbox), and indexes for the lists."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0022_forget_what_was_typed"),
        ("messaging", "0025_goals"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="lane",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(state="snoozed", then=models.Value("snoozed")),
                    models.When(state="done", then=models.Value("done")),
                    models.When(
                        category__in=("out_of_office", "auto_reply"), state="waiting", then=models.Value("away")
                    ),
                    models.When(state="waiting", then=models.Value("waiting")),
                    default=models.Case(
                        models.When(is_untracked=True, then=models.Value("untracked")),
                        models.When(category__in=("out_of_office", "auto_reply"), then=models.Value("away")),
                        models.When(
                            category__in=("not_interested", "unsubscribe", "complaint", "wrong_person", "left_company"),
                            then=models.Value("done"),
                        ),
                        models.When(category__in=("meeting",), then=models.Value("meeting")),
                        models.When(category__in=("question",), then=models.Value("question")),
                        models.When(category__in=("objection",), then=models.Value("objection")),
                        models.When(category__in=("not_now",), then=models.Value("later")),
                        models.When(category__in=("unsure",), then=models.Value("unsure")),
                        default=models.Value("needs_reply"),
                        output_field=models.TextField(),
                    ),
                    output_field=models.TextField(),
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["organization", "lane", "-last_mail_at", "-id"],
                include=("waiting_since",),
                name="conversation_lane",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("state", "snoozed")),
                fields=["organization", "snoozed_until"],
                name="conversation_snoozed",
            ),
        ),
    ]
