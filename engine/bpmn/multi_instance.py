"""Bodies around activities that happen several times: multi-instance (parallel, sequential) and the standard loop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.bpmn.behaviour import DONE, Behaviour, Result
from engine.bpmn.host import ExpressionFailed, Waiting
from engine.errors import N_

if TYPE_CHECKING:
    from engine.bpmn.model import Element, MultiInstance, StandardLoop
    from engine.bpmn.network import ScopeSpec
    from engine.bpmn.token import Token

MAX_INSTANCES = 100_000
_LOCAL_RESULT = re.compile(r"=\s*([A-Za-z_]\w*)\s*(?:\.\s*[\w.\s]+)?")


class Body(Behaviour):
    """What all bodies share; the instances are tokens of `item` contained in the body's token."""

    is_body = True
    waits = Waiting.CHILDREN

    def __init__(self, net: ScopeSpec, element: Element, item: Behaviour) -> None:
        super().__init__(net, element)
        self.item = item

    def begin_item(self, body: Token, number: int, values: Mapping[str, object]) -> None:
        """The instance with this number (from 1) and these variables begins."""
        token = body.spawn(self.item, n=number)
        token.open_scope({"loopCounter": Decimal(number), **values})
        token.begin()

    def collect(self, body: Token, item: Token) -> None:
        """An instance is about to end: take its output and decide how to go on; may fail, then nothing has changed."""
        raise NotImplementedError

    def item_done(self, body: Token, item: Token) -> None:
        """An instance has ended: go on as `collect` decided."""
        raise NotImplementedError

    def end(self, body: Token, but: Token) -> None:
        """No further instance: cut off those that still run and leave."""
        for other in body.children:
            if other is not but:
                other.cancel()
        body.workflow.top_workflow.resume(body, DONE)


class MultiInstanceBody(Body):
    """``multiInstanceLoopCharacteristics``; the output keeps the order of the input.

    The number of instances is fixed at the start; a sequential one reads its element when it begins.
    """

    @property
    def loop(self) -> MultiInstance:
        assert self.element.multi_instance is not None
        return self.element.multi_instance

    def act(self, token: Token) -> Result | None:
        items = self.items(token)
        total = items if isinstance(items, int) else len(items)
        if self.loop.output_collection:
            token.open_scope({self.loop.output_collection: [None] * total})
        if total == 0:
            return DONE
        token.internal_data.update(total=total, done=0)
        for number in range(1, 2 if self.loop.sequential else total + 1):
            self.begin_item(token, number, self.values_of(items, number))
        return None

    def items(self, token: Token) -> list[Any] | int:
        """The input collection, or how many instances there shall be."""
        loop = self.loop
        if loop.collection:
            value = self.evaluate(token, loop.collection)
            if isinstance(value, list) and len(value) <= MAX_INSTANCES:
                return value
            raise self.refuse(loop.collection, N_("a list"))
        cardinality = loop.cardinality or ""
        value = self.evaluate(token, cardinality)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = Decimal(value)
        if not isinstance(value, Decimal) or value not in range(MAX_INSTANCES + 1):
            raise self.refuse(cardinality, N_("a whole number"))
        return int(value)

    def refuse(self, expression: str, wanted: str) -> ExpressionFailed:
        """The input is no usable collection or number."""
        reason = f"it must give {wanted}, at most {MAX_INSTANCES} instances"
        return ExpressionFailed(expression=expression, element=self.element.id, reason=reason)

    def values_of(self, items: list[Any] | int, number: int) -> dict[str, object]:
        """The variables with which an instance begins."""
        values: dict[str, object] = {}
        output = _LOCAL_RESULT.fullmatch(self.loop.output_element or "")
        if output is not None:
            values[output[1]] = None  # its result stays with the instance
        if self.loop.input_element:
            in_range = not isinstance(items, int) and number <= len(items)
            values[self.loop.input_element] = items[number - 1] if in_range else None  # type: ignore[index]
        return values

    def collect(self, body: Token, item: Token) -> None:
        loop, counts = self.loop, body.internal_data
        scopes = body.workflow.top_workflow.host.scopes
        output = self.evaluate(item, loop.output_element) if loop.output_element else None
        done = counts["done"] + 1
        stops = done == counts["total"]
        if loop.completion_condition is not None and not stops:
            stops = self.is_true(item, loop.completion_condition, self.counters(body, done))
        values = None
        if loop.sequential and not stops:
            values = self.values_of(self.items(body) if loop.collection else 0, done + 1)
        counts["done"] = done
        if loop.output_collection:
            collected = list(scopes.get_local(body.id, loop.output_collection))  # type: ignore[call-overload]
            collected[item.internal_data["n"] - 1] = output
            scopes.assign_local(body.id, loop.output_collection, collected)
        item.following = (stops, values)

    def counters(self, body: Token, done: int) -> dict[str, object]:
        """What a completion condition may ask for, in Camunda's and in BPMN's words."""
        total = body.internal_data["total"]
        active = 0 if self.loop.sequential else total - done
        counts = {"Instances": total, "ActiveInstances": active, "CompletedInstances": done, "TerminatedInstances": 0}
        return {word + name: Decimal(count) for name, count in counts.items() for word in ("numberOf", "nrOf")}

    def item_done(self, body: Token, item: Token) -> None:
        stops, values = item.following
        if stops:
            self.end(body, item)
        elif values is not None:
            self.begin_item(body, item.internal_data["n"] + 1, values)

    def leave(self, token: Token, result: Result) -> None:
        name = self.loop.output_collection
        if name:
            scopes = token.workflow.top_workflow.host.scopes
            scopes.assign(token.outer_scope, name, scopes.get_local(token.id, name))


class LoopBody(Body):
    """``standardLoopCharacteristics``: again while the condition holds, tested before or after each pass."""

    @property
    def loop(self) -> StandardLoop:
        assert self.element.loop is not None
        return self.element.loop

    def act(self, token: Token) -> Result | None:
        if self.loop.test_before and not self.again(token, 0):
            return DONE
        self.begin_item(token, 1, {})
        return None

    def again(self, token: Token, done: int) -> bool:
        """Whether there is another pass after so many."""
        if self.loop.maximum is not None and done >= self.loop.maximum:
            return False
        return self.loop.condition is None or self.is_true(token, self.loop.condition, {"loopCounter": Decimal(done)})

    def collect(self, body: Token, item: Token) -> None:
        item.following = (not self.again(item, item.internal_data["n"]), None)

    def item_done(self, body: Token, item: Token) -> None:
        stops, _ = item.following
        if stops:
            self.end(body, item)
        else:
            self.begin_item(body, item.internal_data["n"] + 1, {})

    def leave(self, token: Token, result: Result) -> None:
        """The passes have already written where they write."""
