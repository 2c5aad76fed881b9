"""Rules about decisions: what their tables leave open or decide twice. `engine.dmn.analysis` looks for them."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    warning("dmn/overlap", "Rules of a table with hit policy UNIQUE should not match together."),
    warning("dmn/any-conflict", "Rules of a table with hit policy ANY that match together should conclude the same."),
    warning("dmn/gap", "A table that gives one result should have a rule for every input, or a default output."),
    warning("dmn/masked-rule", "A rule should count for some input, and not only where other rules decide before it."),
    warning("dmn/impossible-range", "A rule should match some value of its input's type and allowed values."),
    warning("dmn/broken", "Every decision should be one that can be made: a mistake keeps only its own from it."),
    warning("dmn/types", "An expression should not compare or calculate values of types that do not fit: it is null."),
    error("dmn/effective-from", "The date from which a decision counts must be a day, or an instant with its zone."),
)
