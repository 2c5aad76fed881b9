"""Rules about what happens at run time: reachability, deadlocks, variables, duties."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule

RULES: tuple[Rule, ...] = ()
