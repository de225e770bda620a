"""Celery's filesystem transport for processes that meet in one folder: a message is there whole or not at all.

Kombu's own opens the file under its final name and writes afterwards. A worker that looks in between takes an empty
message, and dies of it.
"""

import os
import uuid
from queue import Empty
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Messages appear by one rename; a broken one is dropped, as any bell may be: upkeep finds the row."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        final, draft = (os.path.join(self.data_folder_out, n) for n in (name, f".{name}.part"))
        try:
            with open(draft, "wb", buffering=0) as file:
                file.write(str_to_bytes(dumps(payload)))
            os.replace(draft, final)
        except OSError as error:
            raise ChannelError(f"Cannot add file {final!r} to directory") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        try:
            return super()._get(queue)
        except ValueError:  # half a file, left by a full disk
            raise Empty from None

    def get_table(self, exchange: str) -> list[Any]:
        try:
            return super().get_table(exchange)
        except ValueError:  # being written by another process
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        try:
            super()._queue_bind(exchange, routing_key, pattern, queue)
        except ValueError:  # left empty by a process that was killed while writing it
            self._exchange_file(exchange).unlink(missing_ok=True)
            super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):
    Channel = Channel
