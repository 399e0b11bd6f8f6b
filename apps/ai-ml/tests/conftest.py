import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ai_ml.app import create_app
from ai_ml.config import Config, Faults
from ai_ml.log import create_logger


class Service:
    """The app on a test client, with the lines that it logged."""

    def __init__(self, faults: Faults, random: Callable[[], float] | None = None) -> None:
        self._stream = io.StringIO()
        log = create_logger("ai-ml", "1.2.3", self._stream)
        app = create_app(Config(port=0, version="1.2.3", faults=faults), log, random)
        self.client = TestClient(app, raise_server_exceptions=False)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    def counts(self) -> list[str]:
        name = "http_request_duration_seconds_count"
        return [line for line in self.client.get("/metrics").text.splitlines() if line.startswith(name)]


@pytest.fixture
def start() -> Callable[..., Service]:
    def start_service(random: Callable[[], float] | None = None, **faults: Any) -> Service:
        return Service(Faults(**faults), random)

    return start_service
