"""Prometheus metrics of one app."""

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Histogram,
)

# The label of every request that no route answers: a path is user data and has no place in a label.
UNMATCHED_ROUTE = "unmatched"


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(collector)
        self._duration = Histogram(
            "http_request_duration_seconds",
            "Duration of HTTP requests in seconds, without health checks and metrics",
            ["method", "route", "code"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5),
            registry=self.registry,
        )

    def observe(self, method: str, route: str, code: int, seconds: float) -> None:
        self._duration.labels(method, route, str(code)).observe(seconds)
