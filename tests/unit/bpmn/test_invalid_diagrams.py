"""Diagrams that break a static rule of BPMN 2.0.2 are refused, at the element that breaks it.

Each case names the section of the standard, what is wrong, the element at which it must be said, and the diagram.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine.bpmn import read_processes
from engine.findings import Severity
from tests.bpmn_xml import (
    HEAD,
    ROOTS,
    START_END,
    boundary,
    condition,
    error,
    escalation,
    event_subprocess,
    extensions,
    message,
    multi_instance,
    sequence_flows,
    service,
    signal,
    subprocess,
    tag,
    timer,
    user,
)

A, B = user("a"), user("b")
PLAIN = "s > a; a > e"
FORK = "s > g; g > a; g > b; a > e; b > e"
INSIDE = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
WHOLE = INSIDE + sequence_flows("s2 > e2").replace("f0_s2_e2", "f_in")
LINK = '<bpmn:linkEventDefinition name="{}"/>'
CANCEL = "<bpmn:cancelEventDefinition/>"
COMPENSATE = "<bpmn:compensateEventDefinition/>"
TERMINATE = "<bpmn:terminateEventDefinition/>"
BEHIND = "; x > e"


@dataclass(frozen=True)
class Invalid:
    """A diagram that the standard forbids. `more` stands beside the process: pools, messages, other processes."""

    section: str
    what: str
    element: str
    body: str = A
    flows: str = PLAIN
    more: str = ""
    start_end: str = START_END

    def text(self) -> bytes:
        process = f'<bpmn:process id="p" isExecutable="true">{self.start_end}{self.body}'
        process += f"{sequence_flows(self.flows)}</bpmn:process>"
        return f"{HEAD}{ROOTS}{self.more}{process}</bpmn:definitions>".encode()


def gateway(kind: str, inner: str = "", **attributes: str) -> str:
    return tag(f"{kind}Gateway", "g", inner, **attributes)


def catch(element_id: str, definition: str = "") -> str:
    return tag("intermediateCatchEvent", element_id, definition)


def throw(element_id: str, definition: str = "") -> str:
    return tag("intermediateThrowEvent", element_id, definition)


def end(element_id: str, definition: str) -> str:
    return tag("endEvent", element_id, definition)


def start(element_id: str, definition: str) -> str:
    return tag("startEvent", element_id, definition)


def listed(name: str, flow: str) -> str:
    return f"<bpmn:{name}>{flow}</bpmn:{name}>"


def pools(*message_flows: tuple[str, str, str]) -> str:
    """Two pools, ours and one beside it whose process `q` has the task `qt`, the start `qs` and the end `qe`."""
    flows = "".join(
        f'<bpmn:messageFlow id="{name}" sourceRef="{source}" targetRef="{target}"/>'
        for name, source, target in message_flows
    )
    other = '<bpmn:startEvent id="qs"/><bpmn:task id="qt"/><bpmn:endEvent id="qe"/>'
    return (
        '<bpmn:collaboration id="c"><bpmn:participant id="pool1" processRef="p"/>'
        f'<bpmn:participant id="pool2" processRef="q"/><bpmn:participant id="pool3"/>{flows}</bpmn:collaboration>'
        f'<bpmn:process id="q">{other}</bpmn:process>'
    )


def lanes(*members: str) -> str:
    written = "".join(
        f'<bpmn:lane id="lane{number}">{"".join(listed("flowNodeRef", name) for name in group.split())}</bpmn:lane>'
        for number, group in enumerate(members, 1)
    )
    return f'<bpmn:laneSet id="ls">{written}</bpmn:laneSet>'


def event_sub(inner: str, flows: str, **attributes: str) -> str:
    return subprocess("ev", inner, flows, triggeredByEvent="true", **attributes)


def association(source: str, target: str) -> str:
    return f'<bpmn:association id="as" sourceRef="{source}" targetRef="{target}"/>'


TWO_ERRORS = event_subprocess("ev1", error(), True, "<bpmn:endEvent id='x1'/>", "ev1_s > x1") + event_subprocess(
    "ev2", error(), True, "<bpmn:endEvent id='x2'/>", "ev2_s > x2"
)
TIMER_SUB = event_sub(start("es", timer("PT1H")) + "<bpmn:endEvent id='ee'/>", "es > ee")
TWO_TIMES = (
    "<bpmn:timerEventDefinition><bpmn:timeDate>2026-01-01T00:00:00Z</bpmn:timeDate>"
    "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
)
NO_MESSAGE = "<bpmn:messageEventDefinition/>"
NO_SIGNAL = "<bpmn:signalEventDefinition/>"
LOOP = (
    "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>=x</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
)
HANDLER = user("h", isForCompensation="true")
COMPENSATED = A + boundary("c", "a", COMPENSATE) + HANDLER + association("c", "h")

CASES = [
    # 7.6.1 sequence flow rules
    Invalid("7.6.1", "a flow without a source", "f", A + '<bpmn:sequenceFlow id="f" targetRef="e"/>'),
    Invalid("7.6.1", "a flow without a target", "f", A + '<bpmn:sequenceFlow id="f" sourceRef="a"/>'),
    Invalid("7.6.1", "a flow to nothing", "f1_a_nowhere", flows="s > a; a > nowhere"),
    Invalid("7.6.1", "a flow from nothing", "f2_nowhere_e", flows=PLAIN + "; nowhere > e"),
    Invalid("7.6.1", "a flow into another pool", "f2_a_qt", flows=PLAIN + "; a > qt", more=pools()),
    Invalid("7.6.1", "a flow out of another pool", "f2_qt_a", flows=PLAIN + "; qt > a", more=pools()),
    Invalid("7.6.1", "a flow to a pool", "f2_a_pool2", flows=PLAIN + "; a > pool2", more=pools()),
    Invalid(
        "7.6.1",
        "a flow into a subprocess",
        "f2_a_b",
        A + subprocess("sp", INSIDE + B, "s2 > b; b > e2"),
        "s > a; a > sp; a > b; sp > e",
    ),
    Invalid(
        "7.6.1",
        "a flow out of a subprocess",
        "f2_b_e",
        A + subprocess("sp", INSIDE + B, "s2 > b; b > e2"),
        "s > a; a > sp; b > e; sp > e",
    ),
    Invalid(
        "7.6.1",
        "a flow from a subprocess to its own child",
        "f2_sp_b",
        A + subprocess("sp", INSIDE + B, "s2 > b; b > e2"),
        "s > a; a > sp; sp > b; sp > e",
    ),
    Invalid(
        "7.6.1",
        "a flow between two subprocesses",
        "f3_b_b3",
        subprocess("sp", INSIDE + B, "s2 > b; b > e2")
        + subprocess("sp3", INSIDE.replace("2", "3") + user("b3"), "s3 > b3; b3 > e3"),
        "s > sp; sp > sp3; sp3 > e; b > b3",
    ),
    Invalid(
        "7.6.1",
        "a flow to a text annotation",
        "f2_a_t",
        A + '<bpmn:textAnnotation id="t"/>',
        PLAIN + "; a > t",
    ),
    Invalid("7.6.1", "a flow to a data object", "f2_a_d", A + '<bpmn:dataObject id="d"/>', PLAIN + "; a > d"),
    # 7.6.2 and 9.3 message flow rules
    Invalid("9.3", "a message flow within a pool", "mf", A + B, "s > a; a > b; b > e", pools(("mf", "a", "b"))),
    Invalid("9.3", "a message flow from a pool into itself", "mf", more=pools(("mf", "pool1", "a"))),
    Invalid("9.3", "a message flow from an element to its own pool", "mf", more=pools(("mf", "a", "pool1"))),
    Invalid("9.3", "a message flow to nothing", "mf", more=pools(("mf", "a", "nowhere"))),
    Invalid("9.3", "a message flow from nothing", "mf", more=pools(("mf", "nowhere", "a"))),
    Invalid("7.6.2", "a message flow from a start event", "mf", more=pools(("mf", "s", "qt"))),
    Invalid("7.6.2", "a message flow to an end event", "mf", more=pools(("mf", "qt", "e"))),
    Invalid(
        "7.6.2",
        "a message flow from a gateway",
        "mf",
        gateway("exclusive") + A,
        "s > g; g > a; a > e",
        pools(("mf", "g", "qt")),
    ),
    Invalid(
        "7.6.2",
        "a message flow to a gateway",
        "mf",
        gateway("exclusive") + A,
        "s > g; g > a; a > e",
        pools(("mf", "qt", "g")),
    ),
    Invalid(
        "7.6.2",
        "a message flow to a throwing event",
        "mf",
        A + throw("x", signal()),
        "s > a; a > x; x > e",
        pools(("mf", "qt", "x")),
    ),
    Invalid(
        "7.6.2",
        "a message flow from a catching event",
        "mf",
        A + catch("x", message()),
        "s > a; a > x; x > e",
        pools(("mf", "x", "qt")),
    ),
    Invalid(
        "7.6.2",
        "a message flow from a boundary event",
        "mf",
        A + boundary("x", "a", message()),
        PLAIN + BEHIND,
        pools(("mf", "x", "qt")),
    ),
    Invalid(
        "7.6.2",
        "a message flow to a timer",
        "mf",
        A + catch("x", timer("PT1H")),
        "s > a; a > x; x > e",
        pools(("mf", "qt", "x")),
    ),
    Invalid(
        "7.6.2",
        "a message flow from a signal end",
        "mf",
        A + end("x", signal()),
        PLAIN + "; a > x",
        pools(("mf", "x", "qt")),
    ),
    Invalid("7.6.2", "a message flow to a sequence flow", "mf", more=pools(("mf", "qt", "f0_s_a"))),
    Invalid("9.3", "a message flow to a lane", "mf", lanes("a") + A, PLAIN, pools(("mf", "qt", "lane1"))),
    # 9.2 pools
    Invalid(
        "9.2",
        "a pool of a process that does not exist",
        "pool",
        more='<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="nowhere"/></bpmn:collaboration>',
    ),
    Invalid(
        "9.2.1",
        "a multiplicity whose maximum is below the minimum",
        "pool",
        more='<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="p"><bpmn:participantMultiplicity '
        'minimum="3" maximum="2"/></bpmn:participant></bpmn:collaboration>',
    ),
    # 8.3.1 ids
    Invalid("8.3.1", "one id for two tasks", "a", A + A),
    Invalid("8.3.1", "one id for a task and a flow", "f0_s_a", A + user("f0_s_a"), PLAIN + "; a > f0_s_a"),
    Invalid("8.3.1", "the id of a process for a task", "p", A + user("p"), "s > a; a > p; p > e"),
    Invalid("8.3.1", "an id that is no name", "1 a", A + user("1 a"), "s > a; a > 1 a; 1 a > e"),
    # 8.4.1, 8.4.2 artifacts
    Invalid("8.4.1", "an association to nothing", "as", A + association("a", "nowhere")),
    Invalid("8.4.1", "an association from nothing", "as", A + association("nowhere", "a")),
    Invalid("8.4.1", "an association without ends", "as", A + '<bpmn:association id="as"/>'),
    Invalid(
        "8.4.1",
        "an association direction that does not exist",
        "as",
        A
        + '<bpmn:textAnnotation id="t"/>'
        + association("a", "t").replace("sourceRef", 'associationDirection="Up" sourceRef'),
    ),
    Invalid(
        "8.4.1", "a group of a category that does not exist", "gr", A + '<bpmn:group id="gr" categoryValueRef="x"/>'
    ),
    # 8.4.13 sequence flows with conditions and defaults
    Invalid("8.4.13", "a default flow that does not exist", "a", user("a", default="nowhere")),
    Invalid("8.4.13", "a default flow of another element", "a", user("a", default="f0_s_a")),
    Invalid(
        "8.4.13",
        "a default flow of a start event",
        "f0_s_a",
        A,
        PLAIN,
        "",
        START_END.replace("/>", ' default="f0_s_a"/>', 1),
    ),
    Invalid(
        "8.4.13",
        "a default flow with a condition",
        "d",
        gateway("exclusive", default="d") + A + B,
        "s > g; g > a | =x | d; g > b | =y; a > e; b > e",
    ),
    Invalid("8.4.13", "a condition behind a start event", "f0_s_a", flows="s > a | =x; a > e"),
    Invalid(
        "8.4.13",
        "a condition behind a catching event",
        "f2_x_e",
        A + catch("x", timer("PT1H")),
        "s > a; a > x; x > e | =y",
    ),
    Invalid(
        "8.4.13",
        "a condition behind a boundary event",
        "f2_x_e",
        A + boundary("x", "a", timer("PT1H")),
        PLAIN + "; x > e | =y",
    ),
    Invalid(
        "8.4.13", "a condition behind a throwing event", "f2_x_e", A + throw("x", signal()), "s > a; a > x; x > e | =y"
    ),
    Invalid(
        "8.4.13", "a flow listed as incoming that leads elsewhere", "a", tag("task", "a", listed("incoming", "f1_a_e"))
    ),
    Invalid(
        "8.4.13", "a flow listed as outgoing that begins elsewhere", "a", tag("task", "a", listed("outgoing", "f0_s_a"))
    ),
    Invalid(
        "8.4.13", "a listed incoming flow that does not exist", "a", tag("task", "a", listed("incoming", "nowhere"))
    ),
    Invalid(
        "8.4.13", "a listed outgoing flow that does not exist", "a", tag("task", "a", listed("outgoing", "nowhere"))
    ),
    # 10.3 activities
    Invalid(
        "10.3.3", "a service task without an operation", "x", A + tag("serviceTask", "x"), PLAIN + "; a > x; x > e"
    ),
    Invalid("10.3.3", "a send task without a message", "x", A + tag("sendTask", "x"), "s > a; a > x; x > e"),
    Invalid("10.3.3", "a receive task without a message", "x", A + tag("receiveTask", "x"), "s > a; a > x; x > e"),
    Invalid(
        "10.3.3",
        "a receive task of a message that does not exist",
        "x",
        A + tag("receiveTask", "x", messageRef="no"),
        "s > a; a > x; x > e",
    ),
    Invalid(
        "10.3.3",
        "a receive task that refers to a signal",
        "x",
        A + tag("receiveTask", "x", messageRef="SG"),
        "s > a; a > x; x > e",
    ),
    Invalid("10.3.3", "a script task without a script", "x", A + tag("scriptTask", "x"), "s > a; a > x; x > e"),
    Invalid("10.3.6", "a call of nothing", "x", A + tag("callActivity", "x"), "s > a; a > x; x > e"),
    Invalid("10.3.8", "a loop that is multi-instance as well", "a", user("a", inner=multi_instance("=x") + LOOP)),
    Invalid("10.3.8", "multi-instance over nothing", "a", user("a", inner="<bpmn:multiInstanceLoopCharacteristics/>")),
    Invalid(
        "10.3.8",
        "multi-instance with a behaviour that does not exist",
        "a",
        user("a", inner=multi_instance("=x").replace("isSequential", 'behavior="Some" isSequential')),
    ),
    Invalid(
        "10.3.8", "a loop without condition and maximum", "a", user("a", inner="<bpmn:standardLoopCharacteristics/>")
    ),
    Invalid("10.3", "an attribute that is no boolean", "a", user("a", isForCompensation="perhaps")),
    # 10.3.5 subprocesses
    Invalid("10.3.5", "a subprocess without a start", "sp", subprocess("sp", B, ""), "s > sp; sp > e"),
    Invalid(
        "10.3.5",
        "a subprocess with two starts",
        "s3",
        subprocess("sp", INSIDE + start("s3", "") + B, "s2 > b; s3 > b; b > e2"),
        "s > sp; sp > e",
    ),
    Invalid(
        "10.3.5",
        "a subprocess that starts with a timer",
        "s2",
        subprocess("sp", start("s2", timer("PT1H")) + end("e2", ""), "s2 > e2"),
        "s > sp; sp > e",
    ),
    Invalid(
        "10.3.5",
        "a subprocess that starts with a message",
        "s2",
        subprocess("sp", start("s2", message()) + end("e2", ""), "s2 > e2"),
        "s > sp; sp > e",
    ),
    Invalid("10.3.5", "an unconnected subprocess", "sp", A + subprocess("sp", WHOLE, "")),
    Invalid("10.3.5", "an event subprocess with an incoming flow", "f2_a_ev", A + TIMER_SUB, PLAIN + "; a > ev"),
    Invalid("10.3.5", "an event subprocess with an outgoing flow", "f2_ev_e", A + TIMER_SUB, PLAIN + "; ev > e"),
    Invalid(
        "10.3.5",
        "an event subprocess with a none start",
        "es",
        A + event_sub(start("es", "") + end("ee", ""), "es > ee"),
    ),
    Invalid(
        "10.3.5",
        "an event subprocess with two starts",
        "es2",
        A + event_sub(start("es", signal()) + start("es2", timer("PT1H")) + end("ee", ""), "es > ee; es2 > ee"),
    ),
    Invalid("10.3.5", "an event subprocess without a start", "ev", A + event_sub(end("ee", ""), "")),
    Invalid(
        "10.3.5",
        "an event subprocess with a boundary event",
        "ev",
        A + TIMER_SUB + boundary("x", "ev", timer("PT1H")),
        PLAIN + BEHIND,
    ),
    Invalid(
        "10.3.5",
        "an event subprocess that loops",
        "ev",
        A + event_sub(LOOP + start("es", signal()) + end("ee", ""), "es > ee"),
    ),
    Invalid("10.3.5", "two event subprocesses for one error", "ev2_s", A + TWO_ERRORS),
    Invalid(
        "10.3.5",
        "an error start that does not interrupt",
        "ev_s",
        A + event_subprocess("ev", error(), False, end("ee", ""), "ev_s > ee"),
    ),
    Invalid("10.3.5", "an error start of a process", "s3", A + start("s3", error()), PLAIN + "; s3 > a"),
    Invalid("10.3.5", "an escalation start of a process", "s3", A + start("s3", escalation()), PLAIN + "; s3 > a"),
    Invalid(
        "10.3.5",
        "a cancel boundary of a plain subprocess",
        "x",
        subprocess("sp", WHOLE, "") + boundary("x", "sp", CANCEL),
        "s > sp; sp > e" + BEHIND,
    ),
    Invalid("10.3.5", "a cancel end outside a transaction", "x", A + end("x", CANCEL), PLAIN + "; a > x"),
    Invalid(
        "10.3.5",
        "a cancel end in a plain subprocess",
        "e2",
        subprocess("sp", start("s2", "") + end("e2", CANCEL), "s2 > e2"),
        "s > sp; sp > e",
    ),
    Invalid(
        "10.3.5",
        "a cancel boundary that does not interrupt",
        "x",
        subprocess("sp", start("s2", "") + end("e2", CANCEL), "s2 > e2", kind="transaction")
        + boundary("x", "sp", CANCEL, False),
        "s > sp; sp > e" + BEHIND,
    ),
    Invalid(
        "10.3.5",
        "two cancel boundaries of one transaction",
        "y",
        subprocess("sp", start("s2", "") + end("e2", CANCEL), "s2 > e2", kind="transaction")
        + boundary("x", "sp", CANCEL)
        + boundary("y", "sp", CANCEL),
        "s > sp; sp > e; x > e; y > e",
    ),
    Invalid(
        "10.3.5",
        "a transaction method that is not executed",
        "sp",
        subprocess("sp", WHOLE, "", kind="transaction", method="##Store"),
        "s > sp; sp > e",
    ),
    # 10.5.2, 10.5.3 start and end events
    Invalid("10.5.2", "a start event with an incoming flow", "f2_a_s", flows=PLAIN + "; a > s"),
    Invalid("10.5.2", "a start event that leads nowhere", "s", flows="a > e"),
    Invalid("10.5.2", "a process without a start", "p", A, "a > e", start_end=end("e", "")),
    Invalid("10.5.2", "two none starts", "s3", A + start("s3", ""), PLAIN + "; s3 > a"),
    Invalid("10.5.2", "a start that terminates", "s3", A + start("s3", TERMINATE), PLAIN + "; s3 > a"),
    Invalid("10.5.2", "a start that compensates", "s3", A + start("s3", COMPENSATE), PLAIN + "; s3 > a"),
    Invalid(
        "10.5.2", "a start of a message that does not exist", "s3", A + start("s3", message("no")), PLAIN + "; s3 > a"
    ),
    Invalid("10.5.3", "an end event with an outgoing flow", "f2_e_a", flows=PLAIN + "; e > a"),
    Invalid("10.5.3", "an end event to which nothing leads", "x", A + end("x", "")),
    Invalid("10.5.3", "an end with a timer", "x", A + end("x", timer("PT1H")), PLAIN + "; a > x"),
    Invalid("10.5.3", "an end with a condition", "x", A + end("x", condition("=y")), PLAIN + "; a > x"),
    Invalid("10.5.3", "an end with a link", "x", A + end("x", LINK.format("L")), PLAIN + "; a > x"),
    Invalid("10.5.3", "an error end without an error", "x", A + end("x", error("")), PLAIN + "; a > x"),
    Invalid(
        "10.5.3", "an error end of an error that does not exist", "x", A + end("x", error("no")), PLAIN + "; a > x"
    ),
    Invalid("10.5.3", "an escalation end without an escalation", "x", A + end("x", escalation("")), PLAIN + "; a > x"),
    Invalid("10.5.3", "a signal end without a signal", "x", A + end("x", NO_SIGNAL), PLAIN + "; a > x"),
    Invalid("10.5.3", "a message end without a message", "x", A + end("x", NO_MESSAGE), PLAIN + "; a > x"),
    # 10.5.4 intermediate and boundary events
    Invalid("10.5.4", "a catching event that catches nothing", "x", A + catch("x"), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a catching error event", "x", A + catch("x", error()), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a catching escalation event", "x", A + catch("x", escalation()), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a catching compensation event", "x", A + catch("x", COMPENSATE), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a throwing timer", "x", A + throw("x", timer("PT1H")), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a throwing condition", "x", A + throw("x", condition("=y")), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a throwing error", "x", A + throw("x", error()), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a throwing cancellation", "x", A + throw("x", CANCEL), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a terminate event within a path", "x", A + throw("x", TERMINATE), "s > a; a > x; x > e"),
    Invalid("10.5.4", "a catching event that leads nowhere", "x", A + catch("x", timer("PT1H")), PLAIN + "; a > x"),
    Invalid("10.5.4", "a throwing event that leads nowhere", "x", A + throw("x", signal()), PLAIN + "; a > x"),
    Invalid("10.5.4", "a catching event to which nothing leads", "x", A + catch("x", timer("PT1H")), PLAIN + BEHIND),
    Invalid("10.5.4", "a boundary event of nothing", "x", A + boundary("x", "nowhere", timer("PT1H")), PLAIN + BEHIND),
    Invalid(
        "10.5.4",
        "a boundary event of a gateway",
        "x",
        A + gateway("exclusive") + boundary("x", "g", timer("PT1H")),
        "s > g; g > a; a > e" + BEHIND,
    ),
    Invalid(
        "10.5.4",
        "a boundary event of an event",
        "x",
        A + catch("y", signal()) + boundary("x", "y", timer("PT1H")),
        "s > a; a > y; y > e" + BEHIND,
    ),
    Invalid(
        "10.5.4",
        "a boundary event in another scope than its activity",
        "x",
        subprocess("sp", INSIDE + boundary("x", "a", timer("PT1H")), "s2 > e2; x > e2") + A,
        "s > a; a > sp; sp > e",
    ),
    Invalid(
        "10.5.4",
        "a boundary event without attachedToRef",
        "x",
        A + tag("boundaryEvent", "x", timer("PT1H")),
        PLAIN + BEHIND,
    ),
    Invalid(
        "10.5.4",
        "a boundary event with an incoming flow",
        "f2_a_x",
        A + boundary("x", "a", timer("PT1H")),
        PLAIN + "; a > x; x > e",
    ),
    Invalid("10.5.4", "a boundary event that leads nowhere", "x", A + boundary("x", "a", timer("PT1H"))),
    Invalid("10.5.4", "a none boundary event", "x", A + boundary("x", "a", ""), PLAIN + BEHIND),
    Invalid("10.5.4", "a terminate boundary event", "x", A + boundary("x", "a", TERMINATE), PLAIN + BEHIND),
    Invalid("10.5.4", "a link boundary event", "x", A + boundary("x", "a", LINK.format("L")), PLAIN + BEHIND),
    Invalid(
        "10.5.4",
        "an error boundary event that does not interrupt",
        "x",
        A + boundary("x", "a", error(), False),
        PLAIN + BEHIND,
    ),
    Invalid(
        "10.5.4",
        "two boundary events for one error",
        "y",
        A + boundary("x", "a", error()) + boundary("y", "a", error()),
        PLAIN + "; x > e; y > e",
    ),
    # 10.5.5 event definitions
    Invalid(
        "10.5.5", "a timer without a time", "x", A + catch("x", "<bpmn:timerEventDefinition/>"), "s > a; a > x; x > e"
    ),
    Invalid("10.5.5", "a timer with two times", "x", A + catch("x", TWO_TIMES), "s > a; a > x; x > e"),
    Invalid("10.5.5", "a timer whose time is none", "x", A + catch("x", timer("soon")), "s > a; a > x; x > e"),
    Invalid("10.5.5", "a condition that is empty", "x", A + catch("x", condition("")), "s > a; a > x; x > e"),
    Invalid("10.5.5", "a message event without a message", "x", A + catch("x", NO_MESSAGE), "s > a; a > x; x > e"),
    Invalid("10.5.5", "a signal event without a signal", "x", A + catch("x", NO_SIGNAL), "s > a; a > x; x > e"),
    Invalid(
        "10.5.5", "a signal event that refers to an error", "x", A + catch("x", signal("ER")), "s > a; a > x; x > e"
    ),
    Invalid("10.5.5", "a link without a target", "x", A + throw("x", LINK.format("L")), PLAIN + "; a > x"),
    Invalid(
        "10.5.5",
        "a link with two targets",
        "x",
        A + throw("x", LINK.format("L")) + catch("y", LINK.format("L")) + catch("z", LINK.format("L")),
        PLAIN + "; a > x; y > e; z > e",
    ),
    Invalid(
        "10.5.5",
        "a link without a name",
        "x",
        A + throw("x", LINK.format("")) + catch("y", LINK.format("")),
        PLAIN + "; a > x; y > e",
    ),
    Invalid("10.5.5", "a link target without a source", "y", A + catch("y", LINK.format("L")), PLAIN + "; y > e"),
    Invalid(
        "10.5.5",
        "a link across the border of a subprocess",
        "x",
        A + subprocess("sp", INSIDE + throw("x", LINK.format("L")), "s2 > x") + catch("y", LINK.format("L")),
        "s > a; a > sp; sp > e; y > e",
    ),
    Invalid(
        "10.5.5",
        "a throwing link with an outgoing flow",
        "f3_x_e",
        A + throw("x", LINK.format("L")) + catch("y", LINK.format("L")),
        PLAIN + "; a > x; x > e; y > e",
    ),
    Invalid(
        "10.5.5",
        "a catching link with an incoming flow",
        "f3_a_y",
        A + throw("x", LINK.format("L")) + catch("y", LINK.format("L")),
        PLAIN + "; a > x; a > y; y > e",
    ),
    # 10.6 gateways
    Invalid("10.6.1", "a gateway that leads nowhere", "g", A + gateway("exclusive"), PLAIN + "; a > g"),
    Invalid("10.6.1", "a gateway to which nothing leads", "g", A + gateway("exclusive"), PLAIN + "; g > e"),
    Invalid(
        "10.6.1",
        "a converging gateway that splits",
        "g",
        A + B + gateway("parallel", gatewayDirection="Converging"),
        FORK,
    ),
    Invalid(
        "10.6.1",
        "a diverging gateway that merges",
        "g",
        A + B + gateway("parallel", gatewayDirection="Diverging"),
        "s > a; a > b; a > g; b > g; g > e",
    ),
    Invalid(
        "10.6.1",
        "a diverging gateway with one flow",
        "g",
        A + gateway("exclusive", gatewayDirection="Diverging"),
        "s > g; g > a; a > e",
    ),
    Invalid(
        "10.6.1", "a mixed gateway that only splits", "g", A + B + gateway("parallel", gatewayDirection="Mixed"), FORK
    ),
    Invalid(
        "10.6.1", "a direction that does not exist", "g", A + B + gateway("parallel", gatewayDirection="Sideways"), FORK
    ),
    Invalid(
        "10.6.2",
        "an exclusive choice without a condition",
        "f1_g_a",
        A + B + gateway("exclusive"),
        "s > g; g > a; g > b | =x; a > e; b > e",
    ),
    Invalid(
        "10.6.3",
        "an inclusive choice without a condition",
        "f1_g_a",
        A + B + gateway("inclusive"),
        "s > g; g > a; g > b | =x; a > e; b > e",
    ),
    Invalid(
        "10.6.4",
        "a condition behind a parallel gateway",
        "f1_g_a",
        A + B + gateway("parallel"),
        "s > g; g > a | =x; g > b; a > e; b > e",
    ),
    Invalid(
        "10.6.4",
        "a default flow of a parallel gateway",
        "d",
        A + B + gateway("parallel", default="d"),
        "s > g; g > a | | d; g > b; a > e; b > e",
    ),
    Invalid(
        "10.6.6",
        "an event gateway with one event",
        "g",
        catch("a", message()) + gateway("eventBased"),
        "s > g; g > a; a > e",
    ),
    Invalid(
        "10.6.6", "a task behind an event gateway", "f2_g_b", catch("a", message()) + B + gateway("eventBased"), FORK
    ),
    Invalid(
        "10.6.6",
        "a throwing event behind an event gateway",
        "f2_g_b",
        catch("a", message()) + throw("b", signal()) + gateway("eventBased"),
        FORK,
    ),
    Invalid(
        "10.6.6",
        "a gateway behind an event gateway",
        "f2_g_x",
        catch("a", message()) + tag("exclusiveGateway", "x") + gateway("eventBased"),
        "s > g; g > a; g > x; a > e; x > e",
    ),
    Invalid(
        "10.6.6",
        "an end behind an event gateway",
        "f2_g_e",
        catch("a", message()) + gateway("eventBased"),
        "s > g; g > a; g > e; a > e",
    ),
    Invalid(
        "10.6.6",
        "an event behind an event gateway that others reach too",
        "f2_g_b",
        catch("a", message()) + catch("b", timer("PT1H")) + gateway("eventBased"),
        FORK + "; a > b",
    ),
    Invalid(
        "10.6.6",
        "a condition behind an event gateway",
        "f1_g_a",
        catch("a", message()) + catch("b", timer("PT1H")) + gateway("eventBased"),
        "s > g; g > a | =x; g > b; a > e; b > e",
    ),
    Invalid(
        "10.6.6",
        "receive tasks and message events behind one event gateway",
        "g",
        catch("a", message()) + tag("receiveTask", "b", messageRef="M2") + gateway("eventBased"),
        FORK,
    ),
    Invalid(
        "10.6.6",
        "a receive task with a boundary event behind an event gateway",
        "f2_g_b",
        catch("a", timer("PT1H"))
        + tag("receiveTask", "b", messageRef="M2")
        + boundary("x", "b", timer("PT2H"))
        + gateway("eventBased"),
        FORK + BEHIND,
    ),
    # 10.7 compensation
    Invalid("10.7", "a compensation event without a handler", "c", A + boundary("c", "a", COMPENSATE)),
    Invalid("10.7", "a compensation event with a flow", "c", A + boundary("c", "a", COMPENSATE), PLAIN + "; c > e"),
    Invalid("10.7", "a handler without a compensation event", "h", A + HANDLER),
    Invalid("10.7", "a handler with an incoming flow", "f2_a_h", COMPENSATED, PLAIN + "; a > h"),
    Invalid("10.7", "a handler with an outgoing flow", "f2_h_e", COMPENSATED, PLAIN + "; h > e"),
    Invalid(
        "10.7",
        "a compensation event that points to an ordinary activity",
        "c",
        A + B + boundary("c", "a", COMPENSATE) + association("c", "b"),
        "s > a; a > b; b > e",
    ),
    Invalid(
        "10.7",
        "compensation of an activity that does not exist",
        "x",
        COMPENSATED + throw("x", '<bpmn:compensateEventDefinition activityRef="no"/>'),
        "s > a; a > x; x > e",
    ),
    Invalid(
        "10.7",
        "compensation of an activity that has no handler",
        "x",
        A + throw("x", '<bpmn:compensateEventDefinition activityRef="a"/>'),
        "s > a; a > x; x > e",
    ),
    # 10.8 lanes
    Invalid("10.8", "a lane of an element that does not exist", "lane1", lanes("a nowhere") + A),
    Invalid("10.8", "a lane of another pool's element", "lane1", lanes("a qt") + A, PLAIN, pools()),
    Invalid("10.8", "one element in two lanes", "lane2", lanes("s a", "a e") + A),
    # 10.4 data
    Invalid(
        "10.4.1",
        "a reference to a data object that does not exist",
        "d",
        A + '<bpmn:dataObjectReference id="d" dataObjectRef="no"/>',
    ),
    Invalid(
        "10.4.2",
        "data from nowhere",
        "da",
        user(
            "a",
            inner='<bpmn:dataInputAssociation id="da"><bpmn:sourceRef>no</bpmn:sourceRef></bpmn:dataInputAssociation>',
        ),
    ),
    # 10.2 processes
    Invalid("10.2", "an activity to which nothing leads", "b", A + B, PLAIN + "; b > e"),
    Invalid("10.2", "a circle to which nothing leads", "b", A + B + user("x"), PLAIN + "; b > x; x > b"),
    Invalid("10.2", "a process type that does not exist", "q", more='<bpmn:process id="q" processType="Secret"/>'),
    Invalid(
        "10.2",
        "a task with no operation in a second subprocess",
        "x",
        service("a", "t") + subprocess("sp", INSIDE + tag("serviceTask", "x"), "s2 > x; x > e2"),
        "s > a; a > sp; sp > e",
    ),
    Invalid(
        "10.2",
        "a task whose extension is empty",
        "x",
        A + tag("serviceTask", "x", extensions("")),
        "s > a; a > x; x > e",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.section} {case.what}" for case in CASES])
def test_it_is_refused_at_the_right_element(case: Invalid) -> None:
    found = [
        finding for finding in read_processes(case.text(), "x.bpmn").findings if finding.severity is Severity.ERROR
    ]
    assert case.element in {finding.element for finding in found}, [str(finding) for finding in found]
    assert all(finding.message and finding.advice for finding in found)


def test_there_are_a_hundred_of_them() -> None:
    assert len({case.text() for case in CASES}) == len(CASES) >= 100
