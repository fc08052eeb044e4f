"""The engine against an independent oracle on random block-structured processes."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from engine.bpmn import Execution, TokenView, Waiting
from tests.bpmn_host import MemoryHost, specification
from tests.unit.bpmn.random_processes import CHOICES, Generator, Oracle, draw_process

ENABLED = (Waiting.USER_TASK, Waiting.TIMER)


def path_of(host: MemoryHost, token: TokenView) -> tuple[int, ...]:
    """The loop counters around a token, from the outside inwards."""
    scopes = [host.scopes.values[scope] for scope in host.scopes.chain(token.scope)]
    return tuple(int(str(values["loopCounter"])) for values in reversed(scopes) if "loopCounter" in values)


def enabled(execution: Execution, host: MemoryHost) -> dict[tuple[str, tuple[int, ...]], list[int]]:
    """What can happen now: element and path to the tokens that wait there."""
    found: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    for token in execution.tokens():
        if token.waiting in ENABLED:
            found.setdefault((token.element.id, path_of(host, token)), []).append(token.id)
    return found


def play(seed: int, steps: int = 80) -> int:
    """One random process, played on both; how many steps it took."""
    draw = random.Random(seed)
    block = Generator(draw).process(3 + seed % 2)
    specified = specification(*draw_process(block))
    choice = draw_choice(draw)
    oracle, host = Oracle(choice), MemoryHost({"choice": choice})
    oracle.start(block)
    execution = Execution.begin(specified, host)
    execution.start()
    for step in range(steps):
        possible = enabled(execution, host)
        assert Counter({key: len(tokens) for key, tokens in possible.items()}) == oracle.enabled(), (seed, step)
        assert execution.is_completed == oracle.finished == host.ended, (seed, step)
        if oracle.finished:
            assert list(host.scopes.values) == [0]
            return step
        key = draw.choice(sorted(possible))
        oracle.choice = choice = draw_choice(draw)
        host.variables["choice"] = choice
        oracle.happen(*key)
        token = execution.token(possible[key][0])
        assert token is not None
        if token.waiting is Waiting.USER_TASK:
            execution.complete(token.id, {})
        else:
            execution.fire(token.id)
        assert all(view.data == {} for view in execution.tokens())  # type: ignore[attr-defined]
        if draw.random() < 0.6:
            execution = Execution.restore(specified, execution.snapshot(), host)
    return steps


def draw_choice(draw: random.Random) -> list[bool]:
    return [draw.random() < 0.45 for _ in range(CHOICES)]


@pytest.mark.parametrize("block", range(6))
def test_random_processes_run_like_the_oracle(block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        play(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(40))
def test_many_random_processes_run_like_the_oracle(block: int) -> None:
    for seed in range(1_000 + block * 100, 1_000 + block * 100 + 100):
        play(seed)


@pytest.mark.parametrize("seed", [11, 12])
def test_one_specification_serves_many_threads(seed: int) -> None:
    import threading

    draw = random.Random(seed)
    specified = specification(*draw_process(Generator(draw).process(4)))
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            for turn in range(3):
                finish(specified, random.Random(f"{seed}.{number}.{turn}"))
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def finish(specified: object, draw: random.Random) -> None:
    """Play an instance for a while or to its end, restored after every step."""
    host = MemoryHost({"choice": draw_choice(draw)})
    execution = Execution.begin(specified, host)  # type: ignore[arg-type]
    execution.start()
    for _ in range(60):
        possible = enabled(execution, host)
        if not possible:
            break
        token = execution.token(possible[draw.choice(sorted(possible))][0])
        assert token is not None
        host.variables["choice"] = draw_choice(draw)
        if token.waiting is Waiting.USER_TASK:
            execution.complete(token.id, {})
        else:
            execution.fire(token.id)
        execution = Execution.restore(specified, execution.snapshot(), host)  # type: ignore[arg-type]
