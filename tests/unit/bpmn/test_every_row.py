"""docs/bpmn-support.md, row by row: what it says is executed runs as the automaton says, what it says is refused is.

The tables themselves are read here: a row without an example, or an example without a row, fails.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.bpmn import read_processes
from tests.bpmn_xml import (
    ROOTS,
    START_END,
    boundary,
    condition,
    definitions,
    error,
    escalation,
    event_subprocess,
    extensions,
    message,
    multi_instance,
    script,
    service,
    signal,
    subprocess,
    tag,
    timer,
    user,
)
from tests.unit.semantics.driving import Driver

TEXT = (Path(__file__).parents[3] / "docs" / "bpmn-support.md").read_text(encoding="utf-8")
PLAIN = "s > a; a > e"
COMPENSATE = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
INSIDE = '<bpmn:startEvent id="s2"/>' + user("b") + '<bpmn:endEvent id="e2"/>'
INSIDE_FLOWS = "s2 > b; b > e2"
HANDLER = user("h", isForCompensation="true")
ASSOCIATED = '<bpmn:association id="as" associationDirection="One" sourceRef="x" targetRef="h"/>'


def table(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    part = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def findings(body: str, flows: str = PLAIN) -> set[tuple[str, str]]:
    """What is found in a process: code and element."""
    found = read_processes(definitions(body, flows, ROOTS)).findings
    return {(finding.code, finding.element) for finding in found}


def drive(body: str, flows: str = PLAIN) -> None:
    """The engine does everything that it can do with the process, and all of it is what the automaton says."""
    resource = read_processes(definitions(body, flows, ROOTS))
    assert not resource.findings, [str(finding) for finding in resource.findings]
    driver = Driver(resource.processes[0], most=60)
    driver.compare()
    assert driver.events > 2


# ---- tasks, subprocesses and gateways --------------------------------------------------------------------------------


def gateway(kind: str, flows: str, *tasks: str) -> tuple[str, str]:
    """A split and a join of a kind around tasks."""
    inner = "".join(user(task) for task in tasks)
    return START_END + tag(f"{kind}Gateway", "g") + tag(f"{kind}Gateway", "j") + inner, flows


def catching(element_id: str, definition: str) -> str:
    return tag("intermediateCatchEvent", element_id, definition)


CALLED = extensions('<zeebe:calledElement processId="other" bindingType="latest"/>')
DECIDED = extensions('<zeebe:calledDecision decisionId="d" resultVariable="r"/>')
LOOP = (
    '<bpmn:standardLoopCharacteristics testBefore="true" loopMaximum="2">'
    "<bpmn:loopCondition>=again</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
)
TRANSACTION = (
    START_END
    + user("a")
    + subprocess("t", INSIDE + tag("endEvent", "x", CANCEL), INSIDE_FLOWS + "; b > x | =no", kind="transaction")
    + boundary("c", "t", CANCEL)
)
EXECUTED: dict[str, list[tuple[str, str]]] = {
    "`task`": [(START_END + tag("task", "a"), PLAIN)],
    "`userTask`, `manualTask`": [(START_END + user("a"), PLAIN), (START_END + tag("manualTask", "a"), PLAIN)],
    "`serviceTask`": [(START_END + service("a"), PLAIN)],
    "`scriptTask`": [(START_END + script("a", "=1", "x"), PLAIN)],
    "`businessRuleTask`": [(START_END + tag("businessRuleTask", "a", DECIDED), PLAIN)],
    "`sendTask`": [
        (START_END + tag("sendTask", "a", messageRef="M"), PLAIN),
        (START_END + tag("sendTask", "a", extensions('<zeebe:taskDefinition type="mail"/>')), PLAIN),
    ],
    "`receiveTask`": [(START_END + tag("receiveTask", "a", messageRef="M"), PLAIN)],
    "`callActivity`": [
        (START_END + tag("callActivity", "a", CALLED), PLAIN),
        (START_END + tag("callActivity", "a", CALLED.replace("latest", "deployment")), PLAIN),
        (
            START_END + tag("callActivity", "a", CALLED.replace('"latest"', '"versionTag" versionTag="v1"')),
            PLAIN,
        ),
    ],
    "`subProcess`": [(START_END + subprocess("a", INSIDE, INSIDE_FLOWS), PLAIN)],
    "`transaction`": [(TRANSACTION, "s > t; t > a; a > e; c > e")],
    "multi-instance": [
        (START_END + user("a", inner=multi_instance("=x")), PLAIN),
        (START_END + user("a", inner=multi_instance("=x", sequential=True)), PLAIN),
        (START_END + user("a", inner=multi_instance("=x", completion="=enough")), PLAIN),
    ],
    "standard loop": [(START_END + user("a", inner=LOOP), PLAIN)],
    "`exclusiveGateway`": [gateway("exclusive", "s > g; g > a | =x; g > b | =y; a > j; b > j; j > e", "a", "b")],
    "`parallelGateway`": [gateway("parallel", "s > g; g > a; g > b; a > j; b > j; j > e", "a", "b")],
    "`inclusiveGateway`": [gateway("inclusive", "s > g; g > a | =x; g > b | =y; a > j; b > j; j > e", "a", "b")],
    "`eventBasedGateway`": [
        (
            START_END + tag("eventBasedGateway", "g") + catching("m", message()) + catching("t", timer("PT1H")),
            "s > g; g > m; g > t; m > e; t > e",
        )
    ],
}


def test_every_row_of_tasks_and_gateways_has_an_example() -> None:
    rows = [row[0] for row in table("Tasks and subprocesses") + table("Gateways")]
    assert rows == list(EXECUTED)


@pytest.mark.parametrize("row", EXECUTED)
def test_what_a_row_says_is_executed_runs(row: str) -> None:
    for body, flows in EXECUTED[row]:
        drive(body, flows)


# ---- events ----------------------------------------------------------------------------------------------------------

POSITIONS = ("start", "catch", "throw", "boundary", "end")
DEFINITIONS = {
    "none": "",
    "timer": timer("PT1H"),
    "message": message(),
    "signal": signal(),
    "error": error(),
    "escalation": escalation(),
    "conditional": condition("=x"),
    "compensation": COMPENSATE,
    "cancel": CANCEL,
    "terminate": "<bpmn:terminateEventDefinition/>",
    "link": '<bpmn:linkEventDefinition name="L"/>',
}
CYCLE = timer("R3/PT1H", "timeCycle")
Place = tuple[str, str]
"""A process: its body and its flows."""


def at_start(definition: str) -> Place:
    return tag("startEvent", "x", definition) + user("a") + '<bpmn:endEvent id="e"/>', "x > a; a > e"


def in_event_subprocess(definition: str, interrupting: bool) -> Place:
    event = event_subprocess("x", definition, interrupting, user("c") + '<bpmn:endEvent id="e3"/>', "x_s > c; c > e3")
    return START_END + subprocess("a", INSIDE + event, INSIDE_FLOWS), PLAIN


def at_boundary(definition: str, interrupting: bool = True) -> Place:
    return START_END + user("a") + boundary("x", "a", definition, interrupting) + user("b"), PLAIN + "; x > b; b > e"


def in_the_flow(name: str, definition: str) -> Place:
    return START_END + user("a") + tag(name, "x", definition), "s > a; a > x; x > e"


def at_end(definition: str) -> Place:
    return START_END + user("a") + tag("endEvent", "x", definition), "s > a; a > e | =y; a > x"


def compensated(definition: str) -> Place:
    """An activity with a handler, and an event that throws compensation."""
    return START_END + user("a") + boundary("x", "a", definition) + HANDLER + ASSOCIATED, PLAIN


def linked() -> Place:
    link = DEFINITIONS["link"]
    throw = tag("intermediateThrowEvent", "x", link)
    return START_END + user("a") + throw + catching("y", link), "s > a; a > x; y > e"


def examples(kind: str, position: str, cell: str) -> tuple[list[Place], list[Place]]:
    """The processes that run and those that are refused, if a cell of the table is true."""
    definition = DEFINITIONS[kind]
    if position == "start":
        return _starts(kind, definition, cell)
    if position == "boundary":
        return _boundaries(kind, definition, cell)
    place = {
        "catch": in_the_flow("intermediateCatchEvent", definition),
        "throw": in_the_flow("intermediateThrowEvent", definition),
        "end": at_end(definition),
    }[position]
    if cell == "in a transaction":
        return [(TRANSACTION, "s > t; t > a; a > e; c > e")], [place]
    if kind == "link" and cell:
        return [linked()], []
    if cell == "no cycle":
        return [place], [in_the_flow("intermediateCatchEvent", CYCLE)]
    return ([place], []) if cell == "yes" else ([], [place])


def _starts(kind: str, definition: str, cell: str) -> tuple[list[Place], list[Place]]:
    top = at_start(definition)
    inside = [in_event_subprocess(definition, True), in_event_subprocess(definition, False)]
    if cell == "event subprocess":
        return (inside[:1], [top, inside[1]]) if kind == "error" else (inside, [top])
    if cell == "yes":
        return ([top], inside) if kind == "none" else ([top, *inside], [])
    assert cell == ""
    return [], [top, *inside]


def _boundaries(kind: str, definition: str, cell: str) -> tuple[list[Place], list[Place]]:
    both = [at_boundary(definition), at_boundary(definition, interrupting=False)]
    if cell == "yes":
        return both, []
    if cell == "cycle when not interrupting":
        return [*both, at_boundary(CYCLE, interrupting=False)], [at_boundary(CYCLE)]
    if cell == "interrupting":
        return both[:1], both[1:]
    if cell == "with a handler":
        return [compensated(definition)], both
    if cell == "of a transaction":
        return [(TRANSACTION, "s > t; t > a; a > e; c > e")], both
    assert cell == ""
    return [], both


def cells() -> list[tuple[str, str, str]]:
    """Every cell of the table of events: kind, position, what it says."""
    found: list[tuple[str, str, str]] = []
    for row in table("Events"):
        kind = re.split(r"[:\s]", row[0])[0]
        found += [(kind, position, cell) for position, cell in zip(POSITIONS, row[1:], strict=True)]
    return found


def test_the_table_of_events_has_every_kind() -> None:
    assert list(dict.fromkeys(kind for kind, _, _ in cells())) == list(DEFINITIONS)


@pytest.mark.parametrize(("kind", "position", "cell"), cells())
def test_what_a_cell_of_the_events_says_is_so(kind: str, position: str, cell: str) -> None:
    run, refused = examples(kind, position, cell)
    for place in run:
        drive(*place)
    for place in refused:
        assert findings(*place), place


# ---- refused ---------------------------------------------------------------------------------------------------------


def characteristic(inner: str) -> Place:
    return START_END + tag("userTask", "a", inner), PLAIN


MANY = multi_instance("=x")
REFUSED: dict[str, list[tuple[str, str, Place]]] = {
    "`adHocSubProcess`": [("unsupported", "x", (START_END + user("a") + tag("adHocSubProcess", "x"), PLAIN))],
    "`complexGateway`": [("unsupported", "x", (START_END + user("a") + tag("complexGateway", "x"), PLAIN))],
    "`dataStoreReference`": [("unsupported", "x", (START_END + user("a") + tag("dataStoreReference", "x"), PLAIN))],
    "`subChoreography`, `choreographyTask`, `callChoreography`": [
        ("unsupported", "x", (START_END + user("a") + tag(name, "x"), PLAIN))
        for name in ("subChoreography", "choreographyTask", "callChoreography")
    ],
    "`transaction` with a `method` other than `##Compensate`": [
        ("unsupported", "a", (START_END + subprocess("a", INSIDE, INSIDE_FLOWS, kind="transaction", method=m), PLAIN))
        for m in ("##Store", "##Image")
    ],
    "`implicitThrowEvent`, events with several definitions, parallel multiple events": [
        ("unsupported", "x", (START_END + user("a") + tag("implicitThrowEvent", "x"), PLAIN)),
        ("unsupported", "x", at_boundary(timer("PT1H") + signal())),
        (
            "unsupported",
            "x",
            (
                START_END
                + user("a")
                + tag("intermediateCatchEvent", "x", message() + signal(), parallelMultiple="true"),
                "s > a; a > x; x > e",
            ),
        ),
    ],
    "multi-instance with `behavior` other than All": [
        ("unsupported", "a", characteristic(MANY.replace("isSequential", f'behavior="{name}" isSequential')))
        for name in ("None", "One", "Complex")
    ],
    "compensation of a multi-instance activity or loop; compensation that is not waited for": [
        (
            "unsupported",
            "x",
            (compensated(COMPENSATE)[0].replace("</bpmn:userTask>", MANY + "</bpmn:userTask>", 1), PLAIN),
        ),
        (
            "unsupported",
            "x",
            (compensated(COMPENSATE)[0].replace("</bpmn:userTask>", LOOP + "</bpmn:userTask>", 1), PLAIN),
        ),
        (
            "unsupported",
            "x",
            in_the_flow("intermediateThrowEvent", '<bpmn:compensateEventDefinition waitForCompletion="false"/>'),
        ),
    ],
    "conditional start events of a process, instantiating receive tasks and gateways": [
        ("event-kind", "x", at_start(condition("=x"))),
        ("unsupported", "a", (START_END + tag("receiveTask", "a", messageRef="M", instantiate="true"), PLAIN)),
        (
            "unsupported",
            "g",
            (
                START_END
                + user("a")
                + tag("eventBasedGateway", "g", instantiate="true")
                + catching("m", message())
                + catching("t", timer("PT1H")),
                "s > a; a > g; g > m; g > t; m > e; t > e",
            ),
        ),
    ],
    "`startQuantity`, `completionQuantity`": [
        ("unsupported", "a", (START_END + user("a", **{name: "2"}), PLAIN))
        for name in ("startQuantity", "completionQuantity")
    ],
    "scripts in other languages, native input/output specifications and resource roles": [
        ("script", "a", (START_END + tag("scriptTask", "a", "<bpmn:script>import os</bpmn:script>"), PLAIN)),
        ("unsupported", "a", characteristic("<bpmn:ioSpecification/>")),
        ("unsupported", "a", characteristic("<bpmn:humanPerformer/>")),
    ],
}


def test_every_row_of_what_is_refused_has_an_example() -> None:
    assert [row[0] for row in table("Refused")] == list(REFUSED)


@pytest.mark.parametrize(
    ("row", "code", "element", "place"),
    [(row, *example) for row, refused in REFUSED.items() for example in refused],
)
def test_what_a_row_says_is_refused_is(row: str, code: str, element: str, place: Place) -> None:
    assert (code, element) in findings(*place), (row, findings(*place))
