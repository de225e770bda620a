"""stub"""

from messaging.sandbox.server import Request, Response


def answer(sandbox, request: Request) -> Response:
    return Response(b"hello", 200, "text/plain")
