"""Measures, logs and, where told, spoils every request but health checks and metrics."""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ai_ml.config import Faults
from ai_ml.log import fields
from ai_ml.metrics import UNMATCHED_ROUTE, Metrics

_EXEMPT = ("/health/", "/metrics")
_REQUEST_ID = re.compile(rb"[\w-]{1,64}")
# What HTTP knows; a client may send any other word, and each would be a time series.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


class Observe:
    def __init__(
        self,
        app: ASGIApp,
        routes: list[Route],
        metrics: Metrics,
        faults: Faults,
        log: logging.Logger,
        random: Callable[[], float],
    ) -> None:
        self.app = app
        self.routes = routes
        self.metrics = metrics
        self.faults = faults
        self.log = log
        self.random = random

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_EXEMPT):
            await self.app(scope, receive, send)
            return
        started_at = time.perf_counter()
        code = 500

        async def remember_code(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
            await send(message)

        try:
            await self._answer(scope, receive, remember_code)
        finally:
            self._record(scope, code, time.perf_counter() - started_at)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.faults.latency_ms > 0:
            await asyncio.sleep(self.faults.latency_ms / 1000)
        answer: ASGIApp = self.app
        if self.random() < self.faults.error_rate:
            message = "this answer was injected by FAULT_ERROR_RATE"
            answer = JSONResponse({"error": "injected_fault", "message": message}, status_code=500)
        await answer(scope, receive, send)

    def _record(self, scope: Scope, code: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        # Asked of the routes here, since an injected fault never gets as far as the router.
        matched = (route.path for route in self.routes if route.matches(scope)[0] is not Match.NONE)
        route = next(matched, UNMATCHED_ROUTE)
        self.metrics.observe(method, route, code, seconds)
        line = fields(
            requestId=_request_id(scope),
            method=method,
            route=route,
            code=code,
            durationMs=round(seconds * 1000),
        )
        self.log.log(logging.ERROR if code >= 500 else logging.INFO, "request", extra=line)


def _request_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
