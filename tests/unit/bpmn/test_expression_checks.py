"""What is wrong with an expression is said before it runs: unknown functions, and values of the wrong kind."""

from __future__ import annotations

import pytest

from engine.bpmn import read_processes
from tests.bpmn_xml import (
    ROOTS,
    START_END,
    boundary,
    condition,
    definitions,
    multi_instance,
    script,
    tag,
    timer,
    user,
)

PLAIN = "s > a; a > e"


def codes(body: str, flows: str = PLAIN) -> list[tuple[str, str]]:
    found = read_processes(definitions(START_END + body, flows, ROOTS)).findings
    assert all(each.message and each.advice for each in found)
    return [(each.code, each.element) for each in found]


@pytest.mark.parametrize("text", ["=cuont(items)", "=working time before(x)", "=sum(sqare(2))", "=x.y(1) + f()"])
def test_a_function_that_nobody_defines_is_refused(text: str) -> None:
    assert set(codes(script("a", text, "r"))) & {("feel-function", "a"), ("feel", "a")}


@pytest.mark.parametrize(
    "text",
    [
        "=count(items)",
        "=date and time(x)",
        '=working time after(now(), duration("PT2H"))',
        '=members("clerk")',
        "={f: function(x) x + 1, y: f(1)}.y",
        "=for f in [function(x) x] return f(1)",
        "=string length(name)",
    ],
)
def test_functions_that_exist_are_called(text: str) -> None:
    assert codes(script("a", text, "r")) == []


def assigned(attribute: str, text: str) -> str:
    return user("a", f'<zeebe:assignmentDefinition {attribute}="{text}"/>')


def scheduled(text: str) -> str:
    return user("a", f'<zeebe:taskSchedule dueDate="{text}"/>')


@pytest.mark.parametrize(
    ("element", "body", "flows"),
    [
        ("f1_a_e", user("a"), 's > a; a > e | ="yes"'),
        ("f1_a_e", user("a"), "s > a; a > e | =amount + 1"),
        ("f1_a_e", user("a"), "s > a; a > e | =if x then 1 else true"),
        ("a", user("a", inner=multi_instance("=5")), PLAIN),
        ("a", user("a", inner=multi_instance("=x > 5")), PLAIN),
        ("a", user("a", inner=multi_instance("=[1]", completion="=3")), PLAIN),
        ("a", scheduled("=5"), PLAIN),
        ("a", scheduled("=true"), PLAIN),
        ("a", scheduled("={a: 1}"), PLAIN),
        ("a", assigned("assignee", "=5"), PLAIN),
        ("a", assigned("assignee", "=[1]"), PLAIN),
        ("a", assigned("candidateGroups", "=true"), PLAIN),
        ("t", user("a") + boundary("t", "a", timer("=5")), PLAIN + "; t > e"),
        ("t", user("a") + boundary("t", "a", timer("=x = 5")), PLAIN + "; t > e"),
        ("c", user("a") + boundary("c", "a", condition("=[1]")), PLAIN + "; c > e"),
        ("a", user("a", '<zeebe:priorityDefinition priority="=false"/>'), PLAIN),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_where_it_is_seen(element: str, body: str, flows: str) -> None:
    assert codes(body, flows) == [("feel-kind", element)]


@pytest.mark.parametrize(
    ("body", "flows"),
    [
        (user("a"), "s > a; a > e | =approved"),
        (user("a"), "s > a; a > e | =if x then y else true"),
        (user("a"), 's > a; a > e | =contains(x, "y")'),
        (user("a", inner=multi_instance("=for x in y return x")), PLAIN),
        (user("a", inner=multi_instance("=if x then [1] else y")), PLAIN),
        (scheduled("=if x then now() else null"), PLAIN),
        (scheduled("=now() + x"), PLAIN),
        (assigned("candidateGroups", '=["a"]'.replace('"', "&quot;")), PLAIN),
        (tag("task", "a") + tag("intermediateCatchEvent", "t", timer('=@"PT1H"')), "s > a; a > t; t > e"),
    ],
)
def test_what_may_be_right_is_let_be(body: str, flows: str) -> None:
    assert codes(body, flows) == []
