"""bpmnlint's rules are asked of every diagram and answer with warnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bpmn.style import LARGEST, check_style
from engine.findings import Severity
from engine.xml import BrokenXml
from tests.bpmn_xml import HEAD, START_END, definitions, sequence_flows, tag, user

PROCESSES = Path(__file__).parents[3] / "processes"
NAMED = START_END.replace("/>", ' name="x"/>')
A, B = user("a", name="A"), user("b", name="B")
PLAIN = "s > a; a > e"


def found(body: str, flows: str = PLAIN, roots: str = "") -> list[tuple[str, str]]:
    findings = check_style(definitions(NAMED + body, flows, roots), "x.bpmn")
    assert all(finding.severity is Severity.WARNING and finding.file == "x.bpmn" for finding in findings)
    assert all(finding.message and finding.advice for finding in findings)
    return [(finding.code, finding.element) for finding in findings]


@pytest.mark.parametrize("path", sorted(PROCESSES.rglob("*.bpmn")), ids=lambda path: path.stem)
def test_our_own_diagrams_leave_nothing_to_say(path: Path) -> None:
    for _ in range(2):
        assert check_style(path.read_bytes(), path.name) == []


def test_a_tidy_diagram_leaves_nothing_to_say_even_where_flows_are_not_listed() -> None:
    assert found(A) == []


@pytest.mark.parametrize(
    ("rule", "element", "body", "flows"),
    [
        ("label-required", "b", A + user("b"), "s > a; a > b; b > e"),
        ("no-implicit-end", "b", A + B, "s > a; a > b | =x; a > e | =y"),
        ("no-implicit-split", "a", A + B, "s > a; a > b; a > e; b > e"),
        ("no-duplicate-sequence-flows", "f2_a_e", A, "s > a; a > e; a > e"),
        ("superfluous-gateway", "g", A + tag("exclusiveGateway", "g"), "s > a; a > g; g > e"),
        (
            "no-gateway-join-fork",
            "g",
            A + B + tag("parallelGateway", "p") + tag("parallelGateway", "g"),
            "s > p; p > g; p > g; g > a; g > b; a > e; b > e",
        ),
    ],
)
def test_what_a_reader_stumbles_over_is_said(rule: str, element: str, body: str, flows: str) -> None:
    assert (f"style-{rule}", element) in found(body, flows)


def test_definitions_that_nothing_uses_are_named() -> None:
    assert found(A, roots='<bpmn:error id="er" name="E" errorCode="1"/>') == [("style-global", "er")]


def test_an_only_end_need_not_terminate() -> None:
    end = tag("endEvent", "x", "<bpmn:terminateEventDefinition/>", name="x")
    text = definitions('<bpmn:startEvent id="s" name="x"/>' + A + end, "s > a; a > x")
    assert [(each.code, each.element) for each in check_style(text, "x.bpmn")] == [
        ("style-superfluous-termination", "x")
    ]


def test_a_process_without_an_end_is_said_of_the_process() -> None:
    text = definitions('<bpmn:startEvent id="s" name="x"/>' + A, "s > a")
    assert {(each.code, each.element) for each in check_style(text, "x.bpmn")} == {
        ("style-end-event-required", "process"),
        ("style-no-implicit-end", "a"),
    }


def test_a_way_back_without_a_gateway_is_how_our_diagrams_are_drawn() -> None:
    merging = found(A + B, "s > a; a > b; b > a | =again; b > e | =not(again)")
    assert {code for code, _ in merging} == {"style-label-required"}  # the conditional flows have no names


def test_pictures_may_look_as_they_like() -> None:
    picture = f'<bpmn:process id="q" isExecutable="false">{user("c")}</bpmn:process>'
    assert found(A, roots=picture) == []


def test_the_rules_never_see_a_doctype() -> None:
    with pytest.raises(BrokenXml):
        check_style(b"<!DOCTYPE x><definitions/>", "x.bpmn")


def test_a_file_too_large_is_not_asked_and_that_is_said() -> None:
    many = "".join(user(f"u{number}") for number in range(LARGEST))
    assert found(many) == [("style-unchecked", "")]


def test_sixty_nodes_are_asked() -> None:
    names = [f"k{number}" for number in range(60)]
    steps = "".join(user(name, name=name) for name in names)
    flows = sequence_flows(";".join(f"{a} > {b}" for a, b in zip(["s", *names], [*names, "e"], strict=True)))
    text = f'{HEAD}<bpmn:process id="p" isExecutable="true">{NAMED}{steps}{flows}</bpmn:process></bpmn:definitions>'
    assert check_style(text.encode(), "x.bpmn") == []
