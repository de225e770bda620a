"""Files that come in: looked at by content, not by name; kept private under a random path; a tenant's own.

Kinds: xlsx xls ods (also other zips of that family), csv, txt, png, jpg, gif, pdf.
"""

import hashlib
import uuid
import zipfile
from datetime import timedelta
from typing import IO, Any

from django.conf import settings
from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.exceptions import UploadRefused
from accounts.models import Tenant, Upload
from accounts.scoping import tenant_url

SALT = "accounts.uploads"
LINK_LASTS = 60 * 60
SWEPT_FOR = timedelta(days=7)
_HEADS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"%PDF-": "pdf"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOOK = 64 * 1024


def store(
    *,
    tenant: Tenant,
    by: audit.Actor,
    file: Any,
    kinds: set[str] | list[str],
    purpose: str,
    subject: str = "",
    max_bytes: int | None = None,
) -> Upload:
    """Keep an uploaded file (a Django File) and its row; `kinds` are those this door takes, `purpose` what it is for,
    `subject` whose it is where that is known. Raises UploadRefused."""
    most = max_bytes or settings.UPLOAD_MAX_BYTES
    if file.size > most:
        mb = most // (1024 * 1024)
        raise UploadRefused(_("파일이 너무 커요. %(mb)sMB까지 올릴 수 있어요. 나누어 올려 주세요.") % {"mb": mb})
    if not file.size:
        raise UploadRefused(_("빈 파일이에요. 내용이 있는 파일인지 열어 보고 다시 올려 주세요."))
    kind = sniff(file, file.name or "")
    if kind not in kinds:
        takes = ", ".join(f".{k}" for k in sorted(kinds))
        raise UploadRefused(_("이 형식의 파일은 올릴 수 없어요. %(takes)s 파일을 올려 주세요.") % {"takes": takes})
    path = _keep(tenant, file, kind)
    with transaction.atomic():
        row = Upload.objects.create(
            tenant=tenant,
            path=path,
            name=_clean_name(file.name),
            kind=kind,
            purpose=purpose,
            subject=subject,
            size=file.size,
            sha256=_sha256(file),
            by=audit.user_of(by),
        )
        audit.record(tenant=tenant, by=by, kind="file.uploaded", subject=row, size=row.size, format=kind)
    return row


def open_(upload: Upload) -> IO[bytes]:
    """The stored file, open for reading in bytes; the caller closes it."""
    return default_storage.open(upload.path, "rb")


def delete(*, tenant: Tenant, by: audit.Actor, upload: Upload) -> bool:
    """Remove the file and keep the row as its trace; False if it was gone already."""
    with transaction.atomic():
        mine = Upload.objects.filter(tenant=tenant, pk=upload.pk, deleted_at=None)
        if not mine.update(deleted_at=timezone.now()):
            return False
        audit.record(tenant=tenant, by=by, kind="file.deleted", subject=upload)
        transaction.on_commit(lambda: default_storage.delete(upload.path), robust=True)
    return True


def erase(*, tenant: Tenant, rows: QuerySet[Upload]) -> int:
    """Remove the files of these rows, and what they were called: a file's name may say whose it was."""
    gone = [upload for upload in rows.filter(deleted_at=None) if delete(tenant=tenant, by=None, upload=upload)]
    rows.exclude(name="").update(name="")
    return len(gone)


def sweep(*, tenant: Tenant) -> int:
    """Remove files whose rows say that they are gone: a storage that was away then, or a process that died between the
    commit and the file. Looked for through a week; returns how many."""
    lately = Upload.objects.filter(tenant=tenant, deleted_at__gt=timezone.now() - SWEPT_FOR)
    left = [path for path in lately.values_list("path", flat=True) if default_storage.exists(path)]
    for path in left:
        default_storage.delete(path)
    return len(left)


def token(upload: Upload) -> str:
    """What names the file for an hour, in an address or in a form that comes back."""
    return signing.dumps({"upload": upload.pk}, salt=SALT)


def link(upload: Upload) -> str:
    """An address that gives the file for an hour, to staff of its tenant only."""
    return tenant_url(upload.tenant, "accounts:file-download", token(upload))


def by_token(tenant: Tenant, token: str) -> Upload | None:
    """The upload a link names, if the link is ours, fresh and of this tenant."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LINK_LASTS)["upload"]
    except (signing.BadSignature, KeyError, TypeError):
        return None
    return Upload.objects.filter(tenant=tenant, pk=pk, deleted_at=None).first()


def sniff(file: Any, name: str) -> str:
    """What a file is by its first bytes; '' if it is none of our kinds. The name only tells csv from txt."""
    file.seek(0)
    head = file.read(_LOOK)
    file.seek(0)
    for magic, kind in _HEADS.items():
        if head.startswith(magic):
            return kind
    if head.startswith(_OLE):
        return "xls"  # or an .xlsx under a password: the reader of sheets says so
    if head.startswith(b"PK\x03\x04"):
        return _zipped(file)
    if _is_text(head):
        return "txt" if name.lower().endswith((".txt", ".tsv")) else "csv"
    return ""


def _zipped(file: Any) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist()[:5000])
    except (zipfile.BadZipFile, OSError, ValueError):
        return ""
    finally:
        file.seek(0)
    if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
        return "xlsx"
    return "ods" if "content.xml" in names and "mimetype" in names else ""


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\x00" not in head and sum(b < 32 and b not in (9, 10, 11, 12, 13, 26) for b in head) < len(head) / 100 + 1


def _keep(tenant: Tenant, file: Any, kind: str) -> str:
    path = f"uploads/{tenant.pk}/{uuid.uuid4().hex}.{kind}"
    file.seek(0)
    try:
        return default_storage.save(path, File(file, name=path))
    except OSError as error:  # a full disk, or storage that is away
        raise UploadRefused(_("지금은 파일을 저장할 자리가 없어요. 잠시 뒤 다시 올려 주세요.")) from error


def _sha256(file: Any) -> str:
    file.seek(0)
    whole = hashlib.sha256()
    for chunk in iter(lambda: file.read(1024 * 1024), b""):
        whole.update(chunk)
    return whole.hexdigest()


def _clean_name(name: str | None) -> str:
    last = (name or "file").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:200] or "file"
