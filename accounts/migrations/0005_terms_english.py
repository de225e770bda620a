"""The first terms and privacy policy in English: the same draft, for people who read the pages in English."""

from django.db import migrations, models

VERSION = "2026-11-draft"

DRAFT = "※ This is a draft. A lawyer will review it before the service opens. Where the two differ, the Korean text counts."

TERMS = f"""{DRAFT}

Article 1 (Purpose)
These terms set out how a business may use what Gongji (the "service") offers for keeping its own list of customers and sending texts through its own Aligo account.

Article 2 (Accounts)
(1) People sign up with an e-mail address and a password. One person may run one business of their own and work for several others.
(2) Users must keep their passwords and API keys safe. If you learn that somebody else has used them, tell us at once.

Article 3 (Sending texts)
(1) Texts leave through the Aligo account that the user has connected; what they cost is between the user and Aligo.
(2) Users may only use sender numbers that are registered in their own name.
(3) Advertisements may only be sent to people who agreed to them beforehand. The service adds the mark (광고), which means advertisement, and a free way to opt out, and between 9 p.m. and 8 a.m. it sends them only to people who agreed to that as well.
(4) Users may not send anything that breaks the law, deceives, or harms the rights of others.

Article 4 (Period of use)
(1) The service is free to try for 30 days from the day of signing up.
(2) When the period of use ends, sending stops; lists and past dispatches can still be seen.

Article 5 (Data)
The lists that users put in and their past dispatches belong to the users. The service handles them only as the users say.

Article 6 (Liability)
Texts may be late or may not arrive because of the carriers or Aligo. The service shows the results as far as they can be learned.

Article 7 (Ending)
Users may stop using the service at any time. Everything is then erased except what the law says must be kept.
"""

PRIVACY = f"""{DRAFT}

1. What we collect
The e-mail address of whoever signs up, a name (if given), a password (stored so that nobody can read it), and records of access (time, IP address, what was done).

2. What we use it for
Signing in, offering a business its functions, important notices, and keeping the records of access that the law asks for.

3. How long we keep it
Account data until the account is closed, records of access for 2 years, and other data for as long as the law says.

4. A business's customers
For the names, mobile numbers, birthdays, notes and texts of customers that a business puts in, the business is the controller of the personal data and we are its processor. We use them for nothing that the business has not asked for.

5. Work we pass on
Texts are sent through Aligo (Aligo Corp.), which the business has connected.

6. How we keep it safe
We keep the data of each business apart, encrypt secrets, and record who did what in a way that cannot be changed. Numbers are masked on screens and in downloaded files.

7. Your rights
Anybody may ask to see, correct or erase their own data. If you are a customer of a business, please ask that business.

8. Privacy officer
A name and contact will be given here when the service opens.
"""


def add(apps, schema_editor):
    TermsVersion = apps.get_model("accounts", "TermsVersion")
    for kind, body in (("terms", TERMS), ("privacy", PRIVACY)):
        TermsVersion.objects.filter(kind=kind, version=VERSION, body_en="").update(body_en=body)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_helptext")]
    operations = [
        migrations.AddField(
            model_name="termsversion",
            name="body_en",
            field=models.TextField(blank=True, default="", verbose_name="영어 본문"),
            preserve_default=False,
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
