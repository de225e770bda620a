"""Request bodies read strictly: urlencoded or multipart, UTF-8, each name once."""

import re

from messaging.sandbox.server import Request

_ESCAPED = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_IMAGE = re.compile(r"image[123]?")


class Undecodable(Exception):
    """The body is no form; the argument says why."""


def fields(request: Request) -> dict[str, str]:
    """The form's fields; of uploaded files only the name counts. Raises Undecodable."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    if kind.strip() == "application/x-www-form-urlencoded":
        return urlencoded(request.body)
    if kind.strip() == "multipart/form-data" and "boundary=" in rest:
        return multipart(request.body, rest.partition("boundary=")[2].strip().strip('"'))
    raise Undecodable("content type")


def urlencoded(body: bytes) -> dict[str, str]:
    """name=value&…; a body of 500 Korean texts is 30,000 escapes, so runs of them are undone at once."""
    found: dict[str, str] = {}
    for pair in body.replace(b"+", b" ").split(b"&") if body else []:
        raw_name, equals, raw_value = pair.partition(b"=")
        name, value = _text(raw_name), _text(raw_value)
        if not equals or name in found:
            raise Undecodable(f"field {name}")
        found[name] = value
    return found


def _text(raw: bytes) -> str:
    if b"%" in raw:
        raw = _ESCAPED.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode("ascii")), raw)
    return _utf8(raw)


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Undecodable("not UTF-8") from None


def multipart(body: bytes, boundary: str) -> dict[str, str]:
    """The parts of a multipart form; a file's value is its name."""
    found: dict[str, str] = {}
    for part in body.split(b"--" + boundary.encode("latin-1"))[1:-1]:
        head, blank, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'[; ]name="([^"]*)"', head)
        file = re.search(rb'filename="([^"]*)"', head)
        if not blank or not name or (key := _utf8(name[1])) in found:
            raise Undecodable("part")
        found[key] = _utf8(file[1] if file else value.removesuffix(b"\r\n"))
    return found


def has_image(form: dict[str, str]) -> bool:
    """Whether a picture came along."""
    return any(_IMAGE.fullmatch(name) for name in form)
