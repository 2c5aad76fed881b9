"""``sancha decide`` and the decision suites of ``sancha test``, as a designer runs them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from api.cli import main
from tests.dmn.models import decision, definitions, function, input_data, literal, table

GRADE = definitions(
    input_data("score", "number")
    + input_data("since", "date")
    + decision("grade", table("UNIQUE", ["score"], ["g"], [[">= 60", '"A"'], ["< 60", '"C"']]), "i:score")
    + decision("share", literal("score / 3"), "i:score")
    + decision("next", literal('since + duration("P1D")'), "i:since")
    + decision("bad", literal("1 +"))
    + function("twice", {"day": "date"}, literal("[day, day]"))
)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A DMN file in the working folder; no installation anywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANCHA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SANCHA_DATABASE_URL", raising=False)
    (tmp_path / "grade.dmn").write_bytes(GRADE)
    return "grade.dmn"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    said = capsys.readouterr()
    return code, said.out.rstrip("\n"), said.err


@pytest.mark.parametrize(
    ("name", "given", "result"),
    [
        ("grade", '{"score": 60}', '"A"'),
        ("share", '{"score": 1}', "0.3333333333333333333333333333333333"),
        ("next", '{"since": "2026-12-31"}', '"2027-01-01"'),
        ("twice", '{"day": "2026-12-31"}', '["2026-12-31", "2026-12-31"]'),
    ],
)
def test_the_result_is_json_on_one_line(
    file: str, capsys: pytest.CaptureFixture[str], name: str, given: str, result: str
) -> None:
    assert run(capsys, "decide", file, "--decision", name, "--input", given) == (0, result, "")


def test_inputs_come_from_a_file_and_the_trace_says_why(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("in.json").write_text('{"score": 72.5}', encoding="utf-8")
    code, out, _ = run(capsys, "decide", file, "--decision", "grade", "--input", "@in.json", "--trace")
    told = json.loads(out)
    assert (code, told["result"], told["inputs"]) == (0, "A", {"score": 72.5})
    assert told["decisions"][0]["tables"] == [
        {"id": "table", "inputs": {"score": 72.5}, "rules": [{"id": "r1", "row": 1, "outputs": "A"}]}
    ]


def test_null_is_a_result_whose_reason_is_told_and_a_mistake_in_the_model_is_none(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "decide", file, "--decision", "grade") == (
        0,
        "null",
        "sancha: warning: input missing: 'score'\n",
    )
    code, out, err = run(capsys, "decide", file, "--decision", "bad")
    assert (code, out) == (1, "null")
    assert "error: decision 'bad': expected a value" in err
    code, out, err = run(capsys, "decide", file, "--decision", "grade", "--strict")
    assert (code, out) == (1, "")
    assert "input missing: 'score'" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grade.dmn"], "say with --decision which one to make: 'grade', 'share', 'next', 'bad'"),
        (["grade.dmn", "--decision", "x"], "no decision 'x' in model 'test model'"),
        (["grade.dmn", "--decision", "grade", "--input", "[1]"], "no JSON object"),
        (["grade.dmn", "--decision", "grade", "--input", "{"], "the input cannot be read"),
        (["grade.dmn", "--decision", "grade", "--input", "@nowhere"], "the input cannot be read"),
        (["nowhere.dmn"], "nowhere.dmn: No such file"),
    ],
)
@pytest.mark.usefixtures("file")
def test_what_cannot_be_used_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, "decide", *arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert message in err


def suite(*cases: str) -> None:
    Path("good.dmn").write_bytes(GRADE.replace(b"1 +<", b"1<"))
    Path("good.cases.yaml").write_text("decision: grade\ncases:\n" + "".join(f"  - {case}\n" for case in cases))


@pytest.mark.usefixtures("file")
def test_a_suite_that_holds_lists_the_rules_it_does_not_reach(capsys: pytest.CaptureFixture[str]) -> None:
    suite(
        "{name: bound, given: {score: 60}, expect: A, rules: [r1]}",
        "{given: {}, error: input missing}",
        '{decision: next, given: {since: "2026-02-28"}, expect: "2026-03-01"}',
        "{decision: share, given: {score: 0.75}, expect: 0.25}",
    )
    code, out, _ = run(capsys, "test", ".")
    assert code == 0
    assert out.splitlines() == [
        "passed  good.cases.yaml (4 of 4 cases)",
        "        no case reaches grade: r2",
        "1 passed, 0 failed",
    ]


@pytest.mark.usefixtures("file")
def test_each_case_that_fails_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    suite(
        "{name: a, given: {score: 60}, expect: C}",
        "{name: b, given: {score: 60}, expect: A, rules: [2]}",
        "{name: c, given: {}, expect: A}",
        "{name: d, given: {score: 1}, error: missing}",
        "{name: e, given: {}, error: otherwise}",
        "{name: f, given: {score: 1}, expect: C}",
    )
    code, out, _ = run(capsys, "test", "good.cases.yaml")
    assert code == 1
    assert [line.partition("failed: input")[0] for line in out.splitlines()] == [
        'failed  good.cases.yaml: a: gave "A", expected "C"',
        "failed  good.cases.yaml: b: rule 2 did not fire (fired: r1)",
        "failed  good.cases.yaml: c: ",
        "failed  good.cases.yaml: d: gave \"C\" and did not fail with 'missing'",
        out.splitlines()[4],
        "failed  good.cases.yaml (1 of 6 cases)",
        "0 passed, 1 failed",
    ]
    assert "e: failed otherwise: input missing" in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "a suite is a mapping"),
        ("decision: d\ncases: []", "a suite is a mapping"),
        ("decision: d\ncases: [{expect: 1, error: x}]", "needs either expect or error"),
        ("cases: [{expect: 1}]", "names no decision"),
        ("decision: d\ncases: [{expect: 1, expected: 2}]", "unknown member 'expected'"),
        ("decision: d\ncase: []\ncases: [1]", "unknown member 'case'"),
        ("decision: [", "grade.cases.yaml"),
        ("decision: d\ncases: [{expect: 1}]", "decision 'bad': expected a value"),
    ],
)
@pytest.mark.usefixtures("file")
def test_a_suite_that_cannot_be_read_is_said(capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
    Path("grade.cases.yaml").write_text(text, encoding="utf-8")
    code, out, err = run(capsys, "test", ".")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert message in err
