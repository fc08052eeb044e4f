"""Random block-structured processes, as BPMN and as an independent oracle that knows nothing of tokens.

The oracle plays a block tree with callbacks: what is enabled, and what follows when something enabled happens.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from tests.bpmn_xml import boundary, multi_instance, script, subprocess, tag, timer, user

CHOICES = 8
KINDS = (
    *("task", "pass", "seq", "seq", "and", "and", "xor", "or", "or", "loop", "loop"),
    *("sub", "subs", "parallel", "sequence", "cut", "beside", "event"),
)
Path = tuple[int, ...]
Done = Callable[[], None]


@dataclass
class Block:
    """A node of the block tree; `number` and `choices` mean what the kind says."""

    kind: str
    name: str
    parts: list[Block] = field(default_factory=list)
    choices: list[int] = field(default_factory=list)
    number: int = 0
    sequential: bool = False


class Generator:
    """Draws block trees."""

    def __init__(self, draw: random.Random, kinds: tuple[str, ...] = KINDS) -> None:
        self._draw = draw
        self._kinds = kinds
        self._count = 0

    def process(self, depth: int) -> Block:
        return Block("seq", "top", [self.block(depth) for _ in range(2)])

    def block(self, depth: int) -> Block:
        self._count += 1
        draw, name = self._draw, f"n{self._count}"
        if depth <= 0:
            return Block("task", name)
        kind = draw.choice(self._kinds)
        if kind in ("seq", "and", "xor", "or"):
            parts = [self.block(depth - 1) for _ in range(draw.choice([2, 2, 3]))]
            return Block(kind, name, parts, [draw.randrange(CHOICES) for _ in parts])
        if kind == "loop":
            inner = Block("seq", f"{name}s", [Block("task", f"{name}t"), self.block(depth - 1)])
            return Block(kind, name, [inner], [draw.randrange(CHOICES)])
        if kind == "sub":
            return Block(kind, name, [self.block(depth - 1)])
        if kind in ("parallel", "sequence"):
            return Block(kind, name, number=draw.randrange(4), sequential=kind == "sequence")
        if kind == "subs":
            return Block(kind, name, [self.block(depth - 1)], [], draw.randrange(1, 4), draw.random() < 0.5)
        if kind in ("cut", "beside"):
            inner = Block("task", f"{name}i")
            if draw.random() < 0.5:
                inner = Block("sub", f"{name}i", [self.block(depth - 1)])
            return Block(kind, name, [inner])
        return Block(kind, name)


# ---- as BPMN ------------------------------------------------------------------------------------------------------


class Drawing:
    """Collects nodes and flows of one (sub)process."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.flows: list[str] = []

    def flow(self, source: str, target: str, condition: str = "", flow_id: str = "") -> None:
        name = flow_id or f"f_{source}_{target}_{len(self.flows)}"
        self.flows.append(f"{source} > {target} | {condition} | {name}")

    def body(self, block: Block, prefix: str) -> tuple[str, str]:
        self.nodes += [tag("startEvent", f"{prefix}S"), tag("endEvent", f"{prefix}E")]
        first, last = self.draw(block)
        self.flow(f"{prefix}S", first)
        self.flow(last, f"{prefix}E")
        return "".join(self.nodes), "\n".join(self.flows)

    def draw(self, block: Block) -> tuple[str, str]:
        """Draw a block; its first and last node."""
        drawer = getattr(self, f"_{block.kind}")
        return drawer(block)

    def _task(self, block: Block) -> tuple[str, str]:
        self.nodes.append(user(block.name))
        return block.name, block.name

    def _pass(self, block: Block) -> tuple[str, str]:
        self.nodes.append(script(block.name, "=1", "unused"))
        return block.name, block.name

    def _seq(self, block: Block) -> tuple[str, str]:
        ends = [self.draw(part) for part in block.parts]
        for (_, last), (first, _) in pairwise(ends):
            self.flow(last, first)
        return ends[0][0], ends[-1][1]

    def _gateways(self, block: Block, kind: str) -> tuple[str, str]:
        split, join, default = f"{block.name}g", f"{block.name}j", f"{block.name}_d"
        decides = kind != "parallel"
        self.nodes.append(tag(f"{kind}Gateway", split, **({"default": default} if decides else {})))
        self.nodes.append(tag(f"{kind}Gateway", join))
        for position, part in enumerate(block.parts):
            first, last = self.draw(part)
            otherwise = decides and position == len(block.parts) - 1
            condition = "" if not decides or otherwise else f"=choice[{block.choices[position] + 1}]"
            self.flow(split, first, condition, default if otherwise else "")
            self.flow(last, join)
        return split, join

    def _and(self, block: Block) -> tuple[str, str]:
        return self._gateways(block, "parallel")

    def _xor(self, block: Block) -> tuple[str, str]:
        return self._gateways(block, "exclusive")

    def _or(self, block: Block) -> tuple[str, str]:
        return self._gateways(block, "inclusive")

    def _loop(self, block: Block) -> tuple[str, str]:
        merge, decide, after = f"{block.name}m", f"{block.name}x", f"{block.name}z"
        self.nodes.append(tag("exclusiveGateway", merge) + tag("exclusiveGateway", after))
        self.nodes.append(tag("exclusiveGateway", decide, default=f"{block.name}_d"))
        first, last = self.draw(block.parts[0])
        self.flow(merge, first)
        self.flow(last, decide)
        self.flow(decide, merge, f"=choice[{block.choices[0] + 1}]")
        self.flow(decide, after, "", f"{block.name}_d")
        return merge, after

    def _sub(self, block: Block, before: str = "") -> tuple[str, str]:
        nodes, flows = Drawing().body(block.parts[0], block.name)
        self.nodes.append(subprocess(block.name, nodes, flows, before))
        return block.name, block.name

    def _subs(self, block: Block) -> tuple[str, str]:
        return self._sub(block, _items(block))

    def _parallel(self, block: Block) -> tuple[str, str]:
        self.nodes.append(user(block.name, inner=_items(block)))
        return block.name, block.name

    _sequence = _parallel

    def _cut(self, block: Block) -> tuple[str, str]:
        first, last = self.draw(block.parts[0])
        name = block.name
        self.nodes.append(boundary(f"{name}b", first, timer("PT1H")))
        self.nodes.append(user(f"{name}h") + tag("exclusiveGateway", f"{name}z"))
        self.flow(f"{name}b", f"{name}h")
        self.flow(last, f"{name}z")
        self.flow(f"{name}h", f"{name}z")
        return first, f"{name}z"

    def _beside(self, block: Block) -> tuple[str, str]:
        first, last = self.draw(block.parts[0])
        name = block.name
        self.nodes.append(boundary(f"{name}b", first, timer("R2/PT1H", "timeCycle"), interrupting=False))
        self.nodes.append(user(f"{name}h") + tag("endEvent", f"{name}q"))
        self.flow(f"{name}b", f"{name}h")
        self.flow(f"{name}h", f"{name}q")
        return first, last

    def _event(self, block: Block) -> tuple[str, str]:
        name = block.name
        self.nodes.append(tag("eventBasedGateway", name) + tag("exclusiveGateway", f"{name}z"))
        for event in (f"{name}u", f"{name}v"):
            self.nodes.append(tag("intermediateCatchEvent", event, timer("PT1H")) + user(f"{event}t"))
            self.flow(name, event)
            self.flow(event, f"{event}t")
            self.flow(f"{event}t", f"{name}z")
        return name, f"{name}z"


def _items(block: Block) -> str:
    return multi_instance(f"=[{', '.join('0' * block.number)}]", block.sequential)


def draw_process(block: Block) -> tuple[str, str]:
    """Body and flows for `tests.bpmn_host.specification`."""
    return Drawing().body(block, "")


# ---- as an oracle -------------------------------------------------------------------------------------------------


class Region:
    """Something that can be cut off as a whole: what was enabled in it, and regions inside."""

    def __init__(self) -> None:
        self.handles: list[int] = []
        self.inner: list[Region] = []
        self.dead = False


class Oracle:
    """What is enabled now: name and path of loop counters to what happens then."""

    def __init__(self, choice: list[bool]) -> None:
        self.choice = choice
        self.finished = False
        self._enabled: dict[int, tuple[str, Path, Done]] = {}
        self._next = 0

    def start(self, block: Block) -> None:
        def finish() -> None:
            self.finished = True

        self._process(block, (), Region(), finish)

    def enabled(self) -> Counter[tuple[str, Path]]:
        return Counter((name, path) for name, path, _ in self._enabled.values())

    def happen(self, name: str, path: Path) -> None:
        handle = next(h for h, (n, p, _) in self._enabled.items() if (n, p) == (name, path))
        self._enabled[handle][2]()

    def _enable(self, name: str, path: Path, region: Region, then: Callable[[int], None]) -> int:
        handle = self._next = self._next + 1
        self._enabled[handle] = (name, path, lambda: then(handle))
        region.handles.append(handle)
        return handle

    def _off(self, handle: int) -> None:
        self._enabled.pop(handle, None)

    def _kill(self, region: Region) -> None:
        region.dead = True
        for handle in region.handles:
            self._off(handle)
        for inner in region.inner:
            self._kill(inner)

    def _process(self, block: Block, path: Path, outer: Region, done: Done) -> None:
        """A (sub)process ends when its main path and everything beside it has ended."""
        region = Region()
        outer.inner.append(region)
        open_paths = [1]

        def one_ends() -> None:
            open_paths[0] -= 1
            if open_paths[0] == 0 and not region.dead:
                region.dead = True
                done()

        self._go(block, path, region, (open_paths, one_ends), one_ends)

    def _go(self, block: Block, path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        getattr(self, f"_{block.kind}")(block, path, region, side, done)

    def _task(self, block: Block, path: Path, region: Region, side: object, done: Done) -> None:
        def then(handle: int) -> None:
            self._off(handle)
            done()

        self._enable(block.name, path, region, then)

    def _pass(self, block: Block, path: Path, region: Region, side: object, done: Done) -> None:
        done()

    def _seq(self, block: Block, path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        def step(position: int) -> None:
            if position == len(block.parts):
                done()
            else:
                self._go(block.parts[position], path, region, side, lambda: step(position + 1))

        step(0)

    def _all(self, parts: list[Block], path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        left = [len(parts)]

        def one() -> None:
            left[0] -= 1
            if left[0] == 0:
                done()

        for part in parts:
            self._go(part, path, region, side, one)

    def _and(self, block: Block, path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        self._all(block.parts, path, region, side, done)

    def _true_parts(self, block: Block) -> list[Block]:
        true = [part for part, choice in zip(block.parts[:-1], block.choices, strict=False) if self.choice[choice]]
        return true or [block.parts[-1]]

    def _xor(self, block: Block, path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        self._go(self._true_parts(block)[0], path, region, side, done)

    def _or(self, block: Block, path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        self._all(self._true_parts(block), path, region, side, done)

    def _loop(self, block: Block, path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        def again() -> None:
            if self.choice[block.choices[0]]:
                self._go(block.parts[0], path, region, side, again)
            else:
                done()

        self._go(block.parts[0], path, region, side, again)

    def _sub(self, block: Block, path: Path, region: Region, side: object, done: Done) -> None:
        self._process(block.parts[0], path, region, done)

    def _times(self, block: Block, path: Path, once: Callable[[Path, Done], None], done: Done) -> None:
        left = [block.number]

        def begin(position: int) -> None:
            def ended() -> None:
                left[0] -= 1
                if left[0] == 0:
                    done()
                elif block.sequential:
                    begin(position + 1)

            once((*path, position), ended)

        if block.number == 0:
            done()
        for position in range(1, (1 if block.sequential else block.number) + 1):
            if block.number:
                begin(position)

    def _parallel(self, block: Block, path: Path, region: Region, side: object, done: Done) -> None:
        self._times(block, path, lambda inner, ended: self._task(block, inner, region, side, ended), done)

    _sequence = _parallel

    def _subs(self, block: Block, path: Path, region: Region, side: object, done: Done) -> None:
        self._times(block, path, lambda inner, ended: self._process(block.parts[0], inner, region, ended), done)

    def _cut(self, block: Block, path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        inner = Region()
        region.inner.append(inner)

        def cut(handle: int) -> None:
            self._kill(inner)
            self._off(handle)
            self._task(Block("task", f"{block.name}h"), path, region, side, done)

        watch = self._enable(f"{block.name}b", path, region, cut)

        def finished() -> None:
            self._off(watch)
            done()

        self._go(block.parts[0], path, inner, side, finished)

    def _beside(self, block: Block, path: Path, region: Region, side: tuple[list[int], Done], done: Done) -> None:
        open_paths, one_ends = side
        left = [2]

        def beside(handle: int) -> None:
            left[0] -= 1
            open_paths[0] += 1
            if left[0] == 0:
                self._off(handle)
            self._task(Block("task", f"{block.name}h"), path, region, side, one_ends)

        watch = self._enable(f"{block.name}b", path, region, beside)

        def finished() -> None:
            self._off(watch)
            done()

        self._go(block.parts[0], path, region, side, finished)

    def _event(self, block: Block, path: Path, region: Region, side: object, done: Done) -> None:
        handles: list[int] = []

        def happens(event: str) -> Callable[[int], None]:
            def then(handle: int) -> None:
                for other in handles:
                    self._off(other)
                self._task(Block("task", f"{event}t"), path, region, side, done)

            return then

        for event in (f"{block.name}u", f"{block.name}v"):
            handles.append(self._enable(event, path, region, happens(event)))
