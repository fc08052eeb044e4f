"""The engine against a plain token game on random graphs without any structure: loops, jumps, unbalanced gateways."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from engine.bpmn import Execution, Waiting, read_processes
from tests.bpmn_host import MemoryHost
from tests.bpmn_xml import definitions, tag, user

CHOICES = 6
KINDS = ("user", "user", "exclusive", "parallel", "inclusive")


class TooLong(Exception):
    """The graph runs in circles, or more than one join could go on: nothing to compare."""


@dataclass
class Graph:
    """Nodes with their kind, edges in order, and for each edge of a deciding gateway the choice it depends on."""

    kinds: dict[str, str] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[int, int] = field(default_factory=dict)
    defaults: dict[str, int] = field(default_factory=dict)

    def out(self, node: str) -> list[int]:
        return [number for number, (source, _) in enumerate(self.edges) if source == node]

    def into(self, node: str) -> list[int]:
        return [number for number, (_, target) in enumerate(self.edges) if target == node]


def draw_graph(draw: random.Random) -> Graph:
    names = [f"n{number}" for number in range(draw.randrange(5, 12))]
    graph = Graph({"s": "start", **{name: draw.choice(KINDS) for name in names}, names[-1]: "user"})
    graph.edges.append(("s", names[0]))
    for position, name in enumerate(names[:-1]):
        for _ in range(1 if graph.kinds[name] == "user" else draw.choice([1, 2, 2, 3])):
            back = position and draw.random() < 0.15 and graph.out(name)
            others = names[: position + 1] if back else names[position + 1 :]
            graph.edges.append((name, draw.choice(others)))
        following = names[position + 1]
        if not any(source in names[: position + 1] for source, target in graph.edges if target == following):
            graph.edges.append((draw.choice(names[: position + 1]), following))
    for name, kind in graph.kinds.items():
        first, *others = graph.out(name) or [-1]
        if kind in ("exclusive", "inclusive") and first >= 0:
            graph.defaults[name] = first
            graph.choices.update((number, draw.randrange(CHOICES)) for number in others)
    return graph


def as_xml(graph: Graph) -> bytes:
    body = '<bpmn:startEvent id="s"/>'
    for name, kind in graph.kinds.items():
        if kind == "user":
            body += user(name)
        elif kind != "start":
            default = {"default": f"f{graph.defaults[name]}"} if name in graph.defaults else {}
            body += tag(f"{kind}Gateway", name, **default)
    flows = ""
    for number, (source, target) in enumerate(graph.edges):
        condition = f"=choice[{graph.choices[number] + 1}]" if number in graph.choices else ""
        flows += f"{source} > {target} | {condition} | f{number}\n"
    return definitions(body, flows)


class TokenGame:
    """Tokens on edges (arriving) and at user tasks (waiting); joins count tokens per edge."""

    def __init__(self, graph: Graph, choice: list[bool]) -> None:
        self.graph = graph
        self.choice = choice
        self.waiting: Counter[str] = Counter()
        self.parked: Counter[int] = Counter()
        self._arriving: list[int] = list(graph.out("s"))
        self._settle()

    @property
    def is_over(self) -> bool:
        return not self.waiting.total() and not self.parked.total()

    def complete(self, node: str) -> None:
        self.waiting[node] -= 1
        self._arriving += self.graph.out(node)
        self._settle()

    def enabled(self) -> Counter[str]:
        return +self.waiting

    def _settle(self) -> None:
        for _ in range(300):
            if self._arriving:
                self._arrive(self._arriving.pop(0))
                continue
            ready = [node for node, kind in self.graph.kinds.items() if kind == "inclusive" and self._may_go(node)]
            if not ready:
                return
            if len(ready) > 1:
                raise TooLong
            self._join(ready[0])
        raise TooLong

    def _arrive(self, edge: int) -> None:
        node = self.graph.edges[edge][1]
        kind = self.graph.kinds[node]
        if kind == "user":
            self.waiting[node] += 1
        elif kind == "exclusive" or len(self.graph.into(node)) == 1:
            self._leave(node)
        else:
            self.parked[edge] += 1
            if kind == "parallel" and all(self.parked[other] for other in self.graph.into(node)):
                self._join(node)

    def _join(self, node: str) -> None:
        for edge in self.graph.into(node):
            self.parked[edge] -= self.parked[edge] > 0
        self._leave(node)

    def _leave(self, node: str) -> None:
        out = self.graph.out(node)
        if self.graph.kinds[node] == "parallel" or not out:
            self._arriving += out
            return
        true = [edge for edge in out if edge in self.graph.choices and self.choice[self.graph.choices[edge]]]
        if self.graph.kinds[node] == "exclusive":
            true = true[:1]
        self._arriving += true or [self.graph.defaults[node]]

    def _may_go(self, node: str) -> bool:
        """BPMN 2.0.2, 13.3.3: at least one token, and none elsewhere that could only come by an empty edge."""
        into = self.graph.into(node)
        filled = [edge for edge in into if self.parked[edge]]
        if len(into) < 2 or not filled:
            return False
        empty = [edge for edge in into if not self.parked[edge]]
        places = {place for place, count in self.waiting.items() if count}
        places |= {self.graph.edges[edge][1] for edge, count in self.parked.items() if count}
        return not any(
            any(self._leads(place, edge, node) for edge in empty)
            and not any(self._leads(place, edge, node) for edge in filled)
            for place in places - {node}
        )

    def _leads(self, place: str, edge: int, without: str) -> bool:
        """Whether a path leads from a place over the edge without passing the gateway before."""
        goal = self.graph.edges[edge][0]
        seen, todo = set[str](), [place]
        while todo:
            here = todo.pop()
            if here == goal and here != without:
                return True
            if here in seen or here == without:
                continue
            seen.add(here)
            todo += [self.graph.edges[number][1] for number in self.graph.out(here)]
        return False


def compare(seed: int) -> int:
    """Play one graph on both; how many steps were compared, 0 when it cannot be."""
    draw = random.Random(seed)
    graph = draw_graph(draw)
    resource = read_processes(as_xml(graph))
    assert not resource.findings
    choice = [draw.random() < 0.5 for _ in range(CHOICES)]
    try:
        game = TokenGame(graph, choice)
    except TooLong:
        return 0
    host = MemoryHost({"choice": choice})
    execution = Execution.begin(resource.processes[0], host)
    execution.start()
    for step in range(25):
        enabled: dict[str, int] = {}
        for token in execution.tokens():
            if token.waiting is Waiting.USER_TASK:
                enabled.setdefault(token.element.id, token.id)
        found = Counter(t.element.id for t in execution.tokens() if t.waiting is Waiting.USER_TASK)
        assert found == game.enabled(), (seed, step)
        assert execution.is_completed == game.is_over, (seed, step)
        if not enabled or found.total() > 40:
            return step + 1
        node = draw.choice(sorted(enabled))
        game.choice = [draw.random() < 0.5 for _ in range(CHOICES)]
        host.variables["choice"] = game.choice
        try:
            game.complete(node)
        except TooLong:
            return step + 1
        execution.complete(enabled[node], {})
        execution = Execution.restore(resource.processes[0], execution.snapshot(), host)
    return 25


def test_random_graphs_run_like_the_token_game() -> None:
    assert sum(compare(seed) for seed in range(400)) > 2_000


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_many_random_graphs_run_like_the_token_game(block: int) -> None:
    for seed in range(1_000 + block * 300, 1_300 + block * 300):
        compare(seed)
