"""Diagrams as other tools write them are accepted: every construct we execute, in every tool's hand.

`DIAGRAMS` holds what is drawn, `HANDS` how tools write it down: prefixes, ids, order, what they list and what they
leave out, their own extensions and attributes. Each pair is one test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.bpmn import read_processes
from engine.findings import Severity
from engine.xml import read_xml, write_xml
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
    sequence_flows,
    service,
    signal,
    subprocess,
    tag,
    timer,
    user,
)

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
INSIDE = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
END3 = '<bpmn:endEvent id="e3"/>'
A, B = user("a"), user("b")
COMPENSATE, CANCEL = "<bpmn:compensateEventDefinition/>", "<bpmn:cancelEventDefinition/>"
LOOP = (
    "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>=x</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
)


def gateway(kind: str, element_id: str, **attributes: str) -> str:
    return tag(f"{kind}Gateway", element_id, **attributes)


def drawn(body: str, flows: str, roots: str = ROOTS) -> bytes:
    return definitions(START_END + body, flows, roots)


def nested(depth: int) -> str:
    """Subprocess in subprocess in subprocess."""
    body = user(f"u{depth}")
    flows = f"si{depth} > u{depth}; u{depth} > ei{depth}"
    for level in range(depth, 0, -1):
        ends = f'<bpmn:startEvent id="si{level}"/><bpmn:endEvent id="ei{level}"/>'
        inner = ends + body + sequence_flows(flows).replace('id="f', f'id="l{level}f')
        body = tag("subProcess", f"sp{level}", inner)
        flows = f"si{level - 1} > sp{level}; sp{level} > ei{level - 1}"
    return body


TASKS = (
    tag("task", "t")
    + tag("manualTask", "m")
    + service("sv")
    + script("sc", "=1 + 1", "two")
    + tag("sendTask", "sd", messageRef="M")
    + tag("receiveTask", "rc", messageRef="M2")
    + tag("businessRuleTask", "br", extensions('<zeebe:calledDecision decisionId="d" resultVariable="r"/>'))
    + tag("callActivity", "ca", extensions('<zeebe:calledElement processId="other"/>'))
)
LANES = (
    '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="客服"><bpmn:flowNodeRef>s</bpmn:flowNodeRef>'
    '<bpmn:flowNodeRef>a</bpmn:flowNodeRef><bpmn:childLaneSet id="cl"><bpmn:lane id="l2">'
    "<bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane>"
    '<bpmn:lane id="l3"><bpmn:flowNodeRef>e</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
)
PICTURES = (
    '<bpmn:textAnnotation id="ta" textFormat="text/plain"><bpmn:text>note</bpmn:text></bpmn:textAnnotation>'
    '<bpmn:association id="as" associationDirection="None" sourceRef="a" targetRef="ta"/>'
    '<bpmn:group id="gr" categoryValueRef="cv"/>'
    '<bpmn:dataObject id="do" isCollection="true"/>'
    '<bpmn:dataObjectReference id="dr" name="单据" dataObjectRef="do"><bpmn:dataState id="ds" name="new"/>'
    "</bpmn:dataObjectReference>"
)
DATA = (
    '<bpmn:property id="pr" name="__targetRef_placeholder"/><bpmn:dataInputAssociation id="di">'
    "<bpmn:sourceRef>dr</bpmn:sourceRef><bpmn:targetRef>pr</bpmn:targetRef></bpmn:dataInputAssociation>"
)
CATEGORY = '<bpmn:category id="cg"><bpmn:categoryValue id="cv" value="later"/></bpmn:category>'
POOLS = (
    '<bpmn:collaboration id="co"><bpmn:participant id="us" name="us" processRef="process">'
    '<bpmn:participantMultiplicity minimum="1" maximum="3"/></bpmn:participant>'
    '<bpmn:participant id="customer" name="客户"/><bpmn:participant id="supplier" processRef="picture"/>'
    '<bpmn:messageFlow id="mf1" sourceRef="customer" targetRef="s"/>'
    '<bpmn:messageFlow id="mf2" sourceRef="a" targetRef="customer"/>'
    '<bpmn:messageFlow id="mf3" sourceRef="th" targetRef="pt"/>'
    '<bpmn:messageFlow id="mf4" sourceRef="pt" targetRef="w"/></bpmn:collaboration>'
    '<bpmn:process id="picture" isExecutable="false"><bpmn:task id="pt"/></bpmn:process>'
)
EVENTS_BEHIND = tag("intermediateCatchEvent", "w1", message()) + tag("intermediateCatchEvent", "w2", timer("PT1H"))

DIAGRAMS: dict[str, bytes] = {
    "one task": drawn(A, "s > a; a > e"),
    "every task": drawn(TASKS, "s > t; t > m; m > sv; sv > sc; sc > sd; sd > rc; rc > br; br > ca; ca > e"),
    "exclusive choice": drawn(
        gateway("exclusive", "g", default="d", gatewayDirection="Diverging") + gateway("exclusive", "j") + A + B,
        "s > g; g > a | =amount > 5 and x != null; g > b | | d; a > j; b > j; j > e",
    ),
    "parallel paths": drawn(
        gateway("parallel", "g", gatewayDirection="Diverging")
        + gateway("parallel", "j", gatewayDirection="Converging")
        + A
        + B,
        "s > g; g > a; g > b; a > j; b > j; j > e",
    ),
    "inclusive paths": drawn(
        gateway("inclusive", "g") + gateway("inclusive", "j") + A + B,
        "s > g; g > a | =x; g > b | =y; a > j; b > j; j > e",
    ),
    "event gateway": drawn(
        gateway("eventBased", "g", instantiate="false", eventGatewayType="Exclusive") + EVENTS_BEHIND,
        "s > g; g > w1; g > w2; w1 > e; w2 > e",
    ),
    "splits and merges without gateways": drawn(
        A + B + user("c"), "s > a; a > b | =x; a > c | =y; a > e; b > c; c > e"
    ),
    "a way back": drawn(gateway("exclusive", "g") + A, "s > a; a > g; g > a | =again; g > e | =not(again)"),
    "boundary events": drawn(
        A
        + boundary("x1", "a", timer("PT1H"), False)
        + boundary("x2", "a", message())
        + boundary("x3", "a", error())
        + boundary("x4", "a", signal(), False)
        + boundary("x5", "a", condition("=x"))
        + boundary("x6", "a", escalation()),
        "s > a; a > e; x1 > e; x2 > e; x3 > e; x4 > e; x5 > e; x6 > e",
    ),
    "ends": drawn(
        gateway("parallel", "g")
        + tag("endEvent", "n1", error())
        + tag("endEvent", "n2", signal())
        + tag("endEvent", "n3", escalation())
        + tag("endEvent", "n4", "<bpmn:terminateEventDefinition/>")
        + tag("endEvent", "n5", message()),
        "s > g; g > n1; g > n2; g > n3; g > n4; g > n5; g > e",
    ),
    "several starts": drawn(
        A
        + tag("startEvent", "s5", timer("R/PT24H", "timeCycle"))
        + tag("startEvent", "s6", message())
        + tag("startEvent", "s7", signal()),
        "s > a; s5 > a; s6 > a; s7 > a; a > e",
    ),
    "links": drawn(
        A
        + tag("intermediateThrowEvent", "th", '<bpmn:linkEventDefinition name="L"/>')
        + tag("intermediateThrowEvent", "th2", '<bpmn:linkEventDefinition name="L"/>')
        + tag("intermediateCatchEvent", "ca", '<bpmn:linkEventDefinition name="L"/>'),
        "s > a; a > th; a > th2; ca > e",
    ),
    "event subprocesses": drawn(
        A
        + event_subprocess("ev1", error(), True, tag("endEvent", "x1"), "ev1_s > x1")
        + event_subprocess("ev2", error("ER2"), True, tag("endEvent", "x2"), "ev2_s > x2").replace("f0_", "f9_")
        + event_subprocess("ev3", timer("PT1H"), False, tag("endEvent", "x3"), "ev3_s > x3").replace("f0_", "f8_"),
        "s > a; a > e",
    ),
    "deep nesting": drawn(nested(12), "s > sp1; sp1 > e"),
    "loops": drawn(
        user("a", inner=multi_instance("=items", True, "results", "=result", "=numberOfCompletedInstances > 2"))
        + user("b", inner=LOOP),
        "s > a; a > b; b > e",
    ),
    "compensation": drawn(
        A
        + boundary("c", "a", COMPENSATE)
        + user("h", isForCompensation="true")
        + '<bpmn:association id="as" associationDirection="One" sourceRef="c" targetRef="h"/>'
        + tag("intermediateThrowEvent", "th", COMPENSATE),
        "s > a; a > th; th > e",
    ),
    "a transaction": drawn(
        subprocess(
            "tx",
            INSIDE + tag("endEvent", "n", CANCEL) + gateway("exclusive", "g"),
            "s2 > g; g > e2 | =x; g > n | =not(x)",
            kind="transaction",
        ).replace('id="f', 'id="i')
        + boundary("x", "tx", CANCEL),
        "s > tx; tx > e; x > e",
    ),
    "lanes": drawn(LANES + A, "s > a; a > e"),
    "pictures": drawn(PICTURES + user("a", inner=DATA), "s > a; a > e", ROOTS + CATEGORY),
    "pools": drawn(
        A + tag("intermediateThrowEvent", "th", message()) + tag("intermediateCatchEvent", "w", message("M2")),
        "s > a; a > th; th > w; w > e",
        ROOTS + POOLS,
    ),
    "mappings": drawn(
        user("a", mappings({"x": "=y"}, {"z.w": "=x"}), '<zeebe:assignmentDefinition candidateGroups="clerk"/>'),
        "s > a; a > e",
    ),
}

# ---- how tools write

_ID_ATTRIBUTES = (
    "id|sourceRef|targetRef|attachedToRef|default|messageRef|signalRef|errorRef|escalationRef|activityRef|processRef"
    "|dataObjectRef|categoryValueRef"
)
_ID_TEXTS = "flowNodeRef|sourceRef|targetRef|incoming|outgoing"


def renamed(text: str, new: Callable[[str], str]) -> str:
    """Every id of the file said otherwise."""
    text = re.sub(rf'\b({_ID_ATTRIBUTES})="([^"]+)"', lambda found: f'{found[1]}="{new(found[2])}"', text)
    return re.sub(rf"(<bpmn:(?:{_ID_TEXTS})>)([^<]+)<", lambda found: f"{found[1]}{new(found[2])}<", text)


def prefixed(text: str, prefix: str) -> str:
    """Another prefix, or none, for the namespace of the model."""
    text = text.replace("xmlns:bpmn=", f"xmlns:{prefix}=" if prefix else "xmlns=")
    return re.sub(r"(</?)bpmn:", rf"\1{prefix}:" if prefix else r"\1", text)


def with_lists(text: str) -> str:
    """Every element lists its flows, as most tools write it."""
    root = read_xml(text.encode())
    elements: dict[str, Any] = {node.get("id"): node for node in root.iter() if node.get("id")}
    for flow in list(root.iter(f"{{{MODEL}}}sequenceFlow")):
        for name, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            owner = elements[flow.get(end)]
            entry = owner.makeelement(f"{{{MODEL}}}{name}")
            entry.text = flow.get("id")
            after = 1 if len(owner) and owner[0].tag.endswith("extensionElements") else 0
            owner.insert(after, entry)
    return write_xml(root).decode()


def with_picture(text: str) -> str:
    """Diagram interchange: a shape per node, an edge per flow."""
    ids = re.findall(r'<bpmn:(\w+) id="([^"]+)"', text)
    drawn_ids = [(kind, name) for kind, name in ids if kind not in ("message", "signal", "error", "escalation")]
    shapes = "".join(
        f'<bpmndi:BPMNEdge id="{name}_di" bpmnElement="{name}"><di:waypoint x="1" y="1"/><di:waypoint x="9" y="9"/>'
        "</bpmndi:BPMNEdge>"
        if kind.endswith("Flow")
        else f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}" bioc:stroke="#000">'
        '<dc:Bounds x="10" y="10" width="100" height="80"/></bpmndi:BPMNShape>'
        for kind, name in drawn_ids
    )
    names = "".join(
        f' xmlns:{prefix}="{uri}"'
        for prefix, uri in {
            "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
            "dc": "http://www.omg.org/spec/DD/20100524/DC",
            "di": "http://www.omg.org/spec/DD/20100524/DI",
            "bioc": "http://bpmn.io/schema/bpmn/biocolor/1.0",
        }.items()
    )
    diagram = f'<bpmndi:BPMNDiagram id="dia"><bpmndi:BPMNPlane id="pl" bpmnElement="process">{shapes}'
    return text.replace("targetNamespace", f"{names} targetNamespace", 1).replace(
        "</bpmn:definitions>", f"{diagram}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
    )


def bpmn_io(text: str) -> bytes:
    kinds = {"s": "Event", "e": "Event", "f": "Flow", "g": "Gateway"}
    text = renamed(text, lambda name: name if name == "process" else f"{kinds.get(name[0], 'Activity')}_0{name}")
    return prefixed(
        with_picture(text).replace("targetNamespace", 'exporter="bpmn-js" targetNamespace', 1), "bpmn2"
    ).encode()


def camunda_modeler(text: str) -> bytes:
    head = (
        'xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud" '
        'modeler:executionPlatformVersion="8.6.0" exporter="Camunda Modeler" targetNamespace'
    )
    template = ' zeebe:modelerTemplate="io.example" zeebe:modelerTemplateVersion="2"'
    text = with_lists(text).replace("targetNamespace", head, 1)
    return with_picture(text.replace("<bpmn:userTask", f"<bpmn:userTask{template}")).encode()


def signavio(text: str) -> bytes:
    own = '<signavio:signavioMetaData metaKey="bgcolor" metaValue="#ffffff"/><signavio:signavioLabel ref="text"/>'
    text = renamed(text, lambda name: name if name == "process" else f"sid-{name}-0B5C-4D2A_9F")
    text = text.replace("<bpmn:extensionElements>", f"<bpmn:extensionElements>{own}")
    head = 'xmlns:signavio="http://www.signavio.com" expressionLanguage="http://www.w3.org/TR/XPath" targetNamespace'
    return prefixed(text.replace("targetNamespace", head, 1), "").encode()


def bizagi(text: str) -> bytes:
    own = '<BizagiExtensions xmlns="http://www.bizagi.com/bpmn20"><BizagiProperties/></BizagiExtensions>'
    text = renamed(text, lambda name: name if name == "process" else f"Id_{name}-3c1d")
    text = text.replace("<bpmn:extensionElements>", f"<bpmn:extensionElements>{own}")
    return prefixed(text, "").replace("><", ">\r\n  <").encode()


def trisotech(text: str) -> bytes:
    head = 'xmlns:triso="http://www.trisotech.com/2015/triso/modeling" triso:version="1" targetNamespace'
    text = text.replace("targetNamespace", head, 1).replace("<bpmn:userTask ", '<bpmn:userTask triso:shape="x" ')
    return prefixed(with_lists(text), "semantic").encode()


def flowable(text: str) -> bytes:
    text = text.replace("targetNamespace", 'xmlns:flowable="http://flowable.org/bpmn" targetNamespace', 1)
    return text.replace("<bpmn:userTask ", '<bpmn:userTask flowable:formFieldValidation="true" ').encode()


def enterprise_architect(text: str) -> bytes:
    text = renamed(text, lambda name: name if name == "process" else f"EAID_{name}_6F3A")
    lines = prefixed(text, "").replace("><", ">\n\t<")
    return b"\xef\xbb\xbf" + f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{lines}'.encode()


def commented(text: str) -> bytes:
    text = text.replace("<bpmn:userTask", "<!-- a > b & <c> --><?tool keep?><bpmn:userTask")
    text = re.sub(
        r"<bpmn:conditionExpression>([^<]*)<",
        lambda found: (
            '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression"><![CDATA['
            + found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            + "]]><"
        ),
        text,
    )
    return text.encode()


def documented(text: str) -> bytes:
    html = '<html:p xmlns:html="http://www.w3.org/1999/xhtml">How <html:b>it</html:b> is done</html:p>'
    for kind in ("userTask", "subProcess"):
        text = re.sub(
            rf"(<bpmn:{kind} [^>]*[^/]>)",
            rf'\1<bpmn:documentation textFormat="text/html">{html}</bpmn:documentation>',
            text,
        )
    return text.encode()


def extra_attributes(text: str) -> bytes:
    text = text.replace('isExecutable="true"', 'processType="Private" isClosed="false" isExecutable="1"')
    text = text.replace("<bpmn:sequenceFlow ", '<bpmn:sequenceFlow isImmediate="true" name="" ')
    return text.replace("<bpmn:userTask ", '<bpmn:userTask implementation="##unspecified" startQuantity="1" ').encode()


def utf16(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")


HANDS: dict[str, Callable[[str], bytes]] = {
    "bare": lambda text: text.encode(),
    "bpmn.io": bpmn_io,
    "Camunda Modeler": camunda_modeler,
    "Signavio": signavio,
    "Bizagi": bizagi,
    "Trisotech": trisotech,
    "Flowable": flowable,
    "Enterprise Architect": enterprise_architect,
    "comments and CDATA": commented,
    "documentation with markup": documented,
    "attributes with their defaults": extra_attributes,
    "UTF-16": utf16,
}


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("name", DIAGRAMS)
def test_it_is_accepted(name: str, hand: str) -> None:
    resource = read_processes(HANDS[hand](DIAGRAMS[name].decode()), "x.bpmn")
    errors = [finding for finding in resource.findings if finding.severity is Severity.ERROR]
    assert not errors, [str(finding) for finding in errors]
    assert all(process.network for process in resource.processes if process.is_executable)


def test_there_are_a_hundred_of_them() -> None:
    texts = {write(text.decode()) for text in DIAGRAMS.values() for write in HANDS.values()}
    assert len(texts) >= 100
    assert len(texts) >= len(DIAGRAMS) * len(HANDS) * 0.8
