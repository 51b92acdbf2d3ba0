"""The search grammar reads what it allows and explains what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import filters
from mainstay.errors import BadInput
from mainstay.filters import All, AnyOf, Comparison, EntitySpec, Not, Order, Tree

SPECS = [
    filters.RUNS,
    filters.EXPERIMENTS,
    filters.LOGGED_MODELS,
    filters.REGISTERED_MODELS,
    filters.MODEL_VERSIONS,
]


def metric(key: str, operator: str, *values: float) -> Comparison:
    return Comparison(kind="metric", key=key, operator=operator, values=values)


def test_or_binds_weaker_than_and_and_not_binds_strongest() -> None:
    a, b, c = metric("a", ">", 1), metric("b", ">", 1), metric("c", ">", 1)
    read = filters.parse("metrics.a > 1 OR metrics.b > 1 AND NOT metrics.c > 1", filters.RUNS)
    assert read == AnyOf((a, All((b, Not(c)))))
    read = filters.parse("(metrics.a > 1 or metrics.b > 1) and metrics.c > 1", filters.RUNS)
    assert read == All((AnyOf((a, b)), c))


@pytest.mark.parametrize("text", ["", "AND"])
def test_an_empty_filter_matches_everything(text: str) -> None:
    assert filters.parse(text, filters.RUNS) == filters.EVERYTHING


@pytest.mark.parametrize("text", ["   ", "\n"])
def test_a_filter_of_blanks_is_refused_as_mlflow_does(text: str) -> None:
    with pytest.raises(BadInput, match="Could not be parsed"):
        filters.parse(text, filters.RUNS)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("params.`a b` = 'x'", "a b"),
        ('params."a \'b\'" = "x"', "a 'b'"),
        ("params.a.b-c/d:e = 'x'", "a.b-c/d:e"),
        ("parameter.a='x'", "a"),
        ("PARAMS.a = 'x'", "a"),
        ("params.1 = 'x'", "1"),
        ("params.é = 'x'", "é"),
    ],
)
def test_names_are_bare_or_quoted(text: str, key: str) -> None:
    expected = Comparison(kind="param", key=key, operator="=", values=("x",))
    assert filters.parse(text, filters.RUNS) == expected


@pytest.mark.parametrize(
    ("written", "value"),
    [("1", 1), ("-1.5", -1.5), ("+2", 2), ("1e-3", 1e-3), (".5", 0.5), ("1.", 1.0), ("007", 7)],
)
def test_numbers_have_signs_and_exponents(written: str, value: float) -> None:
    assert filters.parse(f"metrics.a<{written}", filters.RUNS) == metric("a", "<", value)


def test_lists_and_null_tests_are_read() -> None:
    assert filters.parse("metrics.a NOT IN (1, 2,)", filters.RUNS) == metric("a", "NOT IN", 1, 2)
    assert filters.parse("tags.a is not null", filters.RUNS) == Comparison(
        kind="tag", key="a", operator="IS NOT NULL"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("metrics.auc > 'x'", r"expected a number for metric 'auc', found \"'x'\" at character 15"),
        ("params.a = 5", "expected a quoted text for param 'a', found '5' at character 12"),
        ("params.a >= '5'", "expected an operator for param 'a': one of =, !=, LIKE"),
        ("colour = 'red'", "cannot be searched by the attribute 'colour' .* the attributes are"),
        ("foo.bar = 'x'", "runs have no 'foo' .at character 1.; write one of: attr"),
        ("status = 'a", 'cannot read "\'a" at character 10'),
        ("(status = 'a'", r"expected '\)', found the end at character 14"),
        ("status = 'a' b", "expected AND, OR or the end, found 'b' at character 14"),
        ("status", "expected an operator for attribute 'status'"),
        ("dataset.schema = 'x'", "a data set has no 'schema'"),
        ("status NOT 'x'", "expected IN"),
        ("status IS 'x'", "expected NULL"),
        ("params.`` = 'x'", "the name at character 1 is empty"),
        ("status = 'a\x00'", "NUL"),
    ],
)
def test_a_mistake_is_placed_and_explained(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        filters.parse(text, filters.RUNS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * 50_001, "at most 50000"),
        ("(" * 40 + "status = 'a'" + ")" * 40, "nested more than 32 deep"),
        ("NOT " * 40 + "status = 'a'", "nested more than 32 deep"),
        (" AND ".join(["status = 'a'"] * 201), "more than 200 comparisons"),
        ("run_id IN (" + ",".join(["'a'"] * 2_002) + ")", "more than 2000 values"),
        ("status LIKE '" + "%" * 1_001 + "'", "more than 1000 characters"),
    ],
)
def test_a_filter_has_limits(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        filters.parse(text, filters.RUNS)


def test_each_kind_of_thing_has_its_own_fields() -> None:
    assert filters.parse("version_number > 3", filters.MODEL_VERSIONS) == Comparison(
        kind="attribute", key="version_number", operator=">", values=(3,)
    )
    for spec in (filters.EXPERIMENTS, filters.REGISTERED_MODELS, filters.MODEL_VERSIONS):
        with pytest.raises(BadInput, match="have no 'metrics'"):
            filters.parse("metrics.a > 1", spec)
    with pytest.raises(BadInput, match="registered models cannot be sorted by"):
        filters.parse_order(["creation_timestamp"], filters.REGISTERED_MODELS)


def test_an_order_names_a_field_and_a_direction() -> None:
    clauses = ["metrics.`a b` DESC", "start_time", "`Run Name` asc", "Created desc"]
    assert filters.parse_order(clauses, filters.RUNS) == [
        Order(kind="metric", key="a b", ascending=False),
        Order(kind="attribute", key="start_time"),
        Order(kind="attribute", key="run_name"),
    ]


VOCABULARY = """
    metrics. params. tags. dataset. attributes. a `a b` "q" status start_time name run_id
    = != < <= > >= == LIKE ILIKE IN NOT IS NULL AND OR ( ) , . ; 1 -2.5e3 'x' "y" ' ` é \x00
"""
PIECES = st.sampled_from(VOCABULARY.split())


@given(st.text() | st.lists(PIECES, max_size=30).map(" ".join), st.sampled_from(SPECS))
def test_no_text_raises_anything_but_bad_input(text: str, spec: EntitySpec) -> None:
    for read in (filters.parse, lambda text, spec: filters.parse_order([text], spec)):
        try:
            read(text, spec)
        except BadInput as error:
            assert error.message  # noqa: PT017 - the point is that nothing else is raised


KEYS = st.text(st.characters(blacklist_characters="`\x00"), min_size=1, max_size=8)
TEXTS = st.text(st.characters(blacklist_characters="\x00"), max_size=8)
COMPARISONS = st.one_of(
    st.builds(
        Comparison,
        kind=st.sampled_from(["param", "tag"]),
        key=KEYS,
        operator=st.sampled_from(["=", "!=", "LIKE", "ILIKE"]),
        values=TEXTS.map(lambda text: (text,)),
    ),
    st.builds(
        Comparison,
        kind=st.just("metric"),
        key=KEYS,
        operator=st.sampled_from(["IN", "NOT IN"]),
        values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1).map(tuple),
    ),
)
TREES = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: All(tuple(items))),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: AnyOf(tuple(items))),
    ),
    max_leaves=8,
)


def write(tree: Tree) -> str:
    """Return a tree as text of the grammar."""
    match tree:
        case Not(item):
            return f"NOT ({write(item)})"
        case All(items):
            return " AND ".join(f"({write(item)})" for item in items)
        case AnyOf(items):
            return " OR ".join(f"({write(item)})" for item in items)
    values = [
        "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
        for value in tree.values
    ]
    operand = f"({', '.join(values)})" if tree.operator.endswith("IN") else values[0]
    return f"{tree.kind}.`{tree.key}` {tree.operator} {operand}"


@given(TREES)
def test_what_is_written_is_read_again(tree: Tree) -> None:
    assert filters.parse(write(tree), filters.RUNS) == tree
