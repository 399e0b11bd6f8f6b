import time
from collections.abc import Callable

from tests.conftest import Service

Start = Callable[..., Service]
BODY = {"text": "A ship."}


def test_error_rate_answers_the_given_share_of_the_requests_500(start: Start) -> None:
    draws = iter([0.1, 0.29, 0.3, 0.9])
    client = start(random=lambda: next(draws), error_rate=0.3).client
    codes = [client.post("/summarize", json=BODY).status_code for _ in range(4)]
    assert codes == [500, 500, 200, 200]


def test_an_injected_error_says_so_and_is_counted_under_its_route(start: Start) -> None:
    service = start(error_rate=1)
    assert service.client.post("/summarize", json=BODY).json()["error"] == "injected_fault"
    labels = 'code="500",method="POST",route="/summarize"'
    assert service.counts() == [f"http_request_duration_seconds_count{{{labels}}} 1.0"]
    assert service.lines[-1]["level"] == "error"


def test_error_rate_spares_health_checks_and_metrics(start: Start) -> None:
    client = start(error_rate=1).client
    paths = ("/health/live", "/health/ready", "/metrics")
    assert [client.get(path).status_code for path in paths] == [200, 200, 200]


def test_latency_is_added_to_requests_and_measured_but_spares_health_checks(start: Start) -> None:
    service = start(latency_ms=150)
    service.client.post("/summarize", json=BODY)
    assert service.lines[-1]["durationMs"] >= 148
    started_at = time.perf_counter()
    service.client.get("/health/ready")
    assert time.perf_counter() - started_at < 0.14


def test_never_ready_keeps_the_service_alive_but_not_ready_and_logs_why(start: Start) -> None:
    service = start(never_ready=True)
    paths = ("/health/live", "/health/ready", "/health/ready")
    assert [service.client.get(path).status_code for path in paths] == [200, 503, 503]
    line = service.lines[0]
    assert (line["level"], line["msg"], line["reason"]) == ("warn", "not ready", "FAULT_NEVER_READY is set")
