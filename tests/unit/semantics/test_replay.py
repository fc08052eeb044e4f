"""Following traces: what fits, and what could have happened instead."""

from __future__ import annotations

from engine.semantics import Event, Follower, replay
from tests.bpmn_host import specification
from tests.bpmn_xml import ROOTS, START_END, boundary, multi_instance, subprocess, tag, timer, user

PAIR = START_END + user("a") + user("b")
IN_ORDER = specification(PAIR, "s > a; a > b; b > e")


def trace(text: str) -> list[tuple[str, str]]:
    """``+a`` started, ``-a`` completed, ``!a`` cancelled; ``a`` alone is both."""
    lifecycles = {"+": "started", "-": "completed", "!": "cancelled"}
    events: list[tuple[str, str]] = []
    for word in text.split():
        if word[0] in lifecycles:
            events.append((word[1:], lifecycles[word[0]]))
        else:
            events += [(word, "started"), (word, "completed")]
    return events


def test_a_trace_that_follows_the_diagram_is_accepted_and_ended() -> None:
    verdict = replay(IN_ORDER, trace("s a b e"))
    assert verdict.accepted
    assert verdict.ended
    assert verdict.possible == frozenset()


def test_a_trace_that_stops_early_fits_but_has_not_ended() -> None:
    verdict = replay(IN_ORDER, trace("s a"))
    assert verdict.accepted
    assert not verdict.ended
    assert verdict.possible == {Event("b", "started")}


def test_the_first_event_that_does_not_fit_is_named_with_what_was_possible_instead() -> None:
    verdict = replay(IN_ORDER, trace("s b"))
    assert verdict.position == 2
    assert verdict.possible == {Event("a", "started")}


def test_parallel_branches_may_come_in_any_order() -> None:
    specified = specification(PAIR, "s > a; s > b; a > e; b > e")
    for text in ("s +a +b -b -a e e", "s +b +a -a e -b e", "s a e b e", "s b +a e -a e"):
        assert replay(specified, trace(text)).ended, text


def test_what_is_cut_off_says_so_before_the_event_that_did_it() -> None:
    body = PAIR + boundary("t", "a", timer("PT1H"))
    specified = specification(body, "s > a; a > b; t > b; b > e")
    assert replay(specified, trace("s +a !a t b e")).ended
    late = replay(specified, trace("s +a t"))
    assert late.position == 3
    assert Event("a", "cancelled") in late.possible


def test_a_multi_instance_may_have_any_number_of_items() -> None:
    specified = specification(START_END + user("a", inner=multi_instance("=items")), "s > a; a > e")
    for count in (0, 1, 5):
        text = "s +a" + " +a" * count + " -a" * count + " -a e"
        assert replay(specified, trace(text)).ended, count
    assert not replay(specified, trace("s +a +a e")).accepted


def test_a_subprocess_ends_when_everything_in_it_has_ended() -> None:
    inner = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>' + user("x") + user("y")
    specified = specification(START_END + subprocess("sp", inner, "s2 > x; s2 > y; x > e2; y > e2"), "s > sp; sp > e")
    assert replay(specified, trace("s +sp s2 x e2 y e2 -sp e")).ended
    early = replay(specified, trace("s +sp s2 x e2 -sp"))
    assert early.position == len(trace("s +sp s2 x e2 -sp")) - 1


def test_a_terminate_end_cuts_the_others_off() -> None:
    body = PAIR + tag("endEvent", "k", "<bpmn:terminateEventDefinition/>")
    specified = specification(body, "s > a; s > b; a > k; b > e", ROOTS)
    assert replay(specified, trace("s +b +a -a k !b")).ended
    assert not replay(specified, trace("s +b +a -a k -b")).accepted


def test_many_traces_share_what_is_known_about_the_diagram() -> None:
    follower = Follower(IN_ORDER)
    first, second = follower.replay(), follower.replay()
    assert first.see("s", "started")
    assert not second.see("s", "completed")
    assert second.possible() == {Event("s", "started")}
    assert follower.follow(trace("s a b e")).ended
