"""Walls between tenants in the journey of a text."""

from django.db import migrations

from accounts.walls import Collate, PostgresSql, SameTenant


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("accounts", "0002_walls")]
    operations = [
        SameTenant("messaging_dispatch", "resend_of_id", "messaging_dispatch"),
        SameTenant("messaging_dispatch", "first_id", "messaging_dispatch"),
        SameTenant("messaging_batch", "dispatch_id", "messaging_dispatch"),
        SameTenant("messaging_attempt", "batch_id", "messaging_batch"),
        SameTenant("messaging_joined", "dispatch_id", "messaging_dispatch"),
        SameTenant("messaging_snapshot", "dispatch_id", "messaging_dispatch"),
        SameTenant("messaging_excluded", "dispatch_id", "messaging_dispatch"),
        Collate("messaging_message", "phone:varchar(12)"),
        # Every text is written once more, when its result is known. In a full page that is a new row and five new
        # entries of indexes, fifteen times the work; the space is taken either way.
        PostgresSql(
            "ALTER TABLE messaging_message SET (fillfactor = 45)", "ALTER TABLE messaging_message RESET (fillfactor)"
        ),
        Collate("messaging_optout", "phone:varchar(12)"),
    ]
