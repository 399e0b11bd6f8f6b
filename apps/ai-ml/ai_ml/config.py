"""Configuration from the environment; every wrong variable is reported at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

SERVICE = "ai-ml"
_ONE_DAY_SECONDS = 86_400.0


class ConfigurationError(Exception):
    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Faults:
    """Faults switched on from outside, to see that the delivery notices them. All off by default."""

    error_rate: float = 0.0
    latency_ms: float = 0.0
    never_ready: bool = False
    crash_after_seconds: float | None = None
    start_delay_seconds: float = 0.0

    def active(self) -> dict[str, float | bool | None]:
        off = Faults()
        return {name: value for name, value in vars(self).items() if value != getattr(off, name)}


@dataclass(frozen=True)
class Config:
    port: int
    version: str
    faults: Faults


class _Reader:
    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.problems: list[str] = []

    def text(self, name: str, fallback: str) -> str:
        return self.env.get(name, "").strip() or fallback

    def number(self, name: str, fallback: float, low: float, high: float) -> float:
        value = self.text(name, "")
        if value == "":
            return fallback
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if low <= number <= high:
            return number
        self._report(name, f"a number from {low:g} to {high:g}", value)
        return fallback

    def flag(self, name: str) -> bool:
        value = self.text(name, "false")
        if value.lower() in {"1", "true", "0", "false"}:
            return value.lower() in {"1", "true"}
        self._report(name, "1, true, 0 or false", value)
        return False

    def _report(self, name: str, expected: str, got: str) -> None:
        self.problems.append(
            f'environment variable {name}: expected {expected}, got "{got}"; correct it or unset it'
        )


def read_config(env: Mapping[str, str]) -> Config:
    reader = _Reader(env)
    crash_after_seconds = reader.number("FAULT_CRASH_AFTER_SECONDS", -1, 0, _ONE_DAY_SECONDS)
    config = Config(
        port=int(reader.number("PORT", 8000, 0, 65_535)),
        version=reader.text("SERVICE_VERSION", "development"),
        faults=Faults(
            error_rate=reader.number("FAULT_ERROR_RATE", 0, 0, 1),
            latency_ms=reader.number("FAULT_LATENCY_MS", 0, 0, 600_000),
            never_ready=reader.flag("FAULT_NEVER_READY"),
            crash_after_seconds=None if crash_after_seconds < 0 else crash_after_seconds,
            start_delay_seconds=reader.number("FAULT_START_DELAY_SECONDS", 0, 0, _ONE_DAY_SECONDS),
        ),
    )
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return config
