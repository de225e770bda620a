"""The mails that `make run` wrote to a folder, newest first, so that links in them work without a mail server."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import urlize

from accounts.permissions import public
from home.context import mailbox_open

SHOWN = 50


@public
def mail(request: HttpRequest) -> HttpResponse:
    """Only where mails go to files and the site is plain http: a machine on somebody's desk, never production."""
    if not mailbox_open():
        raise Http404
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda f: f.stat().st_mtime, reverse=True)  # type: ignore[misc]
    mails = [_shown(m) for file in files[:SHOWN] for m in reversed(_messages(file))]
    return render(request, "home/mail.html", {"mails": mails[:SHOWN]})


def _messages(file: Path) -> list[EmailMessage]:
    # Django ends each mail of a file with a line of 79 dashes.
    parts = file.read_bytes().split(b"\n" + b"-" * 79)
    return [message_from_bytes(p.lstrip(), policy=policy.default) for p in parts if p.strip()]  # type: ignore[misc]


def _shown(mail: EmailMessage) -> dict[str, str]:
    body = mail.get_body(preferencelist=("plain",))
    text = str(body.get_content()) if body else ""
    return {"to": mail["to"], "subject": mail["subject"], "date": mail["date"], "text": urlize(text, autoescape=True)}
