"""Read a filter by recursive descent, with limits, and say where it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.errors import BadInput
from mainstay.filters.specs import EntitySpec
from mainstay.filters.tokens import END, Token, tokens
from mainstay.filters.tree import (
    EVERYTHING,
    All,
    AnyOf,
    Comparison,
    FieldKind,
    Not,
    Order,
    Tree,
    Value,
    ValueKind,
)

MAX_LENGTH = 50_000
MAX_DEPTH = 32
MAX_COMPARISONS = 200
MAX_LIST = 2000
MAX_PATTERN = 1000
MAX_ORDER = 20

TEXT_OPERATORS = ("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL")
NUMBER_OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "IS NULL", "IS NOT NULL")


def parse(text: str, spec: EntitySpec) -> Tree:
    """Return the tree of a filter; an empty text matches everything.

    Raises:
        BadInput: the text is not of the grammar; says where and what is allowed there.
    """
    if len(text) > MAX_LENGTH:
        raise BadInput(
            f"Invalid filter: it has {len(text)} characters; at most {MAX_LENGTH} are allowed"
        )
    if text and not text.strip():
        raise BadInput(f"Invalid filter '{text}'. Could not be parsed.")
    return _Parser(text, spec).filter()


def parse_order(clauses: Sequence[str], spec: EntitySpec) -> list[Order]:
    """Return the fields to sort by, e.g. ``["metrics.auc DESC", "start_time"]``.

    A field named twice counts once. Raises: BadInput.
    """
    if len(clauses) > MAX_ORDER:
        raise BadInput(f"Invalid order_by: at most {MAX_ORDER} fields may be sorted by")
    orders: dict[tuple[str, str], Order] = {}
    for clause in clauses:
        if len(clause) > MAX_LENGTH:
            raise BadInput("Invalid order_by clause: it is too long")
        order = _Parser(clause, spec, what="order_by clause").order()
        orders.setdefault((order.kind, order.key), order)
    return list(orders.values())


class _Parser:
    """One pass over the tokens; every method reads what it is named after."""

    def __init__(self, text: str, spec: EntitySpec, *, what: str = "filter") -> None:
        self._what = what
        self._spec = spec
        self._tokens = list(tokens(text, what))
        self._index = 0
        self._comparisons = 0

    def filter(self) -> Tree:
        while self._take_word("AND"):  # MLflow tolerates a stray one at either end
            pass
        if self._peek().kind == END:
            return EVERYTHING
        tree = self._either(0)
        if self._peek().kind != END:
            raise self._unexpected("AND, OR or the end")
        return tree

    def order(self) -> Order:
        kind, key, _ = self._field(sorting=True)
        ascending = not self._take_word("DESC")
        if ascending:
            self._take_word("ASC")
        if self._peek().kind != END:
            raise self._unexpected("ASC, DESC or the end")
        return Order(kind=kind, key=key, ascending=ascending)

    def _either(self, depth: int) -> Tree:
        items = [self._both(depth)]
        while self._take_word("OR"):
            items.append(self._both(depth))
        return items[0] if len(items) == 1 else AnyOf(tuple(items))

    def _both(self, depth: int) -> Tree:
        items = [self._negated(depth)]
        while self._take_word("AND"):
            if depth == 0 and self._peek().kind == END:
                break
            items.append(self._negated(depth))
        return items[0] if len(items) == 1 else All(tuple(items))

    def _negated(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise BadInput(f"Invalid {self._what}: it is nested more than {MAX_DEPTH} deep")
        if self._take_word("NOT"):
            return Not(self._negated(depth + 1))
        if self._take_mark("("):
            tree = self._either(depth + 1)
            self._expect_mark(")")
            return tree
        return self._comparison()

    def _comparison(self) -> Comparison:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise BadInput(f"Invalid {self._what}: it has more than {MAX_COMPARISONS} comparisons")
        kind, key, wanted = self._field(sorting=False)
        operator, position = self._operator(f"{kind} {key!r}", wanted)
        values: tuple[Value, ...]
        if operator.startswith("IS"):
            values = ()
        elif operator.endswith("IN"):
            values = self._list(kind, key, wanted)
        else:
            values = (self._operand(kind, key, wanted),)
        if operator.endswith("LIKE") and len(str(values[0])) > MAX_PATTERN:
            raise BadInput(
                f"Invalid {self._what}: the pattern at character {position} has more than "
                f"{MAX_PATTERN} characters"
            )
        return Comparison(kind=kind, key=key, operator=operator, values=values)

    def _field(self, *, sorting: bool) -> tuple[FieldKind, str, ValueKind]:
        token = self._next()
        if token.kind == "field":
            prefix, _, name = token.text.partition(".")
            kind = self._spec.prefixes.get(prefix.lower())
            if kind is None:
                allowed = ", ".join(sorted(self._spec.prefixes))
                raise BadInput(
                    f"Invalid {self._what}: {self._spec.noun} have no {prefix!r} (at character "
                    f"{token.position}); write one of: {allowed}"
                )
            key = name[1:-1] if name[0] in '`"' else name
        elif token.kind in ("word", "back", "double"):
            kind, key = "attribute", str(token.value)
        else:
            raise self._unexpected_token(token, "a field such as " + self._example())
        if not key:
            raise BadInput(f"Invalid {self._what}: the name at character {token.position} is empty")
        if kind == "attribute":
            return self._attribute(key, token, sorting=sorting)
        if kind == "dataset" and (key not in self._spec.datasets or sorting):
            raise BadInput(
                f"Invalid {self._what}: a data set has no {key!r} that can be used here (at "
                f"character {token.position}); write dataset.name, .digest or .context"
            )
        return kind, key, "number" if kind == "metric" else "text"

    def _attribute(
        self, written: str, token: Token, *, sorting: bool
    ) -> tuple[FieldKind, str, ValueKind]:
        spec = self._spec
        key = written.strip().lower().replace(" ", "_")
        key = spec.aliases.get(key, key)
        if sorting:
            key = spec.sort_aliases.get(key, key)
        allowed: Sequence[str] = spec.sortable if sorting else tuple(spec.attributes)
        if key not in allowed:
            raise BadInput(
                f"Invalid {self._what}: {spec.noun} cannot be "
                f"{'sorted' if sorting else 'searched'} by the attribute {written!r} (at character "
                f"{token.position}); the attributes are {', '.join(allowed)}" + self._prefix_hint()
            )
        return "attribute", key, spec.attributes.get(key, "number")

    def _operator(self, field: str, wanted: ValueKind) -> tuple[str, int]:
        token = self._next()
        operator = token.text.upper() if token.kind in ("word", "operator") else ""
        if operator == "IS":
            negated = self._take_word("NOT")
            if not self._take_word("NULL"):
                raise self._unexpected("NULL")
            operator = "IS NOT NULL" if negated else "IS NULL"
        elif operator == "NOT":
            if not self._take_word("IN"):
                raise self._unexpected("IN")
            operator = "NOT IN"
        allowed = NUMBER_OPERATORS if wanted == "number" else TEXT_OPERATORS
        if operator not in allowed:
            raise self._unexpected_token(
                token, f"an operator for {field}: one of {', '.join(allowed)}"
            )
        return operator, token.position

    def _list(self, kind: FieldKind, key: str, wanted: ValueKind) -> tuple[Value, ...]:
        self._expect_mark("(")
        values = [self._operand(kind, key, wanted)]
        while self._take_mark(","):
            if self._peek().text == ")":
                break
            values.append(self._operand(kind, key, wanted))
            if len(values) > MAX_LIST:
                raise BadInput(f"Invalid {self._what}: a list has more than {MAX_LIST} values")
        self._expect_mark(")")
        return tuple(values)

    def _operand(self, kind: FieldKind, key: str, wanted: ValueKind) -> Value:
        token = self._next()
        if wanted == "number":
            if token.kind != "number":
                raise self._unexpected_token(token, f"a number for {kind} {key!r}")
        elif token.kind not in ("single", "double"):
            raise self._unexpected_token(token, f"a quoted text for {kind} {key!r}")
        elif "\x00" in token.text:
            raise BadInput(f"Invalid {self._what}: a value holds the character NUL")
        return token.value

    def _peek(self) -> Token:
        return self._tokens[self._index]

    def _next(self) -> Token:
        token = self._tokens[self._index]
        if token.kind != END:
            self._index += 1
        return token

    def _take_word(self, word: str) -> bool:
        token = self._peek()
        if token.kind == "word" and token.text.upper() == word:
            self._index += 1
            return True
        return False

    def _take_mark(self, mark: str) -> bool:
        token = self._peek()
        if token.kind == "mark" and token.text == mark:
            self._index += 1
            return True
        return False

    def _expect_mark(self, mark: str) -> None:
        if not self._take_mark(mark):
            raise self._unexpected(repr(mark))

    def _unexpected(self, allowed: str) -> BadInput:
        return self._unexpected_token(self._peek(), allowed)

    def _unexpected_token(self, token: Token, allowed: str) -> BadInput:
        shown = token.text if token.kind == END else repr(token.text[:40])
        return BadInput(
            f"Invalid {self._what}: expected {allowed}, found {shown} at character {token.position}"
        )

    def _example(self) -> str:
        return {
            "runs": "metrics.auc, params.depth, tags.owner or status",
            "logged models": "metrics.auc, params.depth, tags.owner or name",
        }.get(self._spec.noun, "tags.owner or name")

    def _prefix_hint(self) -> str:
        kinds = sorted({kind for kind in self._spec.prefixes.values() if kind != "attribute"})
        return "; other fields are written " + ", ".join(f"{kind}.<name>" for kind in kinds)
