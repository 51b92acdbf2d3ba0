"""The search grammar: MLflow's comparisons, and OR, NOT, parentheses and IN everywhere.

    filter     = [ "AND" ] either [ "AND" ]
    either     = both { "OR" both }
    both       = negated { "AND" negated }
    negated    = "NOT" negated | "(" either ")" | comparison
    comparison = field ( operator value | [ "NOT" ] "IN" "(" value { "," value } ")"
                       | ( "LIKE" | "ILIKE" ) text | "IS" [ "NOT" ] "NULL" )
    field      = [ prefix "." ] name        name may be `quoted` or "quoted"
    operator   = "=" | "!=" | "<" | "<=" | ">" | ">="

What a field may be depends on what is searched: an ``EntitySpec``. Nothing here touches a
database; ``stores.sql.search`` compiles the tree.
"""

from mainstay.filters.parser import parse, parse_order
from mainstay.filters.specs import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    EntitySpec,
)
from mainstay.filters.tree import EVERYTHING, All, AnyOf, Comparison, Not, Order, Tree, Value

__all__ = [
    "EVERYTHING",
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "MODEL_VERSIONS",
    "REGISTERED_MODELS",
    "RUNS",
    "All",
    "AnyOf",
    "Comparison",
    "EntitySpec",
    "Not",
    "Order",
    "Tree",
    "Value",
    "parse",
    "parse_order",
]
