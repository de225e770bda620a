"""Messages in a folder: whole or not there, and a broken one kills nobody."""

from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from config.celery import app
from config.filebroker import Channel, Transport


@pytest.fixture
def channel(tmp_path: Path) -> Any:
    for name in ("in", "control"):
        (tmp_path / name).mkdir()
    folder, control = str(tmp_path / "in"), str(tmp_path / "control")
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": control}
    with Connection(transport=Transport, transport_options=options) as connection:
        yield connection.channel()


def test_put_then_get_is_the_same_message_once(channel: Channel) -> None:
    channel._put("now", {"id": 7})

    assert channel._get("now") == {"id": 7}
    with pytest.raises(Empty):
        channel._get("now")


def test_put_shows_nothing_before_the_message_is_whole(
    channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_is_full(*args: Any) -> None:
        with pytest.raises(Empty):
            channel._get("now")
        raise OSError

    monkeypatch.setattr("config.filebroker.os.replace", disk_is_full)

    with pytest.raises(Exception, match="Cannot add file"):
        channel._put("now", {"id": 7})


def test_get_of_half_a_message_is_no_message(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "in" / "1_x.now.msg").write_text('{"id"')

    with pytest.raises(Empty):
        channel._get("now")


def test_queue_bind_mends_a_table_left_empty(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "control" / "now.exchange").touch()

    assert channel.get_table("now") == []
    channel._queue_bind("now", "now", "", "now")

    assert [row.queue for row in channel.get_table("now")] == ["now"]


def test_celery_uses_it_for_folders() -> None:
    assert app.connection("filesystem://").get_transport_cls() is Transport
