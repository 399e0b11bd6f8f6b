from collections.abc import Callable

import pytest

from tests.conftest import Service

Start = Callable[..., Service]
OK = {"status": "ok", "service": "ai-ml", "version": "1.2.3"}


def test_a_summary_has_three_sentences_unless_told_otherwise(start: Start) -> None:
    client = start().client
    text = "A ship. A ship sails. A ship sinks. A bird."
    answer = client.post("/summarize", json={"text": text})
    assert answer.status_code == 200
    assert answer.json() == {"summary": "A ship. A ship sails. A ship sinks.", "sentences": 3}
    assert client.post("/summarize", json={"text": text, "sentences": 1}).json()["sentences"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "text"), ({"text": ""}, "text"), ({"text": "a", "sentences": 0}, "sentences")],
)
def test_a_wrong_request_is_refused_and_names_the_field(start: Start, body: dict, field: str) -> None:
    answer = start().client.post("/summarize", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_answers_ok_with_service_and_version(start: Start, path: str) -> None:
    answer = start().client.get(path)
    assert (answer.status_code, answer.json()) == (200, OK)


def test_metrics_count_a_request_under_its_route(start: Start) -> None:
    service = start()
    service.client.post("/summarize", json={"text": "A ship."})
    labels = 'code="200",method="POST",route="/summarize"'
    assert service.counts() == [f"http_request_duration_seconds_count{{{labels}}} 1.0"]


def test_metrics_count_every_unknown_path_under_one_label(start: Start) -> None:
    service = start()
    for path in ("/secret/one", "/secret/two"):
        assert service.client.get(path).status_code == 404
    labels = 'code="404",method="GET",route="unmatched"'
    assert service.counts() == [f"http_request_duration_seconds_count{{{labels}}} 2.0"]


def test_metrics_do_not_count_health_checks_and_scrapes(start: Start) -> None:
    service = start()
    service.client.get("/health/ready")
    service.client.get("/metrics")
    assert service.counts() == []


def test_metrics_keep_an_invented_method_out_of_the_labels(start: Start) -> None:
    service = start()
    service.client.request("SECRET", "/summarize")
    labels = 'code="405",method="other",route="/summarize"'
    assert service.counts() == [f"http_request_duration_seconds_count{{{labels}}} 1.0"]


def test_metrics_use_the_agreed_buckets(start: Start) -> None:
    service = start()
    service.client.post("/summarize", json={"text": "A ship."})
    name = "http_request_duration_seconds_bucket"
    lines = [line for line in service.client.get("/metrics").text.splitlines() if line.startswith(name)]
    buckets = [line.split('le="')[1].split('"')[0] for line in lines]
    assert buckets == ["0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "+Inf"]


def test_a_request_is_logged_with_route_code_duration_and_the_given_id(start: Start) -> None:
    service = start()
    service.client.post("/summarize", json={"text": "A ship."}, headers={"x-request-id": "trace-7"})
    (line,) = service.lines
    assert line["durationMs"] >= 0
    expected = {"level": "info", "msg": "request", "requestId": "trace-7", "route": "/summarize", "code": 200}
    assert expected.items() <= line.items()


def test_a_request_id_that_could_forge_a_log_line_is_replaced(start: Start) -> None:
    service = start()
    service.client.get("/", headers={"x-request-id": 'a b"c'})
    assert "a b" not in service.lines[0]["requestId"]
