"""Rules about what happens at run time: reachability, deadlocks, variables, duties."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error("execution/unreachable", "Every element must be on a path from a start.", "13.2"),
    error("execution/endless-loop", "A loop must have a way out or wait for something.", "13.2"),
    warning("execution/no-end", "A case should be able to end.", "13.2"),
    warning("execution/idle-loop", "Something in a loop should change what its conditions read.", "13.2"),
    error("execution/join-never", "A parallel join must be able to get a token on every incoming flow.", "13.4.1"),
    warning("execution/join-may-wait", "No path should leave a parallel join waiting.", "13.4.1"),
    warning("execution/unsynchronised", "Parallel branches should be joined before what is to run once.", "13.4.2"),
    warning("execution/never-taken", "A condition should be able to decide either way.", "10.6.2"),
    warning(
        "execution/same-condition", "The flows of an exclusive gateway should have different conditions.", "10.6.2"
    ),
    warning("execution/unknown-variable", "A variable should be written before it is read."),
    error("execution/duties", "Tasks that exclude each other need a person each."),
    warning("execution/same-key", "The items of a loop should wait for messages under keys of their own.", "8.4.2"),
)
