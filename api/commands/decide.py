"""``sancha decide FILE``: makes a decision of a DMN file, by the standard, without a database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from api.json_format import loads
from api.settings import Settings
from engine.dmn import DecisionModel, DecisionResult, DmnError, Knowledge, load
from engine.dmn.elements import Target
from engine.dmn.json_values import json_text, typed_inputs

FAILED, USAGE_ERROR = 1, 2


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("decide", help="make a decision of a DMN file and print its result as JSON")
    parser.add_argument("file", type=Path, metavar="FILE", help="DMN file; files beside it may be imported")
    parser.add_argument("--decision", metavar="NAME", help="id or name of a decision, decision service or function")
    parser.add_argument("--input", default="{}", metavar="JSON", help="inputs by name, or @FILE with them")
    parser.add_argument("--now", type=_instant, metavar="INSTANT", help="what now() says (default: the present)")
    parser.add_argument("--trace", action="store_true", help="also print which rules fired, and with which inputs")
    parser.add_argument("--strict", action="store_true", help="fail, as in a process, where the standard says null")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print the result; 0 when there is one (null too), 1 when the decision fails, 2 when something cannot be used.

    Why a value is null is said on standard error.
    """
    try:
        inputs = _inputs(options.input)
        model = _model(options.file, settings.max_model_bytes)
        target = _target(model, options.decision)
    except _Unusable as problem:
        print(f"sancha: {' '.join(str(problem).split())}", file=sys.stderr)
        return USAGE_ERROR
    now = options.now or datetime.now(UTC)
    try:
        result = model.evaluate(target.id, typed_inputs(target, inputs), now=now, strict=options.strict)
    except DmnError as error:
        print(f"sancha: {' '.join(str(error).split())}", file=sys.stderr)
        return FAILED
    print(json_text(traced(result) if options.trace else result.value))
    for remark in result.remarks:
        print(f"sancha: {'error' if remark.error else 'warning'}: {remark}", file=sys.stderr)
    return FAILED if result.errors else 0


def traced(result: DecisionResult) -> dict[str, object]:
    """The result with every decision that was made, its inputs and value, and the rules that fired in its tables."""
    return {
        "result": result.value,
        "inputs": result.inputs,
        "decisions": [
            {
                "id": each.id,
                "name": each.name,
                "inputs": each.inputs,
                "result": each.value,
                "tables": [
                    {
                        "id": table.table_id,
                        "inputs": dict(table.inputs),
                        "rules": [
                            {"id": rule.rule_id, "row": rule.index, "outputs": rule.outputs.get("", rule.outputs)}
                            for rule in table.rules
                        ],
                    }
                    for table in each.tables
                ],
            }
            for each in result.trace
        ],
    }


class _Unusable(Exception):
    """A file, decision or input that cannot be used."""


def _inputs(given: str) -> dict[str, object]:
    try:
        text = Path(given[1:]).read_bytes() if given.startswith("@") else given
        inputs = loads(text)
    except (ValueError, OSError) as error:
        raise _Unusable(f"the input cannot be read: {error}") from None
    if not isinstance(inputs, dict):
        raise _Unusable("the input is no JSON object with values by input name")
    return inputs


def _model(file: Path, max_bytes: int) -> DecisionModel:
    try:
        if file.stat().st_size > max_bytes:
            raise _Unusable(f"{file}: the file has more than {max_bytes} bytes")
        beside = dict(_beside(file, max_bytes))
        return load(file.read_bytes(), source=file.name, files=beside)
    except OSError as error:
        raise _Unusable(f"{file}: {error.strerror}") from None
    except DmnError as error:
        raise _Unusable(str(error)) from None


def _beside(file: Path, max_bytes: int) -> Iterator[tuple[str, bytes]]:
    for each in sorted(file.parent.glob("*.dmn")):
        if each != file and each.is_file() and each.stat().st_size <= max_bytes:
            yield each.name, each.read_bytes()


def _target(model: DecisionModel, name: str | None) -> Target:
    if name is not None:
        try:
            return model.target(name)
        except DmnError as error:
            known = ", ".join(repr(each.label or each.name) for each in model.targets())
            raise _Unusable(f"{error}; it has {known or 'none'}") from None
    required = {id(one) for decision in model.decisions.values() for one in decision.making}
    last = [decision for decision in model.decisions.values() if id(decision) not in required]
    if len(last) == 1:
        return last[0]
    known = ", ".join(repr(each.label or each.name) for each in model.targets() if not isinstance(each, Knowledge))
    raise _Unusable(f"say with --decision which one to make: {known or 'the model has none'}")


def _instant(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an ISO 8601 instant") from None
    if value.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} needs a time zone")
    return value
