"""One JSON object a line on stdout."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO


class JsonFormatter(logging.Formatter):
    def __init__(self, service: str, version: str) -> None:
        super().__init__()
        self.base = {"service": service, "version": version}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "level": {"WARNING": "warn", "CRITICAL": "fatal"}.get(record.levelname, record.levelname.lower()),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            **self.base,
            **getattr(record, "fields", {}),
            "msg": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def create_logger(service: str, version: str, stream: TextIO | None = None) -> logging.Logger:
    """The service's logger; what the libraries log goes the same way."""
    handler = logging.StreamHandler(sys.stdout if stream is None else stream)
    handler.setFormatter(JsonFormatter(service, version))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    logger = logging.getLogger(service)
    logger.setLevel(logging.INFO)
    return logger


def fields(**values: object) -> dict[str, dict[str, object]]:
    """Extra fields of a log line: logger.info("...", extra=fields(code=200))."""
    return {"fields": values}
