"""(i) Decisions against ``eval`` of the same in Python: a table of 40 rows and a graph of 20 decisions."""

from __future__ import annotations

from decimal import Decimal
from xml.sax.saxutils import escape

from bench.expressions import in_turn
from bench.table import Row, micro
from engine.dmn import DecisionModel, load

ROWS, NODES = 40, 20
_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="urn:bench">'


def bench_decisions() -> list[Row]:
    """The rows of (i)."""
    return [_table("UNIQUE"), _table("FIRST"), _graph(), _loading()]


def _cell(kind: str, text: str) -> str:
    return f"<{kind}><text>{escape(text)}</text></{kind}>"


def _input(name: str, kind: str) -> str:
    return f'<inputData id="i-{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'


def _needs(*names: str, kind: str = "requiredInput", prefix: str = "i-") -> str:
    return "".join(
        f'<informationRequirement><{kind} href="#{prefix}{name}"/></informationRequirement>' for name in names
    )


def _table_model(policy: str) -> tuple[DecisionModel, str]:
    """A rating of 8 industries by 5 bands of score, and the Python that gives the same."""
    rules, python = "", "None"
    for number in reversed(range(ROWS)):
        industry, band = f"IND{number // 5}", number % 5
        low, high = band * 20, band * 20 + 20
        cells = _cell("inputEntry", f'"{industry}"') + _cell("inputEntry", f"[{low}..{high})")
        rules = f'<rule id="r{number}">{cells}{_cell("outputEntry", str(number))}</rule>{rules}'
        python = f"D{number} if industry == '{industry}' and {low} <= score < {high} else {python}"
    inputs = "".join(f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in _NAMES)
    table = f'<decisionTable id="t" hitPolicy="{policy}">{inputs}<output name="y"/>{rules}</decisionTable>'
    decision = f'<decision id="d" name="d"><variable name="d"/>{_needs(*_NAMES)}{table}</decision>'
    body = _input("industry", "string") + _input("score", "number") + decision
    return load(f"{_HEAD}{body}</definitions>".encode(), strict=True), python


_NAMES = ("industry", "score")


def _table(policy: str) -> Row:
    model, python = _table_model(policy)
    code = compile(python, "", "eval")
    inputs = {"industry": "IND6", "score": Decimal(75)}
    names: dict[str, object] = inputs | {f"D{number}": Decimal(number) for number in range(ROWS)}
    assert model.evaluate("d", inputs).value == eval(code, {}, names)  # noqa: S307 - the text is written above
    ours, floor = in_turn(
        lambda: model.evaluate("d", inputs),
        lambda: eval(code, {}, names),  # noqa: S307 - the text is written above
    )
    return Row("i", f"table of {ROWS} rows, {policy}: DMN against Python", ours / floor, micro(ours), micro(floor))


def _graph_model() -> tuple[bytes, list[str]]:
    """Each decision adds what the two before it say; and the Python statements that do the same."""
    body, python = _input("a", "number"), []
    for number in range(NODES):
        before = [f"n{each}" for each in (number - 1, number - 2) if each >= 0]
        text = " + ".join(["a", *before])
        needs = _needs("a") + _needs(*before, kind="requiredDecision", prefix="")
        literal = f"<literalExpression><text>{text}</text></literalExpression>"
        body += f'<decision id="n{number}" name="n{number}"><variable name="n{number}"/>{needs}{literal}</decision>'
        python.append(f"n{number} := {text}")
    return f"{_HEAD}{body}</definitions>".encode(), python


def _graph() -> Row:
    xml, python = _graph_model()
    model = load(xml, strict=True)
    code = compile(f"[{', '.join(f'({each})' for each in python)}][-1]", "", "eval")
    inputs = {"a": Decimal("1.5")}
    last = f"n{NODES - 1}"
    assert model.evaluate(last, inputs).value == eval(code, dict(inputs))  # noqa: S307 - the text is written above
    ours, floor = in_turn(
        lambda: model.evaluate(last, inputs),
        lambda: eval(code, dict(inputs)),  # noqa: S307 - the text is written above
    )
    return Row("i", f"graph of {NODES} decisions: DMN against Python", ours / floor, micro(ours), micro(floor))


def _loading() -> Row:
    xml, python = _graph_model()
    ours, floor = in_turn(lambda: load(xml), lambda: [compile(f"({each})", "", "eval") for each in python])
    return Row(
        "i", f"loading a graph of {NODES} decisions: DMN against Python", ours / floor, micro(ours), micro(floor)
    )
