import pytest

from ai_ml.config import Config, ConfigurationError, Faults, read_config


def test_everything_has_a_default_and_no_fault_is_on() -> None:
    assert read_config({}) == Config(port=8000, version="development", faults=Faults())
    assert Faults().active() == {}


def test_every_fault_switch_is_read() -> None:
    faults = read_config(
        {
            "FAULT_ERROR_RATE": "0.25",
            "FAULT_LATENCY_MS": "300",
            "FAULT_NEVER_READY": "TRUE",
            "FAULT_CRASH_AFTER_SECONDS": "0",
            "FAULT_START_DELAY_SECONDS": "2",
        }
    ).faults
    assert faults == Faults(0.25, 300, True, 0, 2)
    assert len(faults.active()) == 5


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_never_ready_can_be_switched_off(value: str) -> None:
    assert read_config({"FAULT_NEVER_READY": value}).faults.active() == {}


def test_every_wrong_variable_is_reported_at_once_with_what_was_expected() -> None:
    env = {
        "PORT": "http",
        "FAULT_ERROR_RATE": "2",
        "FAULT_NEVER_READY": "perhaps",
        "FAULT_CRASH_AFTER_SECONDS": "inf",
    }
    with pytest.raises(ConfigurationError) as caught:
        read_config(env)
    ending = "; correct it or unset it"
    crash = "environment variable FAULT_CRASH_AFTER_SECONDS: expected a number from 0 to 86400"
    assert sorted(caught.value.problems) == [
        f'{crash}, got "inf"{ending}',
        f'environment variable FAULT_ERROR_RATE: expected a number from 0 to 1, got "2"{ending}',
        f'environment variable FAULT_NEVER_READY: expected 1, true, 0 or false, got "perhaps"{ending}',
        f'environment variable PORT: expected a number from 0 to 65535, got "http"{ending}',
    ]
