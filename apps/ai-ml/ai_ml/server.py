"""Starts, crashes and ends the process as its environment says."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from ai_ml.config import Config
from ai_ml.log import fields

_SHUTDOWN_TIMEOUT_SECONDS = 15
# Longer than clients and gateways (90 s in Traefik) keep an idle connection: the side that closes
# first must not be the server, else a request meets a closed socket.
_KEEP_ALIVE_SECONDS = 95


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, log: logging.Logger) -> None:
        super().__init__(config)
        self.log = log

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again after a clean shutdown, and the process would end by it
        # instead of with status 0; serve() below has handlers of its own.
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            self.log.info("listening", extra=fields(port=port))


async def serve(app: ASGIApp, config: Config, log: logging.Logger) -> int:
    """Serves until SIGTERM or SIGINT; the status with which the process is to end."""
    stopping = asyncio.Event()
    server = _Server(
        uvicorn.Config(
            app,
            host="0.0.0.0",  # noqa: S104 - a container is reached from outside
            port=config.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT_SECONDS,
        ),
        log,
    )

    def stop(name: str) -> None:
        if stopping.is_set():
            return
        log.info("shutting down: no new connections, open requests are finished", extra=fields(signal=name))
        stopping.set()
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number.name)

    faults = config.faults
    if faults.active():
        log.warning("faults are switched on", extra=fields(faults=faults.active()))
    if faults.crash_after_seconds is not None:
        loop.call_later(faults.crash_after_seconds, _crash, faults.crash_after_seconds, log)
    if faults.start_delay_seconds > 0:
        log.warning(f"FAULT_START_DELAY_SECONDS: opening the port in {faults.start_delay_seconds:g} s")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), faults.start_delay_seconds)
    if not stopping.is_set():
        try:
            await server.serve()
        except SystemExit:
            log.critical(f"cannot listen on port {config.port}; free it or set PORT")
            return 1
    log.info("shut down")
    return 0


def _crash(seconds: float, log: logging.Logger) -> None:
    log.critical(f"FAULT_CRASH_AFTER_SECONDS: exiting with status 1 after {seconds:g} s")
    # sys.exit would be caught by the event loop, and a crash does not tidy up.
    os._exit(1)
