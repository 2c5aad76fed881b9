"""Reading BPMN files: the schema, places, hostile XML."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable

import pytest

from engine.kernel.compile import compile_model
from engine.kernel.findings import Finding, ModelRefused
from engine.kernel.read import read
from tests.kernel.bpmn import around, flow, model


def refusal(xml: bytes, **options: int) -> tuple[Finding, ...]:
    with pytest.raises(ModelRefused) as caught:
        read(xml, file="test.bpmn", **options)
    assert caught.value.findings
    return caught.value.findings


def test_elements_know_their_place_to_the_column() -> None:
    xml = model('<startEvent id="s" name="开始"/><task id="t" name="任务"/>\n  <endEvent id="e"/>')
    nodes = read(xml, file="test.bpmn").processes[0].nodes
    places = {id: (node.element.line, node.element.column) for id, node in nodes.items()}
    assert places == {"s": (4, 1), "t": (4, 36), "e": (5, 3)}, "columns count characters, not bytes"


def test_text_with_comments_and_cdata_is_whole() -> None:
    xml = model(around('<scriptTask id="x"><script>1 <!-- one --> + <![CDATA[ 2 &amp; 3 ]]></script></scriptTask>'))
    script = read(xml, file="test.bpmn").processes[0].nodes["x"].element.child("script")
    assert script is not None
    assert script.text == "1  +  2 &amp; 3 "


def test_utf_16_is_read() -> None:
    text = model(around('<task id="x" name="三查"/>')).decode().replace("UTF-8", "UTF-16")
    assert read(text.encode("utf-16"), file="test.bpmn").processes[0].nodes["x"].element.name == "三查"


def test_iso_8859_1_is_read() -> None:
    text = model(around('<task id="x" name="Prüfung"/>')).decode().replace("UTF-8", "ISO-8859-1")
    assert read(text.encode("latin-1"), file="test.bpmn").processes[0].nodes["x"].element.name == "Prüfung"


def test_processes_that_are_not_executable_are_left_out() -> None:
    assert read(model("", process='id="p" isExecutable="false"'), file="t").processes == ()
    assert len(read(model("", process='id="p"'), file="t").processes) == 1


def test_the_schema_is_checked_first_and_names_the_element() -> None:
    (finding,) = refusal(model('<startEvent id="s"/>\n<userTsk id="x" name="评级"/>'))
    assert (finding.rule, finding.line, finding.column, finding.element) == ("xml/schema", 5, 1, "x")
    assert "userTsk" in finding.message
    assert finding.name == "评级"


def test_all_schema_violations_are_told() -> None:
    findings = refusal(model('<task id="a" colour="red"/>\n<task id="b" size="2"/>'))
    assert [finding.element for finding in findings] == ["a", "b"]


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"", "xml/malformed"),
        (b"not xml", "xml/malformed"),
        (b"<a><b></a>", "xml/malformed"),
        (b"<a>\x00</a>", "xml/malformed"),
        (b"<a>&unknown;</a>", "xml/malformed"),
        (b"\xff\xfe<\x00", "xml/malformed"),
        (b'<?xml version="1.0" encoding="GB18030"?><a/>', "xml/encoding"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "xml/encoding"),
        (b"<html/>", "xml/not-bpmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd"/>', "xml/not-bpmn"),
    ],
)
def test_what_is_not_bpmn_is_refused(xml: bytes, rule: str) -> None:
    assert refusal(xml)[0].rule == rule


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE d [<!ENTITY l0 "ha">{entities}]><d>&l11;</d>'.encode()


_HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (_laughs, "xml/doctype"),
    "quadratic blow-up": (
        f'<!DOCTYPE d [<!ENTITY a "{"a" * 100_000}">]><d>{"&a;" * 10_000}</d>'.encode,
        "xml/doctype",
    ),
    "external entity": (lambda: b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "xml/doctype"),
    "external DTD": (lambda: b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd"><d/>', "xml/doctype"),
    "parameter entity": (
        lambda: b'<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><d/>',
        "xml/doctype",
    ),
    "DTD in UTF-16": (lambda: "\ufeff<!DOCTYPE d []><d/>".encode("utf-16-le"), "xml/doctype"),
    "deep nesting": (lambda: b"<a>" * 140_000, "xml/too-deep"),
    "deep nesting with content": (lambda: b"<a>x" * 70_000 + b"</a>" * 70_000, "xml/too-deep"),
    "many elements": (lambda: b"<a>" + b"<b/>" * 2_000_000 + b"</a>", "xml/too-many"),
    "many attributes": (
        lambda: b"<a " + b" ".join(b'a%d="1"' % n for n in range(30_000)) + b"/>",
        "xml/too-many",
    ),
    "many namespaces": (
        lambda: b"<a " + b" ".join(b'xmlns:a%d="u"' % n for n in range(20_000)) + b"/>",
        "xml/too-many",
    ),
    "endless tag": (lambda: b"<a " + b'x="1" ' * 1_500_000 + b"/>", "xml/too-long"),
    "endless text": (lambda: b"<a>" + b"x" * 9_000_000 + b"</a>", "xml/too-long"),
    "too large": (lambda: b"<a>" + b" " * 10_000_000 + b"</a>", "xml/too-large"),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_xml_is_refused_at_once(name: str) -> None:
    make, rule = _HOSTILE[name]
    xml = make()
    fastest = 1.0
    for _ in range(3):  # the machine may be busy elsewhere
        began = time.perf_counter()
        findings = refusal(xml)
        fastest = min(fastest, time.perf_counter() - began)
        assert [finding.rule for finding in findings] == [rule]
    assert fastest < 0.1


def test_a_model_beyond_any_use_is_refused_before_it_is_compiled() -> None:
    xml = model("".join(f'<task id="t{number}"/>' for number in range(10_001)))
    (finding,) = refusal(xml)
    assert finding.rule == "xml/too-many"


def test_the_size_limit_is_a_setting() -> None:
    xml = model("")
    assert refusal(xml, max_bytes=len(xml) - 1)[0].rule == "xml/too-large"
    read(xml, file="test.bpmn", max_bytes=len(xml))


def _in_small_stack(work: Callable[[], None]) -> None:
    problems: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as problem:  # noqa: BLE001 - handed to the test's own thread
            problems.append(problem)

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if problems:
        raise problems[0]


def test_a_straight_line_of_3000_tasks_needs_no_deep_stack() -> None:
    ids = ["s", *(f"t{n}" for n in range(3000)), "e"]
    tasks = "".join(f'<userTask id="{id}"/>' for id in ids[1:-1])
    flows = "".join(flow(a, b) for a, b in itertools.pairwise(ids))
    xml = model(f'<startEvent id="s"/>{tasks}<endEvent id="e"/>{flows}')
    sizes: list[int] = []
    _in_small_stack(lambda: sizes.append(len(compile_model(xml, file="long.bpmn")[0].nodes)))
    assert sizes == [3002]


def test_subprocesses_as_deep_as_xml_may_be() -> None:
    depth = 90
    opened = "".join(f'<subProcess id="x{n}"><startEvent id="s{n}"/>{flow(f"s{n}", f"x{n + 1}")}' for n in range(depth))
    xml = model(f'<startEvent id="s"/>{flow("s", "x0")}{opened}<task id="x{depth}"/>{"</subProcess>" * depth}')
    nodes: list[str | None] = []
    _in_small_stack(lambda: nodes.append(compile_model(xml, file="deep.bpmn")[0].nodes[f"x{depth}"].parent))
    assert nodes == [f"x{depth - 1}"]
