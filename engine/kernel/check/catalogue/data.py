"""Rules about data: mappings, expressions, data associations."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    warning("data/no-object", "A data object reference should refer to a data object.", "10.4.1"),
    error("data/association", "A data association that computes a value has a target.", "10.4.1"),
    error("data/association-end", "A data association connects data with an activity or event.", "10.4.1"),
    error("data/not-visible", "Data must be declared on a level around what uses it.", "10.4.1"),
    error("data/several-sources", "Several sources need a transformation into one value.", "10.4.1"),
    warning("data/subprocess-io", "An embedded subprocess has no inputs and outputs of its own.", "10.4.1"),
    warning("data/in-no-set", "A data input or output should be in a set.", "10.4.1"),
    error("execution/mapping", "A parameter must have an effect where it stands, and be given once."),
    error("expressions/feel", "An expression must be FEEL.", "8.4.6"),
    error("expressions/juel", "A placeholder expression must be in the part of its language that is translated."),
    error("expressions/empty", "An expression must not be empty.", "8.4.6"),
    error("expressions/language", "An expression or script must be written in FEEL.", "8.4.6"),
    error("expressions/name", "A variable must have a name that expressions can use."),
    error("expressions/number", "A number must be a whole number."),
    error("expressions/time", "A time must be ISO 8601, and a working time must have a number of hours.", "10.5.5"),
    error("expressions/parameter", "A parameter must be a text, an expression or a script."),
    error("expressions/mapping", "A mapping needs a source and a target."),
    error("expressions/start-timer", "The timer of a start event has no variables.", "10.5.2"),
    error("expressions/start-key", "A start event has no variables to compute a correlation key from.", "10.5.2"),
    warning("expressions/fixed-key", "A correlation key should differ from case to case.", "8.4.2"),
)
