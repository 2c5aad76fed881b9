"""``sancha lint``, as a designer or a pipeline runs it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from api.cli import main
from tests.factories import in_a_row, one_task, process, task

WRONG = one_task("wrong").replace(b'targetRef="e"', b'targetRef="nowhere"')
HOUSE = "rules: {execution/no-sla: off, execution/no-form: off}\n"


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
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with ``models`` in it; no installation anywhere."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANCHA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SANCHA_DATABASE_URL", raising=False)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["lint", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("sancha: ")
    return line


def test_warnings_pass_unless_they_are_to_count(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "small.bpmn").write_bytes(one_task())
    code, out, err = run(capsys, "models/small.bpmn")
    assert (code, err) == (0, "")
    assert out.endswith("0 errors, 2 warnings in 1 file\n")
    assert out.startswith("models/small.bpmn:")
    assert run(capsys, "--strict", "models/small.bpmn")[0] == 1
    assert not (models.parent / "home").exists(), "no installation is made"


def test_errors_are_the_exit_code(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "wrong.bpmn").write_bytes(WRONG)
    for format in ("text", "json", "sarif"):
        code, out, _ = run(capsys, "--format", format, "models")
        assert code == 1
        assert "references/dangling" in out


def test_a_folder_is_searched_and_each_file_read_once(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "inner").mkdir()
    (models / "inner" / "a.bpmn").write_bytes(one_task("a"))
    (models / "b.bpmn20.xml").write_bytes(one_task("b"))
    (models / "notes.txt").write_text("not a model")
    code, out, _ = run(capsys, "--format", "json", "models", "models/inner/a.bpmn")
    assert code == 0
    assert json.loads(out)["files"] == ["models/b.bpmn20.xml", "models/inner/a.bpmn"]


def test_the_nearest_configuration_counts(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "small.bpmn").write_bytes(one_task())
    (models.parent / "sancha-lint.yaml").write_text(HOUSE)
    assert run(capsys, "models/small.bpmn")[1] == "0 errors, 0 warnings in 1 file\n"
    (models / "sancha-lint.yaml").write_text("rules: {execution/no-sla: error}\n")
    code, out, _ = run(capsys, "models/small.bpmn")
    assert (code, out.splitlines()[-1]) == (1, "1 error, 1 warning in 1 file")
    assert run(capsys, "--config", "sancha-lint.yaml", "models/small.bpmn")[0] == 0


def test_what_comes_with_the_product_is_known(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = (
        '<startEvent id="s"/><serviceTask id="pay" camunda:type="external" camunda:topic="visit.schedule"/>'
        '<callActivity id="call" calledElement="P05_approval"/><endEvent id="e"/>'
        '<sequenceFlow id="f1" sourceRef="s" targetRef="pay"/><sequenceFlow id="f2" sourceRef="pay" targetRef="call"/>'
        '<sequenceFlow id="f3" sourceRef="call" targetRef="e"/>'
    )
    (models / "p.bpmn").write_bytes(process("p", body))
    assert run(capsys, "models")[1] == "0 errors, 0 warnings in 1 file\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: {execution/no-slaa: off}", "no rule 'execution/no-slaa'; did you mean 'execution/no-sla'?"),
        ("rules: {execution/no-sla: never}", "'never' is no level"),
        ("rules: {xml/doctype: off}", "xml/doctype is an error and cannot be set to off"),
        ("rules: {", "this is not YAML"),
    ],
)
def test_a_configuration_that_cannot_be_used(
    models: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (models / "small.bpmn").write_bytes(one_task())
    (models / "sancha-lint.yaml").write_text(text)
    line = refused(capsys, "models/small.bpmn")
    assert said in line
    assert "sancha-lint.yaml" in line


def test_files_that_cannot_be_read(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "small.bpmn").write_bytes(one_task())
    assert refused(capsys, "models/none.bpmn") == "sancha: models/none.bpmn: No such file or directory"
    assert "none.yaml: No such file" in refused(capsys, "--config", "none.yaml", "models/small.bpmn")
    (models / "empty").mkdir()
    assert "models/empty: no BPMN, DMN or form files" in refused(capsys, "models/empty")


def test_a_file_without_end_and_one_whose_name_is_no_text(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "endless.bpmn").symlink_to("/dev/zero")
    Path(os.fsdecode(os.fsencode(models) + b"/odd\xff.form")).write_bytes(b"{")
    for format in ("text", "json", "sarif"):
        code, out, err = run(capsys, "--format", format, "models/endless.bpmn", os.fsdecode(b"models/odd\xff.form"))
        assert (code, err) == (1, "")
        assert "xml/too-large" in out
        assert "deployment/form" in out


def test_wrong_usage(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--format", "xml", "models"], ["--kernel", "abacus", "models"]):
        with pytest.raises(SystemExit) as usage:
            main(["lint", *arguments])
        assert usage.value.code == 2
        assert "sancha lint" in capsys.readouterr().err


def test_the_other_kernel_says_what_it_refuses(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    timer = "<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>"
    boundary = f'<boundaryEvent id="b" attachedToRef="t" cancelActivity="false">{timer}</boundaryEvent>'
    (models / "a.bpmn").write_bytes(process("a", in_a_row(task("t", inner=loop), ids="t") + boundary))
    assert "spiffworkflow/refused" not in run(capsys, "models")[1]
    assert "spiffworkflow/refused" in run(capsys, "--kernel", "spiffworkflow", "models")[1]
