"""The routes of the service."""

import logging
import random as random_module
from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from ai_ml.config import SERVICE, Config
from ai_ml.log import fields
from ai_ml.metrics import Metrics
from ai_ml.observe import Observe
from ai_ml.summarize import summarize


class SummarizeRequest(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=200_000)]
    sentences: Annotated[int, Field(ge=1, le=20)] = 3


class SummarizeResponse(BaseModel):
    summary: str
    sentences: int


def create_app(config: Config, log: logging.Logger, random: Callable[[], float] | None = None) -> FastAPI:
    # No documentation pages: the service is internal, and they load scripts from a public host.
    app = FastAPI(title=SERVICE, version=config.version, docs_url=None, redoc_url=None, openapi_url=None)
    metrics = Metrics()
    ok = {"status": "ok", "service": SERVICE, "version": config.version}

    # def, not async def: FastAPI runs it in a thread, and a long text holds up no health check.
    @app.post("/summarize")
    def post_summarize(body: SummarizeRequest) -> SummarizeResponse:
        chosen = summarize(body.text, body.sentences)
        return SummarizeResponse(summary=" ".join(chosen), sentences=len(chosen))

    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    app.add_middleware(
        Observe,
        routes=routes,
        metrics=metrics,
        faults=config.faults,
        log=log,
        # Whether a fault is injected is no secret.
        random=random or random_module.random,
    )

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return ok

    @app.get("/health/ready")
    async def ready() -> JSONResponse:
        if not config.faults.never_ready:
            return JSONResponse(ok)
        reason = "FAULT_NEVER_READY is set"
        log.warning("not ready", extra=fields(reason=reason))
        return JSONResponse({**ok, "status": "unavailable", "reason": reason}, status_code=503)

    @app.get("/metrics")
    async def prometheus() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app
