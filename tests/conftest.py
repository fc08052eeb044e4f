"""What the whole test run says about itself."""

from __future__ import annotations

import pytest

from tests.kit import KIT


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly when the DMN test kit could not be run: a run without it proves less."""
    if not KIT.exists():
        terminalreporter.section("the DMN test kit did not run", yellow=True, bold=True)
        terminalreporter.write_line(f"There is no {KIT}; whether FEEL and DMN follow the standard was not checked.")
