"""Ledgers that can't be changed, and the first words people agree to."""

from django.db import migrations

from accounts.walls import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [AppendOnly("accounts_auditevent"), AppendOnly("accounts_termsagreement"), AppendOnly("accounts_fact")]
