"""Models that import others: names, types, functions and inputs through one import or several."""

from __future__ import annotations

from engine.dmn import load
from tests.dmn.models import decision, definitions, function, input_data, literal, requires, table


def imported(namespace: str, body: str) -> bytes:
    return definitions(body).replace(b"<definitions ", f'<definitions namespace="{namespace}" '.encode(), 1)


def needs(kind: str, href: str) -> str:
    outer = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
    return f'<{outer}><{kind} href="{href}"/></{outer}>'


def import_of(namespace: str, name: str) -> str:
    kind = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    return f'<import namespace="{namespace}" name="{name}" importType="{kind}"/>'


BASE = imported(
    "urn:base",
    '<itemDefinition name="tScore"><typeRef>number</typeRef><allowedValues><text>[0..100]</text></allowedValues>'
    "</itemDefinition>"
    + input_data("score", "tScore")
    + decision("grade", table("FIRST", ["score"], ["g"], [[">= 60", '"B"'], ["-", '"C"']]), "i:score")
    + function("twice", {"n": "number"}, literal("n * 2")),
)
MIDDLE = imported(
    "urn:middle",
    import_of("urn:base", "base model")
    + f'<decision id="m" name="m"><variable name="m"/>{needs("requiredDecision", "urn:base#grade")}'
    + literal('base model.grade + "!"')
    + "</decision>",
)
TOP = imported(
    "urn:top",
    import_of("urn:base", "b")
    + import_of("urn:middle", "mid")
    + input_data("own", "b.tScore")
    + f'<decision id="d" name="d"><variable name="d"/>{needs("requiredDecision", "urn:middle#m")}'
    f"{needs('requiredInput', 'urn:base#in-score')}{needs('requiredKnowledge', 'urn:base#twice')}{requires('i:own')}"
    f"{literal('[mid.m, b.twice(b.score), own]')}</decision>",
)
FILES = {"base.dmn": BASE, "middle.dmn": MIDDLE, "broken.dmn": b"<nothing"}


def test_imports_are_named_and_reach_through_other_imports() -> None:
    top = load(TOP, source="top.dmn", files=FILES)
    assert top.problems == ()
    for given in ({"b.score": 70, "own": 5}, {"b": {"score": 70}, "own": 5}, {"score": 70, "own": 5}):
        assert top.evaluate("d", given).value == ["B!", 140, 5]
    assert top.evaluate("d", {"score": 101, "own": 101}).value == ["C!", None, None]
    assert top.evaluate("d", {"b.score": 70, "own": 5}, strict=True).inputs == {"b.score": 70, "own": 5}
    assert [each.id for each in top.evaluate("d", {"score": 1}).trace] == ["grade", "m", "d"]


def test_an_import_without_a_name_puts_its_elements_beside_the_own_ones() -> None:
    plain = imported(
        "urn:plain",
        import_of("urn:base", "")
        + f'<decision id="d" name="d"><variable name="d"/>{needs("requiredDecision", "urn:base#grade")}'
        f"{literal('grade')}</decision>",
    )
    assert load(plain, files=FILES).evaluate("d", {"score": 60}).value == "B"


def test_an_import_that_is_not_there_is_a_problem_of_the_model() -> None:
    alone = load(TOP, source="top.dmn")
    assert "the imported model urn:base is not among the files" in [problem.message for problem in alone.problems]
    assert alone.evaluate("d", {"own": 1}).value == [None, None, 1]
    itself = imported("urn:self", import_of("urn:self", "s") + decision("d", literal("1")))
    loaded = load(itself, files={"self.dmn": itself})
    assert (loaded.evaluate("d", {}).value, len(loaded.problems)) == (1, 1)
