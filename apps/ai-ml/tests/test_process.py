"""The service as a process of its own, as in its image. Every line that it writes must be JSON."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx2
import pytest


class Process:
    def __init__(self, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ai_ml"],
            env={**os.environ, "PORT": "0", **env},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: list[dict[str, Any]] = []

    def line(self, message: str) -> dict[str, Any]:
        """Reads on until a line holds the message; all lines are kept."""
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self.lines.append(json.loads(text))
            if message in self.lines[-1]["msg"]:
                return self.lines[-1]
        raise AssertionError(f"expected a log line with {message!r}, got {self.lines}")

    def url(self) -> str:
        return f"http://localhost:{self.line('listening')['port']}"

    def end(self) -> int:
        out, _ = self.process.communicate(timeout=20)
        self.lines += [json.loads(text) for text in out.splitlines()]
        return self.process.returncode

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.end()


@pytest.fixture
def run() -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def run_service(**env: str) -> Process:
        started.append(Process(env))
        return started[-1]

    yield run_service
    for process in started:
        process.process.kill()
        process.process.communicate()


Run = Callable[..., Process]


def test_it_listens_logs_json_with_its_version_and_ends_with_0_on_sigterm(run: Run) -> None:
    service = run(SERVICE_VERSION="1.2.3")
    answer = httpx2.get(f"{service.url()}/health/ready")
    assert answer.json() == {"status": "ok", "service": "ai-ml", "version": "1.2.3"}
    assert service.terminate() == 0
    assert service.lines[-1].items() >= {"msg": "shut down", "version": "1.2.3", "level": "info"}.items()


def test_it_finishes_an_open_request_after_sigterm(run: Run) -> None:
    service = run(FAULT_LATENCY_MS="600")
    url = service.url()
    answers: list[int] = []
    body = {"text": "A ship."}
    thread = threading.Thread(
        target=lambda: answers.append(httpx2.post(f"{url}/summarize", json=body).status_code)
    )
    thread.start()
    time.sleep(0.2)
    assert service.terminate() == 0
    thread.join()
    assert answers == [200]


def test_it_crashes_with_1_and_a_log_line_after_the_given_seconds(run: Run) -> None:
    service = run(FAULT_CRASH_AFTER_SECONDS="0.5")
    assert service.end() == 1
    assert service.lines[-1]["level"] == "fatal"
    assert "FAULT_CRASH_AFTER_SECONDS" in service.lines[-1]["msg"]


def test_it_listens_only_after_the_start_delay(run: Run) -> None:
    service = run(FAULT_START_DELAY_SECONDS="1")
    announced = service.line("FAULT_START_DELAY_SECONDS")
    listening = service.line("listening")
    waited = datetime.fromisoformat(listening["time"]) - datetime.fromisoformat(announced["time"])
    assert waited.total_seconds() >= 0.99


def test_it_ends_with_0_on_sigterm_while_it_still_waits_to_listen(run: Run) -> None:
    service = run(FAULT_START_DELAY_SECONDS="60")
    service.line("FAULT_START_DELAY_SECONDS")
    assert service.terminate() == 0


def test_it_does_not_start_with_a_wrong_configuration_and_says_what_is_wrong(run: Run) -> None:
    service = run(FAULT_ERROR_RATE="30%")
    assert service.end() == 1
    assert "FAULT_ERROR_RATE: expected a number" in service.lines[0]["problems"][0]


def test_it_ends_with_1_when_its_port_is_taken(run: Run) -> None:
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104 - the service's own address
        service = run(PORT=str(other.getsockname()[1]))
        assert service.end() == 1
    assert "cannot listen on port" in service.lines[-1]["msg"]
