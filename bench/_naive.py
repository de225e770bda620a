"""The naive way, as peers do it: a task and one /send/ for each message, its row updated after. Nothing of ours.

`celery -A bench._naive worker`. The rows lie in a table `naive` (id, phone, text, mid).
"""

import os

import psycopg2
import requests
from celery import Celery
from celery.signals import worker_process_init

app = Celery("naive", broker=os.environ["REDIS_URL"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=4, task_default_queue="naive")
SINK = os.environ.get("NAIVE_SINK", "")
_open: dict[str, object] = {}


@worker_process_init.connect
def _connect(**_kwargs: object) -> None:
    _open["db"] = psycopg2.connect(os.environ["DATABASE_URL"].replace("postgres://", "postgresql://"))
    _open["http"] = requests.Session()


@app.task(name="naive.send")
def send(pk: int) -> None:
    db, http = _open["db"], _open["http"]
    with db, db.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT phone, text FROM naive WHERE id = %s AND mid IS NULL FOR UPDATE", [pk])
        phone, text = cursor.fetchone()
        form = {"key": "k" * 32, "user_id": "bench", "sender": "0237890123", "receiver": phone, "msg": text}
        answer = http.post(f"{SINK}/send/", data=form, timeout=30).json()  # type: ignore[attr-defined]
        cursor.execute("UPDATE naive SET mid = %s, sent_at = now() WHERE id = %s", [answer["msg_id"], pk])
