"""Random diagrams with every construct and little structure, for comparing the engine with the automaton.

Data is one name per kind of question: ``=c`` is a condition, ``=items`` a list, ``=until`` a completion condition,
``=again`` a loop condition. Whoever plays the diagram answers as he likes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.bpmn_xml import (
    ROOTS,
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

COMPENSATE = "<bpmn:compensateEventDefinition/>"
TERMINATE = "<bpmn:terminateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
NODES = (
    *("user", "user", "user", "user", "pass", "service", "exclusive", "exclusive", "parallel", "parallel"),
    *("inclusive", "inclusive", "race", "catch", "call", "sub", "sub", "transaction", "many", "loop", "manysubs"),
    *("compensated", "escalates", "compensates", "throws"),
)
LOOP = (
    "<bpmn:standardLoopCharacteristics{}><bpmn:loopCondition>=again</bpmn:loopCondition>"
    "</bpmn:standardLoopCharacteristics>"
)
HOSTS = ("user", "service", "call", "sub", "transaction", "many", "loop", "manysubs")


@dataclass
class Scope:
    """A (sub)process being drawn: XML of its nodes, flows, and the nodes that flows may lead to or from, in order."""

    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    order: list[tuple[str, str]] = field(default_factory=list)


class Draughtsman:
    """Draws one diagram."""

    def __init__(self, seed: int, most: int = 6) -> None:
        self.draw = random.Random(seed)
        self.most = most
        self.count = 0
        self.calm = self.draw.random() < 0.4
        self.kinds = [kind for kind in NODES if self.draw.random() < 0.6] or ["user"]

    def diagram(self) -> bytes:
        """The file."""
        body, flows = self.scope(2, "process")
        return definitions(body, flows, ROOTS)

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def scope(self, depth: int, kind: str, start: str = "") -> tuple[str, str]:
        """Body and flows of a (sub)process; `start` is an event subprocess's own start event."""
        scope = Scope()
        first = start or self.name("s")
        if not start:
            scope.nodes.append(tag("startEvent", first))
        for _ in range(self.draw.randrange(1, self.most if depth == 2 else 4)):
            self.node(scope, depth, self.draw.choice(self.kinds))
        for _ in range(self.draw.randrange(1, 3)):
            self.end(scope, kind)
        self.connect(scope, first)
        if depth and self.draw.random() < 0.25:
            self.event_subprocess(scope, depth)
        return "".join(scope.nodes), "\n".join(scope.flows)

    # ---- nodes ------------------------------------------------------------------------------------------------------

    def node(self, scope: Scope, depth: int, kind: str) -> None:
        name = self.name(kind[0])
        if kind in ("sub", "transaction", "manysubs") and not depth:
            kind = "user"
        drawn = getattr(self, f"_{kind}")(name, depth)
        scope.nodes.append(drawn)
        scope.order.append((name, kind))
        if kind in HOSTS:
            self.boundaries(scope, name, kind)

    def _user(self, name: str, depth: int) -> str:
        return user(name, **({"default": f"{name}_d"} if self.draw.random() < 0.2 else {}))

    def _pass(self, name: str, depth: int) -> str:
        return script(name, "=1", "unused")

    def _service(self, name: str, depth: int) -> str:
        return service(name)

    def _exclusive(self, name: str, depth: int) -> str:
        return tag("exclusiveGateway", name, **self._default(name))

    def _inclusive(self, name: str, depth: int) -> str:
        return tag("inclusiveGateway", name, **self._default(name))

    def _default(self, name: str) -> dict[str, str]:
        return {"default": f"{name}_d"} if self.draw.random() < 0.7 else {}

    def _parallel(self, name: str, depth: int) -> str:
        return tag("parallelGateway", name)

    def _race(self, name: str, depth: int) -> str:
        one = tag("intermediateCatchEvent", f"{name}u", timer("PT1H"))
        return tag("eventBasedGateway", name) + one + tag("receiveTask", f"{name}v", messageRef="M")

    def _catch(self, name: str, depth: int) -> str:
        return tag(
            "intermediateCatchEvent", name, self.draw.choice([timer("PT1H"), signal(), message(), condition("=when")])
        )

    def _call(self, name: str, depth: int) -> str:
        return tag("callActivity", name, extensions('<zeebe:calledElement processId="child"/>'))

    def _sub(self, name: str, depth: int) -> str:
        return subprocess(name, *self.scope(depth - 1, "sub"))

    def _manysubs(self, name: str, depth: int) -> str:
        return subprocess(name, *self.scope(depth - 1, "sub"), self._many_of())

    def _transaction(self, name: str, depth: int) -> str:
        return subprocess(name, *self.scope(depth - 1, "transaction"), kind="transaction")

    def _many_of(self) -> str:
        return multi_instance("=items", self.draw.random() < 0.5, completion=self.draw.choice(["", "=until"]))

    def _many(self, name: str, depth: int) -> str:
        return user(name, inner=self._many_of())

    def _loop(self, name: str, depth: int) -> str:
        return user(name, inner=LOOP.format(self.draw.choice(["", ' testBefore="true"'])))

    def _compensated(self, name: str, depth: int) -> str:
        return (
            user(name)
            + tag("boundaryEvent", f"b{name}", COMPENSATE, attachedToRef=name)
            + user(f"u{name}", isForCompensation="true")
            + f'<bpmn:association id="as{name}" sourceRef="b{name}" targetRef="u{name}"/>'
        )

    def _escalates(self, name: str, depth: int) -> str:
        return tag("intermediateThrowEvent", name, escalation())

    def _compensates(self, name: str, depth: int) -> str:
        return tag("intermediateThrowEvent", name, COMPENSATE)

    def _throws(self, name: str, depth: int) -> str:
        return tag("intermediateThrowEvent", name, signal())

    def boundaries(self, scope: Scope, host: str, kind: str) -> None:
        draw = self.draw
        if kind == "transaction":
            self.attach(scope, host, CANCEL, True)
        if draw.random() < 0.35:
            self.attach(scope, host, *draw.choice([(timer("PT1H"), True), (timer("PT1H"), False), (message(), True)]))
        if draw.random() < 0.15:
            self.attach(scope, host, timer("R2/PT1H", "timeCycle"), False)
        if draw.random() < 0.25:
            self.attach(scope, host, draw.choice([error(), error("")]), True)
        if kind not in ("user", "service", "many", "loop") and draw.random() < 0.3:
            self.attach(scope, host, escalation(), draw.random() < 0.5)

    def attach(self, scope: Scope, host: str, definition: str, interrupting: bool) -> None:
        name = self.name("b")
        scope.nodes.append(boundary(name, host, definition, interrupting))
        scope.order.append((name, "boundary"))

    def end(self, scope: Scope, kind: str) -> None:
        ends = ["", "", ""] if self.calm else ["", "", TERMINATE, error(), error("ER2"), escalation(), COMPENSATE]
        if kind == "transaction":
            ends.append(CANCEL)
        name = self.name("e")
        scope.nodes.append(tag("endEvent", name, self.draw.choice(ends)))
        scope.order.append((name, "end"))

    def event_subprocess(self, scope: Scope, depth: int) -> None:
        draw, name = self.draw, self.name("ev")
        definition, interrupting = draw.choice(
            [
                (timer("PT1H"), True),
                (timer("PT1H"), False),
                (message(), False),
                (error(), True),
                (escalation(), True),
                (escalation(), False),
                (condition("=when"), True),
            ]
        )
        body, flows = self.scope(0, "sub", f"{name}_s")
        scope.nodes.append(event_subprocess(name, definition, interrupting, body, flows))

    # ---- flows ------------------------------------------------------------------------------------------------------

    def connect(self, scope: Scope, first: str) -> None:
        """Every node is reached from one before it; some flows go back."""
        draw, order = self.draw, scope.order
        targets = [name for name, kind in order if kind != "boundary"]
        after = {
            name: [other for other, kind in order[position + 1 :] if kind != "boundary"]
            for position, (name, kind) in enumerate(order)
        }
        out: dict[str, list[str]] = {first: [targets[0]], **{name: [] for name, _ in order}}
        ends = [name for name, kind in order if kind == "end"]
        for name, kind in order:
            if kind == "end":
                continue
            wanted = {"exclusive": 2, "parallel": 2, "inclusive": 2, "user": draw.choice([1, 1, 1, 2])}.get(kind, 1)
            for _ in range(wanted if draw.random() < 0.8 else 1):
                back = draw.random() < 0.12
                choice = targets if back else after[name][:3] or ends
                out[name].append(draw.choice(choice))
        entered = {target for others in out.values() for target in others}
        splits = [first, *(name for name, kind in order if kind in ("exclusive", "parallel", "inclusive", "user"))]
        for name in targets:
            if name not in entered:
                before = [split for split in splits if split == first or name in after[split]]
                out[draw.choice(before)].append(name)
        for name, others in out.items():
            self.flows_of(scope, name, dict([*order, (first, "start")])[name], others)

    def flows_of(self, scope: Scope, name: str, kind: str, targets: list[str]) -> None:
        if kind == "race":
            scope.flows += [
                f"{name} > {name}u",
                f"{name} > {name}v",
                f"{name}u > {targets[0]}",
                f"{name}v > {targets[-1]}",
            ]
            return
        xml = "".join(scope.nodes)
        default = f'default="{name}_d"' in xml
        decides = kind in ("exclusive", "inclusive") and len(targets) > 1
        for position, target in enumerate(targets):
            if default and position == 0:
                scope.flows.append(f"{name} > {target} | | {name}_d")
            elif decides or (kind == "user" and self.draw.random() < 0.3) or (default and kind == "user"):
                scope.flows.append(f"{name} > {target} | =c | f{name}_{position}")
            else:
                scope.flows.append(f"{name} > {target} | | f{name}_{position}")
