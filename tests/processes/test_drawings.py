"""The drawings: every element is drawn, nothing overlaps, edges end at their shapes, labels stay clear."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from lxml import etree

from tests.processes.models import BPMN, BPMNDI, DC, DI, files, xml

NAMES = sorted(files())
FLOW_NODES = ("Task", "Event", "Gateway", "subProcess", "callActivity")


@dataclass(frozen=True)
class Box:
    id: str
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def overlaps(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: Box) -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom

    def touches(self, x: float, y: float, *, diamond: bool) -> bool:
        """Whether the point lies on the outline: of the box, or of the diamond drawn into it."""
        if diamond:
            across = abs(x - self.left - self.width / 2) / self.width
            return abs(across + abs(y - self.top - self.height / 2) / self.height - 0.5) < 0.03
        within = self.left - 1 <= x <= self.right + 1 and self.top - 1 <= y <= self.bottom + 1
        inside = self.left + 1 < x < self.right - 1 and self.top + 1 < y < self.bottom - 1
        return within and not inside


def _box(element: etree._Element, id: str) -> Box:
    bounds = element.find(f"{DC}Bounds")
    assert bounds is not None
    return Box(id, *(float(bounds.get(name, "nan")) for name in ("x", "y", "width", "height")))


def boxes(root: etree._Element) -> dict[str, Box]:
    return {
        str(shape.get("bpmnElement")): _box(shape, str(shape.get("bpmnElement")))
        for shape in root.iter(f"{BPMNDI}BPMNShape")
    }


def labels(root: etree._Element) -> list[Box]:
    return [
        _box(label, str(owner.get("bpmnElement")))
        for owner in root.iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge")
        for label in owner.iter(f"{BPMNDI}BPMNLabel")
    ]


def elements(root: etree._Element) -> dict[str, etree._Element]:
    return {str(element.get("id")): element for element in root.iter() if element.get("id")}


def flow_nodes(root: etree._Element) -> dict[str, etree._Element]:
    return {id: element for id, element in elements(root).items() if str(element.tag).endswith(FLOW_NODES)}


def waypoints(root: etree._Element) -> dict[str, list[tuple[float, float]]]:
    return {
        str(edge.get("bpmnElement")): [
            (float(point.get("x", "nan")), float(point.get("y", "nan"))) for point in edge.iter(f"{DI}waypoint")
        ]
        for edge in root.iter(f"{BPMNDI}BPMNEdge")
    }


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_drawn_once(name: str) -> None:
    root = xml(name)
    drawn = [str(shape.get("bpmnElement")) for shape in root.iter(f"{BPMNDI}BPMNShape")]
    lanes = {str(lane.get("id")) for lane in root.iter(f"{BPMN}lane", f"{BPMN}participant")}
    assert sorted(drawn) == sorted(set(flow_nodes(root)) | lanes)
    flows = {str(flow.get("id")) for flow in root.iter(f"{BPMN}sequenceFlow")}
    assert set(waypoints(root)) == flows


@pytest.mark.parametrize("name", NAMES)
def test_nothing_overlaps(name: str) -> None:
    root = xml(name)
    found, known = boxes(root), flow_nodes(root)
    for one, other in itertools.combinations(known, 2):
        pair = {one, other}
        attached = {one: known[one].get("attachedToRef"), other: known[other].get("attachedToRef")}
        if attached[one] in pair or attached[other] in pair:
            continue
        inside = known[one] in known[other].iterdescendants() or known[other] in known[one].iterdescendants()
        if inside:
            assert found[one].holds(found[other]) or found[other].holds(found[one]), pair
        else:
            assert not found[one].overlaps(found[other]), pair


@pytest.mark.parametrize("name", NAMES)
def test_elements_lie_in_their_lane(name: str) -> None:
    root = xml(name)
    found = boxes(root)
    for lane in root.iter(f"{BPMN}lane"):
        for reference in lane.iter(f"{BPMN}flowNodeRef"):
            assert found[str(lane.get("id"))].holds(found[str(reference.text)]), reference.text


@pytest.mark.parametrize("name", NAMES)
def test_edges_end_at_their_shapes_and_run_square(name: str) -> None:
    root = xml(name)
    found, known, shown = boxes(root), elements(root), files()
    assert name in shown
    for flow, points in waypoints(root).items():
        for end, point in (("sourceRef", points[0]), ("targetRef", points[-1])):
            id = str(known[flow].get(end))
            diamond = str(known[id].tag).endswith("Gateway")
            assert found[id].touches(*point, diamond=diamond), (flow, end)
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            assert x1 == pytest.approx(x2, abs=0.6) or y1 == pytest.approx(y2, abs=0.6), flow


@pytest.mark.parametrize("name", NAMES)
def test_edges_run_around_shapes(name: str) -> None:
    root = xml(name)
    found, known = boxes(root), elements(root)
    solid = [box for id, box in found.items() if id in flow_nodes(root)]
    for flow, points in waypoints(root).items():
        ends = {str(known[flow].get("sourceRef")), str(known[flow].get("targetRef"))}
        around = {str(parent.get("id")) for parent in known[flow].iterancestors()}
        # A boundary event sits on its task: an edge from one may begin inside the frame of the other.
        hosts = {str(known[end].get("attachedToRef")) for end in ends}
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            left, top = min(x1, x2) + 0.5, min(y1, y2) + 0.5
            line = Box(flow, left, top, max(abs(x1 - x2) - 1, 0.1), max(abs(y1 - y2) - 1, 0.1))
            for box in solid:
                if box.id not in ends | around | hosts and known[box.id].get("attachedToRef") not in ends:
                    assert not line.overlaps(box), (flow, box.id)


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_clear_of_shapes_and_of_each_other(name: str) -> None:
    root = xml(name)
    known = flow_nodes(root)
    solid = [box for id, box in boxes(root).items() if id in known and not str(known[id].tag).endswith("subProcess")]
    placed = labels(root)
    for one, other in itertools.combinations(placed, 2):
        assert not one.overlaps(other), (one.id, other.id)
    for label, box in itertools.product(placed, solid):
        assert not label.overlaps(box), (label.id, box.id)


@pytest.mark.parametrize("name", NAMES)
def test_edges_do_not_cross(name: str) -> None:
    """Edges of one port share their way; other pairs meet only where they end."""
    root = xml(name)
    known = elements(root)
    crossings = [
        (one, other)
        for (one, first), (other, second) in itertools.combinations(waypoints(root).items(), 2)
        if not _related(known[one], known[other]) and _cross(first, second)
    ]
    assert crossings == []


def _related(one: etree._Element, other: etree._Element) -> bool:
    return one.get("sourceRef") == other.get("sourceRef") or one.get("targetRef") == other.get("targetRef")


def _cross(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    for (x1, y1), (x2, y2) in itertools.pairwise(one):
        for (x3, y3), (x4, y4) in itertools.pairwise(other):
            across = min(x1, x2) < max(x3, x4) and min(x3, x4) < max(x1, x2)
            along = min(y1, y2) < max(y3, y4) and min(y3, y4) < max(y1, y2)
            if across and along:
                return True
            horizontal_one, horizontal_other = y1 == y2, y3 == y4
            if horizontal_one != horizontal_other:
                (hx1, hy), (hx2, _) = ((x1, y1), (x2, y2)) if horizontal_one else ((x3, y3), (x4, y4))
                (vx, vy1), (_, vy2) = ((x3, y3), (x4, y4)) if horizontal_one else ((x1, y1), (x2, y2))
                if min(hx1, hx2) < vx < max(hx1, hx2) and min(vy1, vy2) < hy < max(vy1, vy2):
                    return True
    return False
