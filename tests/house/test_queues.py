"""Every queue has a worker in Procfile and compose; every task has an explicit name, a queue and a service."""

import importlib
import re
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import app
from config.queues import ALL

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "members", "messaging", "home")


def served(text: str) -> set[str]:
    return {queue for part in re.findall(r"celery -A config worker.*?-Q (\S+)", text) for queue in part.split(",")}


@pytest.mark.parametrize("name", ["Procfile", "docker-compose.yml"])
def test_every_queue_has_a_worker(name: str) -> None:
    assert served((ROOT / name).read_text()) == set(ALL)


def our_tasks() -> dict[str, object]:
    app.loader.import_default_modules()
    for name in APPS:
        if (ROOT / name / "tasks.py").exists():
            importlib.import_module(f"{name}.tasks")
    return {n: t for n, t in app.tasks.items() if not n.startswith("celery.")}


def test_tasks_are_named_after_their_app() -> None:
    tasks = our_tasks()

    assert tasks
    assert [n for n in tasks if n.split(".")[0] not in APPS] == []
    assert [n for n, t in tasks.items() if f"{n.split('.')[0]}.tasks" != type(t).__module__] == []


def test_task_names_are_written_out() -> None:
    for name in APPS:
        path = ROOT / name / "tasks.py"
        if path.exists():
            source = path.read_text()
            assert len(re.findall(r"@shared_task|@app\.task", source)) == len(re.findall(r'name="[a-z_.]+"', source))


def test_beat_rings_tasks_that_exist_on_queues_that_are_served() -> None:
    tasks = our_tasks()

    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in tasks
        assert entry["options"]["queue"] in ALL


def test_rings_name_a_task_and_a_queue_that_exist() -> None:
    tasks, wrong = our_tasks(), []
    for name in APPS:
        for path in (ROOT / name).rglob("*.py"):
            for task in re.findall(r'\bring\(\s*"([a-z_.]+)"', path.read_text()):
                if task not in tasks:
                    wrong.append(f"{path.name}: {task}")
    assert wrong == []


def test_celery_keeps_no_results_and_no_clock() -> None:
    assert settings.CELERY_RESULT_BACKEND is None
    for name in APPS:
        for path in (ROOT / name).rglob("*.py"):
            assert not re.search(r"\b(countdown|chord)\s*=|apply_async\([^)]*eta=|\bchord\(", path.read_text()), path
