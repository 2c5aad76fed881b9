"""What a BPMN file says to people: its drawing in a language, and what it is for."""

from __future__ import annotations

import pytest
from lxml import etree

from engine.drawing import about, drawing
from engine.kernel.compile import compile_model
from engine.kernel.graph import BPMN
from tests.factories import in_a_row, lanes, process, props, task
from tests.processes.models import BPMNDI, DC, files

_NS = {"b": BPMN}
PROPERTIES = props(**{"name.en": "Small thing", "documentation.en": "For tests."})


def named(xml: str, id: str) -> str | None:
    """The name of the element ``id`` in a drawing."""
    (found,) = etree.fromstring(xml).xpath(f"//b:*[@id='{id}']", namespaces=_NS)
    return found.get("name")


def small(*, attributes: str = "") -> bytes:
    """A process with a task that has an English name, and one that has none."""
    asks = task("ask", name="询问", **{"name.en": "Ask", "sla": "PT8H"}) + task("tell", name="告知")
    body = lanes(RM="s ask tell e") + in_a_row(asks, ids="ask tell")
    told = f"<documentation>用于测试。</documentation>{PROPERTIES}"
    made = process("small", body, properties=told).decode()
    return made.replace('id="small"', f'id="small" {attributes}').encode()


def test_a_drawing_is_in_one_language() -> None:
    xml = small()
    assert [named(drawing(xml, "zh"), id) for id in ("ask", "tell")] == ["询问", "告知"]
    assert [named(drawing(xml, "en"), id) for id in ("ask", "tell")] == ["Ask", "告知"]


def test_a_pool_is_called_like_its_process() -> None:
    pool = (
        '<bpmn:collaboration id="c"><bpmn:participant id="pool" name="小事" processRef="small"/></bpmn:collaboration>'
    )
    xml = small().decode().replace("<bpmn:process", f"{pool}<bpmn:process", 1)
    assert named(drawing(xml.encode(), "zh"), "pool") == "小事"
    assert named(drawing(xml.encode(), "en"), "pool") == "Small thing"


def test_a_drawing_holds_nothing_that_is_executed() -> None:
    for language in ("zh", "en"):
        shown = drawing(small(), language)
        assert "PT8H" not in shown
        assert "用于测试" not in shown
        assert shown.startswith("<")


@pytest.mark.parametrize(
    ("attributes", "offered"),
    [
        ("", True),
        ('camunda:isStartableInTasklist="true"', True),
        ('camunda:isStartableInTasklist="false"', False),
    ],
)
def test_a_process_says_what_it_is_for(attributes: str, offered: bool) -> None:
    told = about(small(attributes=attributes), "small")
    assert (told.documentation, told.documentation_en, told.offered) == ("用于测试。", "For tests.", offered)
    assert compile_model(small(attributes=attributes), file="small.bpmn")


def test_a_file_without_the_process_says_nothing() -> None:
    with pytest.raises(KeyError):
        about(small(), "other")


def test_labels_have_room_for_their_words_in_english() -> None:
    xml = files()["P00_project_lifecycle.bpmn"]
    labels = {lang: label_widths(drawing(xml, lang)) for lang in ("zh", "en")}
    assert labels["zh"]["P00_end_withdrawn"] < 7 * len("Withdrawn") <= labels["en"]["P00_end_withdrawn"]
    assert all(labels["en"][id] >= width for id, width in labels["zh"].items())


def label_widths(xml: str) -> dict[str, float]:
    """The widths of the labels beside elements, by element."""
    found = etree.fromstring(xml).iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge")
    bounds = {str(drawn.get("bpmnElement")): drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds") for drawn in found}
    return {id: float(label.get("width", "0")) for id, label in bounds.items() if label is not None}
