"""The production shape has a place to practise in, and nobody outside can reach it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def networks(service: dict[str, Any]) -> set[str]:
    return set(service.get("networks", ["default"]))


def test_procfile_and_compose_start_a_closed_sandbox(services: dict[str, Any]) -> None:
    line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("sandbox: "))

    for command in (line, services["sandbox"]["command"]):
        assert "python -m messaging.sandbox" in command and "--no-control" in command and "--keep-days" in command
    assert "--host" not in line  # without a network of its own it stays on its machine


def test_sandbox_is_on_a_network_of_its_own_and_has_no_port(services: dict[str, Any]) -> None:
    whole = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    (own,) = networks(services["sandbox"])

    assert whole["networks"][own]["internal"] is True
    assert "ports" not in services["sandbox"] and "env_file" not in services["sandbox"]
    assert own not in networks(services["front"])


def test_every_process_of_ours_knows_the_sandbox(services: dict[str, Any]) -> None:
    for name in ("web", "now", "worker", "bulk", "beat"):
        assert services[name]["environment"]["ALIGO_SANDBOX_URL"] == "http://sandbox:8001"
        assert networks(services["sandbox"]) <= networks(services[name])


@pytest.mark.parametrize("part", ["read_only", "cap_drop", "security_opt", "restart"])
def test_sandbox_is_as_confined_as_the_others(services: dict[str, Any], part: str) -> None:
    assert services["sandbox"][part] == services["web"][part]
