"""What is proven about a diagram before it is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bpmn import read_processes
from engine.findings import Finding, Severity
from engine.linting import Surroundings, lint
from engine.semantics import Automaton, Explorer, Net, check_soundness
from engine.semantics.explore import Space
from engine.semantics.soundness import findings_in
from engine.settings import soundness_states
from tests.bpmn_host import specification
from tests.bpmn_xml import (
    ROOTS,
    START_END,
    boundary,
    definitions,
    error,
    event_subprocess,
    message,
    multi_instance,
    script,
    service,
    subprocess,
    tag,
    timer,
    user,
)
from tests.unit.semantics.large import TERMINATE, branches, sixty_nodes
from tests.unit.semantics.random_diagrams import Draughtsman

INSIDE = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'


def gateway(kind: str, element_id: str, **attributes: str) -> str:
    return tag(f"{kind}Gateway", element_id, **attributes)


def users(names: str) -> str:
    return "".join(user(name) for name in names)


def found(body: str, flows: str, cap: int = 20_000) -> list[Finding]:
    return check_soundness(specification(body, flows, ROOTS), cap)


def codes(body: str, flows: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.element) for finding in found(body, flows)]


# ---- unsound --------------------------------------------------------------------------------------------------------


def test_an_exclusive_split_before_a_parallel_join_is_a_deadlock_and_the_path_is_named() -> None:
    body = START_END + gateway("exclusive", "x", default="d") + gateway("parallel", "j") + users("ab")
    (finding,) = found(body, "s > x; x > a | =c; x > b | | d; a > j; b > j; j > e")
    assert (finding.code, finding.element, finding.severity) == ("deadlock", "j", Severity.ERROR)
    assert finding.message == "A token waits at j for others that never come: s → x → a → j."


def test_a_parallel_split_before_an_exclusive_merge_is_not_synchronised() -> None:
    body = START_END + gateway("parallel", "p") + gateway("exclusive", "m") + users("abz")
    assert codes(body, "s > p; p > a; p > b; a > m; b > m; m > z; z > e") == [("not-synchronised", "m")]


def test_branches_that_meet_in_a_task_without_a_gateway_are_not_synchronised() -> None:
    body = START_END + users("abz")
    assert codes(body, "s > a; s > b; a > z; b > z; z > e") == [("not-synchronised", "z")]


def test_a_branch_that_comes_together_with_what_a_boundary_timer_began_is_not_synchronised() -> None:
    body = START_END + users("az") + boundary("t", "a", timer("PT1H"), interrupting=False)
    assert codes(body, "s > a; a > z; t > z; z > e") == [("not-synchronised", "z")]


def test_a_split_in_a_loop_without_a_join_is_not_synchronised() -> None:
    body = START_END + gateway("exclusive", "m") + gateway("parallel", "p") + users("ab")
    assert codes(body, "s > m; m > a; a > p; p > m; p > b; b > e")[0][0] == "not-synchronised"


def test_a_loop_without_an_exit_never_ends() -> None:
    body = START_END + gateway("exclusive", "m") + gateway("exclusive", "x", default="d") + users("ab")
    flows = "s > x; x > e | =c; x > m | | d; m > a; a > b; b > m"
    assert ("no-way-to-end", "a") in codes(body, flows)


def test_automatic_steps_in_a_circle_never_end() -> None:
    body = START_END + gateway("exclusive", "m") + script("a", "=1", "x")
    assert codes(body, "s > e; s > m; m > a; a > m")[0][0] in ("no-way-to-end", "not-synchronised")


def test_two_inclusive_joins_that_wait_for_each_other_are_a_deadlock() -> None:
    body = START_END + gateway("parallel", "p") + gateway("inclusive", "i") + gateway("inclusive", "j") + users("abcd")
    body += gateway("exclusive", "x", default="dx") + gateway("exclusive", "y", default="dy")
    flows = "s > p; p > a; p > b; a > i; b > j; i > x; j > y; x > c | =c; x > e | | dx; y > d | =c; y > e | | dy"
    assert "deadlock" in {code for code, _ in codes(body, flows + "; c > j; d > i")}


def test_a_join_that_nothing_feeds_twice_is_found_inside_a_subprocess() -> None:
    inner = INSIDE + gateway("exclusive", "x", default="d") + gateway("parallel", "j")
    body = START_END + subprocess("sp", inner, "s2 > x; x > j | =c; x > j | | d; j > e2")
    assert codes(body, "s > sp; sp > e") == [("deadlock", "j")]


def test_a_deadlock_that_a_boundary_timer_ends_is_none() -> None:
    inner = INSIDE + gateway("exclusive", "x", default="d") + gateway("parallel", "j")
    body = (
        START_END
        + subprocess("sp", inner, "s2 > x; x > j | =c; x > j | | d; j > e2")
        + boundary("t", "sp", timer("PT1H"))
    )
    assert ("deadlock", "j") not in codes(body, "s > sp; sp > e; t > e")


# ---- dead parts -----------------------------------------------------------------------------------------------------


def test_a_default_flow_beside_one_without_condition_is_dead() -> None:
    body = START_END + user("a", default="d") + users("bc")
    assert codes(body, "s > a; a > b; a > c | | d; b > e; c > e") == [("dead-flow", "d")]


def test_an_error_event_for_an_error_that_nobody_throws_is_dead() -> None:
    inner = '<bpmn:startEvent id="s2"/>' + tag("endEvent", "e2", error())
    body = (
        START_END
        + subprocess("sp", inner, "s2 > e2")
        + boundary("b", "sp", error())
        + boundary("b2", "sp", error("ER2"))
    )
    found_codes = codes(body, "s > sp; sp > e; b > e; b2 > e")
    assert ("dead-node", "b2") in found_codes
    assert ("dead-flow", "f0_s_sp") not in found_codes


def test_a_boundary_event_of_a_task_that_never_waits_is_dead() -> None:
    body = START_END + script("a", "=1", "x") + boundary("t", "a", timer("PT1H"))
    assert codes(body, "s > a; a > e; t > e") == [("dead-node", "t")]


# ---- sound ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_matching_gateways_are_sound(kind: str) -> None:
    condition = "=c" if kind == "inclusive" else ""
    body = START_END + gateway(kind, "g") + gateway(kind, "j") + users("ab")
    assert not codes(body, f"s > g; g > a | {condition}; g > b | {condition}; a > j; b > j; j > e")


def test_an_inclusive_join_in_a_loop_is_sound() -> None:
    gateways = gateway("exclusive", "m") + gateway("inclusive", "g") + gateway("inclusive", "j")
    flows = "s > m; m > g; g > a | =c; g > b | =c; a > j; b > j; j > z; z > x; x > m | =c; x > e | | d"
    assert not codes(START_END + gateways + gateway("exclusive", "x", default="d") + users("abz"), flows)


def test_branches_may_come_to_one_end_event_each_by_its_own_flow() -> None:
    assert not codes(START_END + users("ab"), "s > a; s > b; a > e; b > e")


def test_reminders_with_an_end_of_their_own_are_sound_even_in_a_loop() -> None:
    body = START_END + gateway("exclusive", "m") + gateway("exclusive", "x", default="d") + users("ah")
    body += boundary("t", "a", timer("R3/PT1H", "timeCycle"), interrupting=False) + tag("endEvent", "e2")
    assert not codes(body, "s > m; m > a; a > x; x > m | =c; x > e | | d; t > h; h > e2")


def test_a_message_may_start_an_event_subprocess_beside_the_case() -> None:
    beside = event_subprocess("ev", message(), False, user("u") + tag("endEvent", "ee"), "ev_s > u; u > ee")
    assert not codes(START_END + user("a") + beside, "s > a; a > e")


def test_errors_of_handlers_and_multi_instances_are_sound() -> None:
    body = START_END + service("w", inner=multi_instance("=items")) + boundary("b", "w", error()) + user("h")
    assert not codes(body, "s > w; w > e; b > h; h > e")


def test_every_start_event_is_looked_at() -> None:
    body = START_END + gateway("parallel", "j") + users("a")
    body += '<bpmn:startEvent id="m"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>'
    assert codes(body, "s > j; m > j; j > a; a > e") == [("deadlock", "j")]


@pytest.mark.parametrize("path", sorted(Path("processes").glob("*/*.bpmn")), ids=lambda path: path.stem)
def test_the_shipped_processes_are_sound(path: Path) -> None:
    for process in read_processes(path.read_bytes(), path.name).processes:
        assert check_soundness(process) == []


# ---- caps, figures, and the reduction -------------------------------------------------------------------------------


def test_beyond_the_cap_soundness_is_undecided_which_is_a_warning() -> None:
    (finding,) = found(*branches(6, 3, TERMINATE), cap=500)
    assert (finding.code, finding.severity) == ("soundness-undecided", Severity.WARNING)


def test_the_cap_is_a_setting() -> None:
    assert soundness_states({"BAOXIU_SOUNDNESS_STATES": "7"}) == 7
    assert soundness_states({}) == 20_000


def space_of(place: tuple[str, str], reduce: bool = True) -> Space:
    return Explorer(Automaton(Net(specification(*place), once=True)), reduce=reduce).explore()


def test_branches_that_do_not_hinder_each_other_need_few_states() -> None:
    """How long that takes is measured by ``baoxiu bench lint``."""
    assert len(space_of(branches(6, 3)).states) <= 20
    assert len(space_of(branches(6, 3, TERMINATE)).states) == 4**6


def test_a_large_diagram_needs_few_states() -> None:
    contents = lint({"big.bpmn": definitions(*sixty_nodes())}, Surroundings())
    assert len(contents.processes["big.bpmn"][0].elements) >= 60
    assert not flow_findings(contents.findings)
    assert len(space_of(sixty_nodes()).states) < 200


def flow_findings(findings: list[Finding]) -> set[str]:
    """The codes of those that soundness is about."""
    about = ("deadlock", "not-synchronised", "no-way-to-end", "dead-node", "dead-flow", "soundness-undecided")
    return {finding.code for finding in findings} & set(about)


def test_linting_proves_the_soundness_of_processes_without_errors_only() -> None:
    body = START_END + gateway("exclusive", "x", default="d") + gateway("parallel", "j")
    flows = "s > x; x > j | =c; x > j | | d; j > e"
    drawn = definitions(body, flows)
    assert flow_findings(lint({"a.bpmn": drawn}, Surroundings()).findings) == {"deadlock"}
    broken = definitions(body + tag("complexGateway", "z"), flows)
    assert not flow_findings(lint({"a.bpmn": broken}, Surroundings()).findings)


def verdict(seed: int, reduce: bool) -> tuple[object, ...] | None:
    """What is found in a random diagram; None where there are too many states."""
    resource = read_processes(Draughtsman(seed).diagram())
    if resource.findings:
        return None
    net = Net(resource.processes[0], once=True)
    automaton = Automaton(net)
    space = Explorer(automaton, 4_000, reduce=reduce).explore()
    if not space.is_whole:
        return None
    findings = findings_in(automaton, space)
    dead = frozenset(finding.element for finding in findings if finding.code.startswith("dead-"))
    return bool(space.doubled), frozenset(finding.code for finding in findings), dead


def test_the_reduced_state_space_tells_the_same_as_the_full_one() -> None:
    for seed in range(250):
        assert verdict(seed, True) == verdict(seed, False), seed


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_the_reduced_state_space_tells_the_same_of_many_diagrams(block: int) -> None:
    for seed in range(1_000 + block * 300, 1_300 + block * 300):
        assert verdict(seed, True) == verdict(seed, False), seed
