"""What we do not execute, and what BPMN forbids, is refused with the element and what to do."""

from __future__ import annotations

import pytest

from engine.bpmn import Resource, read_processes
from engine.findings import Severity
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
    mappings,
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

PLAIN = "s > a; a > e"
A = user("a")
LINK = '<bpmn:linkEventDefinition name="L"/>'
CANCEL = "<bpmn:cancelEventDefinition/>"
COMPENSATE = "<bpmn:compensateEventDefinition/>"
TERMINATE = "<bpmn:terminateEventDefinition/>"
INSIDE = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'


def gateway(kind: str, **attributes: str) -> str:
    return tag(f"{kind}Gateway", "g", **attributes)


def read(body: str, flows: str = PLAIN) -> Resource:
    return read_processes(definitions(body, flows, ROOTS), "test.bpmn")


ONE_BY_ONE = multi_instance("=x").replace("isSequential", 'behavior="One" isSequential')
THROW_AT_B = tag("intermediateThrowEvent", "x", '<bpmn:compensateEventDefinition activityRef="b"/>')
TIMER_START = '<bpmn:startEvent id="s2">' + timer("PT1H") + "</bpmn:startEvent>"
WAIT_A = tag("intermediateCatchEvent", "a", timer("PT1H"))
JOB = extensions('<zeebe:taskDefinition type="t"/>')
MAPPED = extensions(mappings({"x": "=1"}))
EVENT = event_subprocess("ev", message(), True, "", "")


def calls(attributes: str) -> str:
    return tag("callActivity", "a", extensions(f'<zeebe:calledElement processId="x" {attributes}/>'))


CASES: list[tuple[str, str, str, str]] = [
    # what we do not execute
    ("unsupported", "x", A + tag("complexGateway", "x"), PLAIN),
    ("unsupported", "x", A + tag("adHocSubProcess", "x"), PLAIN),
    ("unsupported", "x", A + tag("dataStoreReference", "x"), PLAIN),
    ("unsupported", "x", A + tag("choreographyTask", "x"), PLAIN),
    ("unsupported", "x", A + tag("neverHeardOf", "x"), PLAIN),
    ("unsupported", "a", tag("userTask", "a", "<bpmn:ioSpecification/>"), PLAIN),
    ("unsupported", "a", tag("userTask", "a", "<bpmn:humanPerformer/>"), PLAIN),
    ("unsupported", "t", A + boundary("t", "a", timer("PT1H") + signal()), PLAIN + "; t > e"),
    ("unsupported", "a", tag("userTask", "a", ONE_BY_ONE), PLAIN),
    ("unsupported", "c", user("a", inner=multi_instance("=x")) + boundary("c", "a", COMPENSATE), PLAIN),
    ("extension", "a", user("a", "<zeebe:executionListeners/>"), PLAIN),
    ("extension", "a", user("a", '<zeebe:taskDefinition type="x"/>'), PLAIN),
    ("unsupported", "a", tag("userTask", "a", startQuantity="2"), PLAIN),
    ("unsupported", "a", tag("receiveTask", "a", messageRef="M", instantiate="true"), PLAIN),
    ("compensation-handler", "h", A + user("h", isForCompensation="true"), PLAIN),
    ("default-flow", "a", user("a", default="nowhere"), PLAIN),
    ("missing-id", "b#c", A + user("b#c"), "s > a; a > b#c"),
    # references and values
    ("task-type", "a", tag("serviceTask", "a"), PLAIN),
    ("task-type", "a", tag("sendTask", "a"), PLAIN),
    ("message", "a", tag("receiveTask", "a"), PLAIN),
    ("missing-reference", "a", tag("receiveTask", "a", messageRef="nowhere"), PLAIN),
    ("missing-reference", "t", A + boundary("t", "a", signal("M")), PLAIN + "; t > e"),
    ("missing-reference", "t", A + boundary("t", "a", error("nowhere")), PLAIN + "; t > e"),
    ("script", "a", tag("scriptTask", "a"), PLAIN),
    ("script", "a", tag("scriptTask", "a", "<bpmn:script>import os</bpmn:script>"), PLAIN),
    ("called-decision", "a", tag("businessRuleTask", "a"), PLAIN),
    ("called-element", "a", tag("callActivity", "a", calledElement="x"), PLAIN),
    (
        "binding",
        "a",
        calls('bindingType="new"'),
        PLAIN,
    ),
    (
        "binding",
        "a",
        calls('bindingType="versionTag"'),
        PLAIN,
    ),
    ("form-reference", "a", user("a", '<zeebe:formDefinition formKey="x"/>'), PLAIN),
    ("mapping", "a", user("a", mappings({"not a name": "=1"})), PLAIN),
    ("mapping", "a", user("a", mappings(outputs={"x": ""})), PLAIN),
    ("multi-instance", "a", user("a", inner="<bpmn:multiInstanceLoopCharacteristics/>"), PLAIN),
    ("loop", "a", user("a", inner="<bpmn:standardLoopCharacteristics/>"), PLAIN),
    ("loop", "a", user("a", inner='<bpmn:standardLoopCharacteristics loopMaximum="x"/>'), PLAIN),
    # FEEL
    ("feel", "a", script("a", "=1 +", "x"), PLAIN),
    ("feel", "f1_a_e", A, "s > a; a > e | =x >"),
    ("feel", "a", user("a", mappings({"x": "=(("})), PLAIN),
    ("feel", "a", user("a", '<zeebe:assignmentDefinition assignee="=a b c("/>'), PLAIN),
    ("feel", "t", A + boundary("t", "a", timer("=duration(")), PLAIN + "; t > e"),
    ("no-expression", "f1_a_e", A, "s > a; a > e | x > 1"),
    ("no-expression", "a", user("a", inner=multi_instance("items")), PLAIN),
    ("no-expression", "c", A + boundary("c", "a", condition("x > 1")), PLAIN + "; c > e"),
    ("timer", "t", A + boundary("t", "a", timer("1 hour")), PLAIN + "; t > e"),
    ("timer", "t", A + boundary("t", "a", "<bpmn:timerEventDefinition/>"), PLAIN + "; t > e"),
    ("timer", "t", A + boundary("t", "a", timer("R3/PT1H", "timeCycle")), PLAIN + "; t > e"),
    ("timer", "a", tag("intermediateCatchEvent", "a", timer("R3/PT1H", "timeCycle")), PLAIN),
    # sequence flows
    ("flow-ends", "f1_a_nowhere", A, "s > a; a > nowhere"),
    ("flow-crosses", "f1_a_x", A + subprocess("sp", INSIDE + user("x"), "s2 > x; x > e2"), "s > a; a > x; a > sp"),
    ("flow-target", "f2_a_s", A, PLAIN + "; a > s"),
    ("flow-source", "f2_e_a", A, PLAIN + "; e > a"),
    ("unreachable", "b", A + user("b"), PLAIN + "; b > e"),
    ("flow-condition", "f1_g_a", gateway("exclusive") + A, "s > g; g > a; g > e | =x; a > e"),
    ("flow-condition", "f1_g_a", gateway("inclusive") + A, "s > g; g > a; g > e | =x; a > e"),
    ("flow-condition", "f1_g_a", gateway("parallel") + A, "s > g; g > a | =x; g > e; a > e"),
    ("default-condition", "d", gateway("exclusive", default="d") + A, "s > g; g > a | =x | d; g > e | =y; a > e"),
    ("gateway-end", "g", gateway("exclusive") + A, PLAIN + "; a > g"),
    # events
    ("event-kind", "s3", A + tag("startEvent", "s3", error()), PLAIN + "; s3 > a"),
    ("event-kind", "s3", A + tag("startEvent", "s3", condition("=x")), PLAIN + "; s3 > a"),
    ("event-kind", "x", A + tag("endEvent", "x", timer("PT1H")), PLAIN + "; a > x"),
    ("event-kind", "x", A + tag("intermediateThrowEvent", "x", timer("PT1H")), PLAIN + "; a > x"),
    ("event-kind", "x", A + tag("intermediateThrowEvent", "x", error()), PLAIN + "; a > x"),
    ("event-kind", "x", A + tag("intermediateThrowEvent", "x", TERMINATE), PLAIN + "; a > x"),
    ("event-kind", "x", A + tag("intermediateCatchEvent", "x"), PLAIN + "; a > x"),
    ("event-kind", "x", A + tag("intermediateCatchEvent", "x", error()), PLAIN + "; a > x"),
    ("event-kind", "x", A + boundary("x", "a", ""), PLAIN + "; x > e"),
    ("event-kind", "x", A + boundary("x", "a", TERMINATE), PLAIN + "; x > e"),
    (
        "event-kind",
        "s2",
        A + subprocess("sp", TIMER_START, ""),
        PLAIN + "; a > sp",
    ),
    ("event-kind", "ev_s", A + event_subprocess("ev", "", True, "", ""), PLAIN),
    ("event-kind", "ev_s", A + event_subprocess("ev", COMPENSATE, True, "", ""), PLAIN),
    ("interrupting", "x", A + boundary("x", "a", error(), interrupting=False), PLAIN + "; x > e"),
    ("interrupting", "ev_s", A + event_subprocess("ev", error(), False, "", ""), PLAIN),
    ("boundary-host", "x", A + boundary("x", "nowhere", timer("PT1H")), PLAIN + "; x > e"),
    ("boundary-host", "x", A + boundary("x", "e", timer("PT1H")), PLAIN + "; x > e"),
    ("boundary-flow", "x", A + boundary("x", "a", timer("PT1H")), PLAIN),
    ("same-trigger", "y", A + boundary("x", "a", error()) + boundary("y", "a", error()), PLAIN + "; x > e; y > e"),
    ("cancel", "x", A + boundary("x", "a", CANCEL), PLAIN + "; x > e"),
    ("cancel", "x", A + tag("endEvent", "x", CANCEL), PLAIN + "; a > x"),
    ("code", "x", A + tag("endEvent", "x", error("")), PLAIN + "; a > x"),
    ("code", "x", A + tag("endEvent", "x", escalation("")), PLAIN + "; a > x"),
    ("link", "x", A + tag("intermediateThrowEvent", "x", LINK), PLAIN + "; a > x"),
    (
        "compensation",
        "x",
        A + THROW_AT_B,
        PLAIN + "; a > x",
    ),
    ("compensation-handler", "c", A + boundary("c", "a", COMPENSATE), PLAIN),
    ("no-start", "process", tag("endEvent", "x") + A, "a > x"),
    ("start-events", "s3", A + tag("startEvent", "s3"), PLAIN + "; s3 > a"),
    ("no-start", "sp", A + subprocess("sp", user("x"), ""), PLAIN + "; a > sp"),
    ("event-gateway", "g", gateway("eventBased") + A, "s > g; g > a; a > e"),
    (
        "event-gateway",
        "f2_g_b",
        gateway("eventBased") + WAIT_A + user("b"),
        "s > g; g > a; g > b; a > e; b > e",
    ),
    ("mapping", "g", tag("parallelGateway", "g", MAPPED) + A, "s > g; g > a; a > e"),
    (
        "task-type",
        "x",
        A + tag("endEvent", "x", JOB + signal()),
        PLAIN + "; a > x",
    ),
    ("duplicate-id", "a", A + user("a"), PLAIN),
    ("missing-id", "", A + "<bpmn:userTask/>", PLAIN),
    (
        "event-subprocess",
        "ev",
        A + EVENT.replace('"true"><bpmn:start', '"true">' + MAPPED + "<bpmn:start"),
        PLAIN,
    ),
]


@pytest.mark.parametrize(("code", "element", "body", "flows"), CASES)
def test_it_is_refused_at_the_right_element(code: str, element: str, body: str, flows: str) -> None:
    start = "" if code == "no-start" and element == "process" else START_END
    resource = read(start + body, flows)
    found = [finding for finding in resource.findings if finding.severity is Severity.ERROR]
    assert (code, element) in {(finding.code, finding.element) for finding in found} or (
        code == "missing-id" and code in {finding.code for finding in found}
    ), [str(finding) for finding in found]
    assert all(finding.file == "test.bpmn" and finding.message and finding.advice for finding in found)
    with pytest.raises(ValueError, match="cannot be executed"):
        _ = resource.processes[0].network


def test_a_message_that_is_waited_for_needs_a_correlation_key() -> None:
    roots = '<bpmn:message id="M" name="msg"/>'
    body = START_END + tag("receiveTask", "a", messageRef="M")
    resource = read_processes(definitions(body, PLAIN, roots))
    assert [finding.code for finding in resource.findings] == ["correlation-key"]


def test_a_file_without_an_executable_process_is_refused() -> None:
    text = definitions(START_END, "s > e").replace(b'isExecutable="true"', b"")
    assert [finding.code for finding in read_processes(text).findings] == ["no-process"]


def test_extensions_of_other_tools_are_warned_about() -> None:
    other = '<camunda:executionListener xmlns:camunda="http://camunda.org/schema/1.0/bpmn"/>'
    resource = read(START_END + user("a", other))
    assert [(finding.code, finding.severity) for finding in resource.findings] == [
        ("foreign-extension", Severity.WARNING)
    ]
    assert resource.processes[0].network


def test_pictures_are_no_reason_to_refuse() -> None:
    pictures = (
        '<bpmn:textAnnotation id="t"><bpmn:text>x</bpmn:text></bpmn:textAnnotation><bpmn:group id="g"/>'
        '<bpmn:association id="as" sourceRef="a" targetRef="t"/><bpmn:dataObject id="d"/>'
        '<bpmn:dataObjectReference id="dr" dataObjectRef="d"/>'
    )
    association = "<bpmn:dataInputAssociation><bpmn:sourceRef>dr</bpmn:sourceRef></bpmn:dataInputAssociation>"
    assert not read(START_END + pictures + user("a", inner=association)).findings


def test_everything_wrong_is_said_at_once() -> None:
    body = START_END + service("a", "") + tag("complexGateway", "x") + script("c", "=1 +", "x")
    codes = {finding.code for finding in read(body, "s > a; a > c; c > nowhere").findings}
    assert {"task-type", "unsupported", "feel", "flow-ends"} <= codes
