"""Strategies for trees of FEEL and for texts that are nearly FEEL."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from engine.feel import tree

WORDS = ("a", "b", "amount", "客户名称", "item", "partial", "date", "count", "x1")
SEVERAL_WORDS = ("Years of Service", "a-b", "net+tax", "valid in days", "case 1")
NAMES = frozenset(SEVERAL_WORDS)
KEYS = (*WORDS, "two words here?", "", 'quote"d', "a:b", "{", "1st", "if")

names = st.sampled_from((*WORDS, *SEVERAL_WORDS)).map(tree.Name)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
types = st.recursive(
    st.sampled_from(("number", "string", "date and time", "days and time duration", "Any", "tThing")).map(
        tree.TypeNode
    ),
    lambda inner: st.one_of(
        inner.map(lambda one: tree.TypeNode("list", (one,), bare=False)),
        inner.map(lambda one: tree.TypeNode("range", (one,), bare=False)),
        st.tuples(st.lists(inner, max_size=2), inner).map(
            lambda both: tree.TypeNode("function", tuple(both[0]), (), both[1], False)
        ),
        st.dictionaries(st.sampled_from(KEYS), inner, min_size=1, max_size=2).map(
            lambda fields: tree.TypeNode("context", (), tuple(fields.items()), None, False)
        ),
    ),
    max_leaves=4,
)
leaves = st.one_of(
    st.decimals(min_value=0, max_value=Decimal(10) ** 12, places=3).map(tree.NumberLiteral),
    texts.map(tree.StringLiteral),
    st.booleans().map(tree.BooleanLiteral),
    st.just(tree.NullLiteral()),
    st.sampled_from(("2026-03-02", "P1D", "09:00:00@Asia/Shanghai", "nonsense")).map(tree.AtLiteral),
    names,
)


def _iterators(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tuple[tree.Iterator, ...]]:
    one = st.builds(tree.Iterator, st.sampled_from(WORDS), inner, st.none() | inner)
    return st.lists(one, min_size=1, max_size=2).map(tuple)


def _grow(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    tests = st.lists(
        inner | st.builds(tree.UnaryRange, st.sampled_from(("<", "<=", ">", ">=", "=", "!=")), inner),
        min_size=1,
        max_size=3,
    ).map(tuple)
    return st.one_of(
        st.builds(tree.Path, inner, st.sampled_from(("year", "time offset", "a-b", "名称"))),
        st.builds(tree.Filter, inner, inner),
        st.lists(inner, max_size=3).map(lambda items: tree.ListLiteral(tuple(items))),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=3).map(
            lambda entries: tree.ContextLiteral(tuple(entries.items()))
        ),
        st.builds(tree.RangeLiteral, inner, inner, st.booleans(), st.booleans()),
        st.builds(tree.UnaryRange, st.sampled_from(("<", "<=", ">", ">=")), inner),
        st.builds(tree.Arithmetic, st.sampled_from(("+", "-", "*", "/", "**")), inner, inner),
        inner.map(tree.Negation),
        st.builds(tree.Comparison, st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), inner, inner),
        st.builds(tree.Logical, st.sampled_from(("and", "or")), st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(tree.Between, inner, inner, inner),
        st.builds(tree.In, inner, tests),
        st.builds(tree.InstanceOf, inner, types),
        st.builds(tree.If, inner, inner, inner),
        st.builds(tree.For, _iterators(inner), inner),
        st.builds(tree.Quantified, st.sampled_from(("some", "every")), _iterators(inner), inner),
        st.builds(
            tree.FunctionDefinition,
            st.lists(st.tuples(st.sampled_from(WORDS), st.none() | types), max_size=2).map(tuple),
            inner,
            st.booleans(),
        ),
        st.builds(tree.Invocation, inner, st.lists(inner, max_size=3).map(tuple)),
        st.builds(
            tree.Invocation,
            inner,
            st.just(()),
            st.dictionaries(st.sampled_from(KEYS), inner, min_size=1, max_size=2).map(lambda d: tuple(d.items())),
        ),
    )


expressions = st.recursive(leaves, _grow, max_leaves=10)
