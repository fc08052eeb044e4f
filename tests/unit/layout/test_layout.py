"""Drawing diagrams: every picture is without faults, the same each time, and nothing else in the file changes."""

import random

import pytest

from engine.layout import complaints, lay_out, read_picture
from engine.layout.text import broken, text_size
from tests.bpmn_xml import definitions, user
from tests.unit.semantics.random_diagrams import Draughtsman

SEEDS = range(60)
LANES = """<bpmn:laneSet id="lanes"><bpmn:lane id="upper" name="上级">{}</bpmn:lane>
<bpmn:lane id="lower" name="客服内勤">{}</bpmn:lane></bpmn:laneSet>"""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_diagram_is_drawn_without_faults(seed: int) -> None:
    drawn = lay_out(Draughtsman(seed).diagram())

    assert complaints(drawn) == []
    assert lay_out(drawn) == drawn


@pytest.mark.parametrize("seed", SEEDS)
def test_random_lanes_hold_their_nodes(seed: int) -> None:
    draw = random.Random(seed)
    names = [f"n{number}" for number in range(draw.randrange(2, 14))]
    flows = [f"{name} > {draw.choice(names)} | | f{number}" for number, name in enumerate(names * 2)]
    inside: list[list[str]] = [[], []]
    for name in names:
        draw.choice(inside).append(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>")
    lanes = LANES.format(*map("".join, inside))

    drawn = lay_out(definitions(lanes + "".join(map(user, names)), "\n".join(flows)))

    assert complaints(drawn) == []


TWO_POOLS = """<bpmn:collaboration id="both"><bpmn:participant id="ours" name="客服部" processRef="process"/>
<bpmn:participant id="customer" name="客户"/><bpmn:participant id="theirs" name="厂家" processRef="maker"/>
<bpmn:messageFlow id="m1" sourceRef="ask" targetRef="answer"/>
<bpmn:messageFlow id="m2" sourceRef="customer" targetRef="ask"/></bpmn:collaboration>
<bpmn:process id="maker"><bpmn:task id="answer" name="批复"/></bpmn:process>"""
NESTED = """<bpmn:laneSet id="lanes"><bpmn:lane id="outer" name="客服"><bpmn:childLaneSet id="within">
<bpmn:lane id="inner1" name="内勤"><bpmn:flowNodeRef>ask</bpmn:flowNodeRef></bpmn:lane>
<bpmn:lane id="inner2" name="主管"><bpmn:flowNodeRef>check</bpmn:flowNodeRef></bpmn:lane>
</bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"""
BESIDE = """<bpmn:textAnnotation id="note"><bpmn:text>一个工作日内</bpmn:text></bpmn:textAnnotation>
<bpmn:association id="of_ask" sourceRef="ask" targetRef="note"/>
<bpmn:dataObjectReference id="paper" name="报价单" dataObjectRef="object"/><bpmn:dataObject id="object"/>"""
READS = """<bpmn:dataInputAssociation id="reads"><bpmn:sourceRef>paper</bpmn:sourceRef></bpmn:dataInputAssociation>"""


def test_pools_nested_lanes_and_artifacts_are_drawn() -> None:
    body = NESTED + user("ask") + user("check", inner=READS) + BESIDE

    drawn = lay_out(definitions(body, "ask > check", TWO_POOLS))

    assert complaints(drawn) == []
    shapes = read_picture(drawn)[0].shapes
    ours, customer, theirs = (shapes[key].box for key in ("ours", "customer", "theirs"))
    assert ours.bottom < customer.y
    assert customer.bottom < theirs.y
    assert ours.holds(shapes["outer"].box)
    assert shapes["outer"].box.holds(shapes["inner1"].box)
    assert ours.holds(shapes["note"].box)
    assert ours.holds(shapes["paper"].box)


def test_only_the_picture_changes() -> None:
    content = Draughtsman(3).diagram()
    before, end = content.rsplit(b"</", 1)

    drawn = lay_out(content)

    assert drawn.startswith(before)
    assert drawn.endswith(b"</" + end)
    assert b"BPMNDiagram" in drawn[len(before) :]


def test_a_picture_is_replaced() -> None:
    content = Draughtsman(3).diagram()
    drawn = lay_out(content)
    moved = drawn.replace(b' x="', b' x="7')

    assert moved != drawn
    assert lay_out(moved) == drawn
    assert len(read_picture(drawn)) == 1


def test_faults_are_told() -> None:
    content = definitions(user("one") + user("two"), "one > two")
    assert complaints(content) == ["process: no picture"]

    picture = read_picture(lay_out(content))[0]
    box = picture.shapes["two"].box
    place = f'x="{box.x:g}" y="{box.y:g}"'.encode()
    one = picture.shapes["one"].box
    overlapping = lay_out(content).replace(place, f'x="{one.x + 10:g}" y="{one.y:g}"'.encode())

    assert "one: overlaps two" in complaints(overlapping)


def test_wide_glyphs_break_anywhere_and_words_at_blanks() -> None:
    assert broken("客户满意度回访", 42) == ["客户满", "意度回", "访"]
    assert broken("10 % 以上", 60) == ["10 % 以", "上"]
    assert broken("reply within two days", 60) == ["reply", "within", "two days"]
    assert text_size("客户", 84) == (28, 14)
