"""Linting files of strangers: first in a process of its own, with a limit on its time and memory.

Our readers are bounded, but XML, JSON and expressions pass through many hands before they are findings. What
a file does to a process it does to the child first; a child that was ended becomes a finding, never a hang. Files that
the child survived are then linted here, so the result is what `engine.linting.lint` gives.

Run as a module, this is the child: it reads the files from its standard input and answers by its exit status.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.errors import N_
from engine.findings import Finding
from engine.linting import Contents, Files, Surroundings, lint

_OUT_OF_MEMORY = 3
_START_SECONDS = 60.0
_MEBIBYTE = 1024 * 1024
_log = logging.getLogger(__name__)


def lint_in_subprocess(files: Files, surroundings: Surroundings, seconds: float = 10, megabytes: int = 512) -> Contents:
    """What `engine.linting.lint` gives, or one error finding when the files cost more than the limits.

    `seconds` of processor time and `megabytes` of memory beyond what the engine itself needs.
    """
    problem = endured(_question(files, surroundings), seconds, megabytes)
    if problem is None:
        return lint(files, surroundings)
    return Contents(findings=[problem.in_file(next(iter(files), "") if len(files) == 1 else "")])


def endured(
    question: bytes, seconds: float, megabytes: int, command: Sequence[str] = ("-m", "engine.sandbox")
) -> Finding | None:
    """Let a child answer a question; None when it survived. `command` are the arguments of the Python interpreter."""
    room = str(Path(__file__).parents[1])
    environment = {"PYTHONPATH": room, "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the files are on its standard input
            [sys.executable, *command, str(seconds), str(megabytes)],
            input=question,
            capture_output=True,
            timeout=seconds + _START_SECONDS,  # of the wall clock, should the machine be busy
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _too_long(seconds)
    if done.returncode == 0:
        return None
    if done.returncode == -signal.SIGPROF:
        return _too_long(seconds)
    if done.returncode == _OUT_OF_MEMORY:
        return Finding(
            "too-much-memory",
            N_("Checking the files takes more than {megabytes} MB of memory."),
            {"megabytes": megabytes},
            N_("Split them into smaller ones."),
        )
    _log.error("linting ended with status %s: %s", done.returncode, done.stderr.decode(errors="replace")[-4000:])
    return Finding(
        "check-failed",
        N_("The files cannot be checked: the check itself ended (status {status})."),
        {"status": done.returncode},
        N_("Deploy them one by one to find the one it is; the server's log says more."),
    )


def _too_long(seconds: float) -> Finding:
    return Finding(
        "too-slow",
        N_("Checking the files takes longer than {seconds} seconds."),
        {"seconds": seconds},
        N_("Split them into smaller ones."),
    )


def _question(files: Files, surroundings: Surroundings) -> bytes:
    known: dict[str, Any] = asdict(surroundings)
    texts = {name: base64.b64encode(content).decode("ascii") for name, content in files.items()}
    return json.dumps({"files": texts, "surroundings": known}, default=sorted).encode()


def _answer(seconds: float, megabytes: int) -> None:
    """The child: lint what is on standard input within the limits; what it finds is of no interest."""
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    limit = used + megabytes * _MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_PROF, seconds)  # nobody handles SIGPROF, so the kernel ends the process
    asked: dict[str, dict[str, Any]] = json.loads(sys.stdin.buffer.read())
    known: dict[str, Any] = {key: _set_or_number(value) for key, value in asked["surroundings"].items()}
    lint({name: base64.b64decode(text) for name, text in asked["files"].items()}, Surroundings(**known))


def _set_or_number(value: list[str] | int) -> frozenset[str] | int:
    return frozenset(value) if isinstance(value, list) else value


if __name__ == "__main__":
    try:
        _answer(float(sys.argv[1]), int(sys.argv[2]))
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
