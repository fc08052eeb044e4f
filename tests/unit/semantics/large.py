"""Large diagrams: what the proof of soundness and the benchmark of linting are measured with."""

from __future__ import annotations

from tests.bpmn_xml import START_END, boundary, tag, timer, user

TERMINATE = "<bpmn:terminateEventDefinition/>"


def branches(count: int, length: int, end: str = "") -> tuple[str, str]:
    """Parallel branches of user tasks."""
    body = START_END.replace('<bpmn:endEvent id="e"/>', tag("endEvent", "e", end))
    body += tag("parallelGateway", "p") + tag("parallelGateway", "j")
    flows = "s > p; j > e"
    for branch in range(count):
        names = [f"t{branch}_{number}" for number in range(length)]
        body += "".join(user(name) for name in names)
        flows += "".join(f"; {a} > {b}" for a, b in zip(["p", *names], [*names, "j"], strict=True))
    return body, flows


def sixty_nodes() -> tuple[str, str]:
    """Seven parts in a row, each with two branches, a boundary timer and a loop back: more than sixty nodes."""
    body, flows = START_END, "s > m0"
    for part in range(7):
        merge, split, late, join, decide = (f"{letter}{part}" for letter in "mgyjx")
        body += tag("exclusiveGateway", merge) + tag("parallelGateway", split) + tag("parallelGateway", join)
        body += tag("exclusiveGateway", late) + tag("exclusiveGateway", decide, default=f"d{part}")
        body += user(f"a{part}") + user(f"b{part}") + user(f"h{part}") + boundary(f"t{part}", f"a{part}", timer("PT1H"))
        flows += f"; {merge} > {split}; {split} > a{part}; {split} > b{part}; a{part} > {late}; t{part} > h{part}"
        flows += f"; h{part} > {late}; {late} > {join}; b{part} > {join}; {join} > {decide}; {decide} > {merge} | =c"
        flows += f"; {decide} > {f'm{part + 1}' if part < 6 else 'e'} | | d{part}"
    return body, flows
