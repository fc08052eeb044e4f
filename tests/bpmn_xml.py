"""BPMN written in short, for tests."""

from __future__ import annotations

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">'
)
START_END = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'


def definitions(body: str, flows: str = "", roots: str = "", process_id: str = "process") -> bytes:
    """A file with one executable process. `flows`: see `sequence_flows`; `roots`: messages, errors …"""
    process = f'<bpmn:process id="{process_id}" isExecutable="true">{body}{sequence_flows(flows)}</bpmn:process>'
    return f"{HEAD}{roots}{process}</bpmn:definitions>".encode()


def sequence_flows(lines: str) -> str:
    """A flow per line or per semicolon: ``a > b``, ``a > b | =condition`` or ``a > b | condition | id``."""
    written: list[str] = []
    for number, line in enumerate(lines.replace(";", "\n").splitlines()):
        if not line.strip():
            continue
        ends, *rest = (part.strip() for part in line.split("|"))
        source, target = (end.strip() for end in ends.split(">", 1))
        condition = rest[0] if rest else ""
        flow_id = rest[1] if len(rest) > 1 else f"f{number}_{source}_{target}"
        text = escape(condition)
        inner = f"<bpmn:conditionExpression>{text}</bpmn:conditionExpression>" if text else ""
        written.append(
            f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        )
    return "".join(written)


def escape(text: str) -> str:
    """Text as XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def tag(name: str, element_id: str, inner: str = "", /, **attributes: str) -> str:
    """A flow node."""
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<bpmn:{name} id="{element_id}"{more}>{inner}</bpmn:{name}>'


def extensions(*inner: str) -> str:
    """Extension elements."""
    return f"<bpmn:extensionElements>{''.join(inner)}</bpmn:extensionElements>"


def user(element_id: str, *ext: str, inner: str = "", **attributes: str) -> str:
    """A user task."""
    return tag("userTask", element_id, extensions("<zeebe:userTask/>", *ext) + inner, **attributes)


def service(element_id: str, task_type: str = "work", *ext: str, inner: str = "", **attributes: str) -> str:
    """A service task."""
    definition = f'<zeebe:taskDefinition type="{task_type}"/>'
    return tag("serviceTask", element_id, extensions(definition, *ext) + inner, **attributes)


def script(element_id: str, expression: str, variable: str) -> str:
    """A script task."""
    inner = f'<zeebe:script expression="{escape(expression)}" resultVariable="{variable}"/>'
    return tag("scriptTask", element_id, extensions(inner))


def mappings(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """Input and output mappings by target."""
    lines = [f'<zeebe:input source="{escape(source)}" target="{target}"/>' for target, source in (inputs or {}).items()]
    lines += [
        f'<zeebe:output source="{escape(source)}" target="{target}"/>' for target, source in (outputs or {}).items()
    ]
    return f"<zeebe:ioMapping>{''.join(lines)}</zeebe:ioMapping>"


def subprocess(
    element_id: str, body: str, flows: str, before: str = "", kind: str = "subProcess", **attributes: str
) -> str:
    """An embedded subprocess; `before`: extension elements and loop characteristics."""
    return tag(kind, element_id, before + body + sequence_flows(flows), **attributes)


def boundary(element_id: str, host: str, definition: str, interrupting: bool = True, ext: str = "") -> str:
    """A boundary event."""
    inner = (extensions(ext) if ext else "") + definition
    return tag(
        "boundaryEvent", element_id, inner, attachedToRef=host, cancelActivity="true" if interrupting else "false"
    )


def event_subprocess(element_id: str, definition: str, interrupting: bool, body: str, flows: str) -> str:
    """An event subprocess whose start event is ``<id>_s``."""
    start = tag("startEvent", f"{element_id}_s", definition, isInterrupting="true" if interrupting else "false")
    return subprocess(element_id, start + body, flows, triggeredByEvent="true")


def timer(value: str, kind: str = "timeDuration") -> str:
    """A timer definition."""
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(value)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(reference: str = "M") -> str:
    """A message definition."""
    return f'<bpmn:messageEventDefinition messageRef="{reference}"/>'


def signal(reference: str = "SG") -> str:
    """A signal definition."""
    return f'<bpmn:signalEventDefinition signalRef="{reference}"/>'


def error(reference: str = "ER") -> str:
    """An error definition; without reference it catches all."""
    return f"<bpmn:errorEventDefinition{f' errorRef={chr(34)}{reference}{chr(34)}' if reference else ''}/>"


def escalation(reference: str = "ES") -> str:
    """An escalation definition; without reference it catches all."""
    return f"<bpmn:escalationEventDefinition{f' escalationRef={chr(34)}{reference}{chr(34)}' if reference else ''}/>"


def condition(text: str) -> str:
    """A conditional definition."""
    inner = f"<bpmn:condition>{escape(text)}</bpmn:condition>"
    return f"<bpmn:conditionalEventDefinition>{inner}</bpmn:conditionalEventDefinition>"


def multi_instance(
    collection: str, sequential: bool = False, output: str = "", element: str = "", completion: str = ""
) -> str:
    """Multi-instance characteristics with the input element ``item``."""
    more = f' outputCollection="{output}" outputElement="{escape(element)}"' if output else ""
    loop = f'<zeebe:loopCharacteristics inputCollection="{escape(collection)}" inputElement="item"{more}/>'
    until = f"<bpmn:completionCondition>{escape(completion)}</bpmn:completionCondition>" if completion else ""
    name, kind = "bpmn:multiInstanceLoopCharacteristics", "true" if sequential else "false"
    return f'<{name} isSequential="{kind}">{extensions(loop)}{until}</{name}>'


ROOTS = (
    '<bpmn:message id="M" name="msg"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/>'
    "</bpmn:extensionElements></bpmn:message>"
    '<bpmn:message id="M2" name="msg2"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/>'
    "</bpmn:extensionElements></bpmn:message>"
    '<bpmn:signal id="SG" name="sig"/><bpmn:error id="ER" errorCode="E1"/><bpmn:error id="ER2" errorCode="E2"/>'
    '<bpmn:escalation id="ES" escalationCode="X1"/>'
)
