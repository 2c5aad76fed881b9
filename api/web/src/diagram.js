// The diagram of a case: bpmn-js shows the drawing, the page's JSON says how far each element has come.
//
// The page provides `[data-diagram]` with the address of that JSON, `data-case`, `data-instance` and `data-texts`, the
// zoom buttons, a legend whose marks are used on the drawing too, a card, and a choice of instances. The part
// `#element=<id>&instance=<id>` of the address chooses an element; `sancha:element` tells the page which one it is.
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const NARROW = 600;
const READABLE = 0.4;
const STATES = ["failed", "current", "passed", "cancelled"];
const MARGIN = 24;

let shown = null;

function chosenInAddress() {
  const found = new URLSearchParams(location.hash.slice(1));
  return found.has("element") ? { element: found.get("element"), instance: found.get("instance") } : null;
}

/** Name the chosen element in the address; going back leaves the page. */
function name(element, instance) {
  history.replaceState(history.state, "", `#${new URLSearchParams({ element, instance })}`);
}

/** A mark of the legend, for a badge on the drawing. */
function mark(kind) {
  return document.querySelector(`.s-legend-${kind} svg`)?.cloneNode(true) ?? "";
}

class Diagram {
  constructor(container) {
    this.container = container;
    this.texts = JSON.parse(container.dataset.texts);
    this.wait = container.querySelector(".s-diagram-wait");
    this.card = container.parentElement.querySelector("[data-diagram-card]");
    this.instance = container.dataset.instance;
    this.case = container.dataset.case;
    this.chosen = null;
    this.ready = this.open();
  }

  async open() {
    try {
      const answer = await fetch(this.container.dataset.diagram, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.document = await answer.json();
      this.viewer = new NavigatedViewer({
        container: this.container,
        bpmnRenderer: {
          defaultFillColor: "var(--s-drawing-fill)",
          defaultStrokeColor: "var(--s-drawing-line)",
          defaultLabelColor: "var(--s-drawing-text)",
        },
        textRenderer: { defaultStyle: { fontFamily: "var(--s-font)" }, externalStyle: { fontSize: 12 } },
      });
      await this.viewer.importXML(this.document.xml);
      // Another instance was chosen meanwhile.
      if (!this.container.isConnected) return;
    } catch {
      this.wait.textContent = this.texts.failed;
      return;
    }
    this.wait.remove();
    this.canvas = this.viewer.get("canvas");
    for (const [id, element] of Object.entries(this.document.elements)) this.paint(id, element);
    this.viewer.on("element.click", ({ element }) => this.clicked(element));
    // The page scrolls past the diagram, as past a picture; with Ctrl, or once it has the focus, the wheel is its own.
    this.container.addEventListener("wheel", (event) => this.leaveToPage(event), { capture: true });
    this.begin();
  }

  leaveToPage(event) {
    if (!event.ctrlKey && !event.metaKey && !this.container.contains(document.activeElement)) event.stopPropagation();
  }

  begin() {
    this.fit();
    const narrow = this.container.clientWidth < NARROW && this.canvas.zoom() < READABLE;
    if (narrow) this.toCurrent();
  }

  fit() {
    const { inner, outer } = this.canvas.viewbox();
    const scale = Math.min((outer.width - 2 * MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height, 1.2);
    const [width, height] = [outer.width / scale, outer.height / scale];
    const x = inner.x - (width - inner.width) / 2;
    this.canvas.viewbox({ x, y: inner.y - (height - inner.height) / 2, width, height });
  }

  zoom(how) {
    if (how === "fit") return this.fit();
    if (how === "current") return this.toCurrent();
    return this.viewer.get("zoomScroll").stepZoom(how === "in" ? 1 : -1);
  }

  toCurrent() {
    const ids = Object.keys(this.document.elements);
    for (const state of ["failed", "current"]) {
      const found = ids.find((id) => this.document.elements[id].state === state);
      if (found) return this.show(found);
    }
    return this.fit();
  }

  /** Bring an element to the middle, large enough to read. */
  show(id) {
    const element = this.viewer.get("elementRegistry").get(id);
    if (!element) return;
    const { outer, scale } = this.canvas.viewbox();
    const wanted = Math.max(scale, 0.7);
    const [width, height] = [outer.width / wanted, outer.height / wanted];
    const [x, y] = [element.x + element.width / 2 - width / 2, element.y + element.height / 2 - height / 2];
    this.canvas.viewbox({ x, y, width, height });
  }

  paint(id, element) {
    if (!this.viewer.get("elementRegistry").get(id)) return;
    if (STATES.includes(element.state)) {
      this.canvas.addMarker(id, `s-is-${element.state}`);
      const count = element.visits > 1 ? `×${element.visits}` : "";
      this.badge(id, element.state, count, { top: -11, left: -11 }, `${element.stateText}: ${element.counts}`);
    }
    const { y, height, host } = this.viewer.get("elementRegistry").get(id);
    // A timer on the upper edge of its activity has its badge above it, so that the activity stays legible.
    const above = host && y + height / 2 < host.y + host.height / 2;
    for (const [index, due] of element.due.entries()) {
      const beside = 20 * index;
      const position = above ? { top: -26 - beside, left: 12 } : { bottom: -4 - beside, left: 0 };
      this.badge(id, "timer", due.short, position, `${this.texts.due}: ${due.text}`, 0.75);
    }
    for (const message of element.awaited) {
      this.badge(id, "message", "", { top: -11, right: 11 }, `${this.texts.awaited} ${message}`);
    }
  }

  badge(id, kind, text, position, title, least = 0.55) {
    const html = document.createElement("div");
    html.className = `s-badge s-badge-${kind}`;
    html.title = title;
    html.append(mark(kind), text);
    this.viewer.get("overlays").add(id, { position, html, scale: { min: least, max: 1.2 } });
  }

  clicked(element) {
    // A label stands for its element.
    const id = (element.labelTarget ?? element).id;
    if (!this.document.elements[id]) return this.choose(null);
    name(id, this.instance);
    return this.choose(id);
  }

  choose(id) {
    if (!this.canvas) return;
    if (this.chosen && this.viewer.get("elementRegistry").get(this.chosen)) {
      this.canvas.removeMarker(this.chosen, "s-is-chosen");
    }
    this.chosen = id && this.document.elements[id] ? id : null;
    if (this.chosen && this.viewer.get("elementRegistry").get(this.chosen)) {
      this.canvas.addMarker(this.chosen, "s-is-chosen");
    }
    this.tell();
    const detail = this.chosen ? { element: this.chosen, instance: this.instance } : null;
    document.dispatchEvent(new CustomEvent("sancha:element", { detail }));
  }

  tell() {
    const element = this.document.elements[this.chosen];
    this.card.hidden = !element;
    if (!element) return;
    const make = (tag, text, properties = {}) =>
      Object.assign(document.createElement(tag), { textContent: text }, properties);
    const close = make("button", "✕", { type: "button", className: "s-notice-close" });
    close.setAttribute("aria-label", this.texts.close);
    close.addEventListener("click", () => this.choose(null));
    const head = make("p", "", { className: "s-card-head" });
    head.append(make("b", element.name), close);
    const state = make("p", [element.stateText, element.counts].filter(Boolean).join(" · "));
    const facts = make("dl", "", { className: "s-facts" });
    const timers = element.due.map((due) => ({ label: this.texts.due, value: due.text }));
    const awaited = element.awaited.map((value) => ({ label: this.texts.awaited, value }));
    for (const { label, value } of [...element.facts, ...timers, ...awaited]) {
      facts.append(make("dt", label), make("dd", value));
    }
    const links = make("p", "", { className: "s-card-links" });
    for (const task of element.tasks) links.append(make("a", this.texts.task, { href: `/tasks/${task.id}` }));
    if (element.visits) links.append(this.link(this.texts.history, "history", { element: this.chosen, instance: this.instance }, "#s-history"));
    for (const call of element.calls) {
      links.append(this.link(`${this.texts.calls}: ${call.status}`, "diagram", { shown: call.id }, "#s-diagram"));
    }
    this.card.replaceChildren(head, state, facts, links);
  }

  /** A link that reads another part of the page anew. */
  link(text, part, query, target) {
    const search = new URLSearchParams(query);
    const link = document.createElement("a");
    link.textContent = text;
    link.href = `/cases/${this.case}?${search}#${part}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const done = window.htmx.ajax("GET", `/cases/${this.case}/${part}?${search}`, { target, swap: "innerHTML" });
      done.then(() => document.getElementById(part).scrollIntoView({ block: "start" }));
    });
    return link;
  }

  close() {
    this.viewer?.destroy();
  }
}

/** Show the element that the address names, in the diagram of its instance. */
async function follow(wanted) {
  if (!wanted || !shown) return;
  if (wanted.instance && wanted.instance !== shown.instance) {
    const choice = document.querySelector("[data-diagram-shown]");
    if (![...choice.options].some((option) => option.value === wanted.instance)) {
      choice.append(new Option("…", wanted.instance));
    }
    choice.value = wanted.instance;
    // The panel is read anew; what the address names is chosen when it is there.
    window.htmx.trigger(choice, "change");
    return;
  }
  const diagram = shown;
  await diagram.ready;
  if (diagram !== shown || !diagram.canvas) return;
  document.getElementById("diagram")?.scrollIntoView({ block: "start" });
  diagram.show(wanted.element);
  diagram.choose(wanted.element);
}

function mount(scope) {
  const container = scope.querySelector?.("[data-diagram]") ?? (scope.matches?.("[data-diagram]") ? scope : null);
  if (!container || container === shown?.container) return;
  shown?.close();
  shown = new Diagram(container);
  const wanted = chosenInAddress();
  if (wanted && (!wanted.instance || wanted.instance === shown.instance || document.readyState !== "complete")) follow(wanted);
}

document.addEventListener("click", (event) => {
  const zoom = event.target.closest("[data-diagram-zoom]");
  if (zoom) shown?.ready.then(() => shown.canvas && shown.zoom(zoom.dataset.diagramZoom));
  const link = event.target.closest("a[data-element-link]");
  if (link && document.querySelector("[data-diagram]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const wanted = { element: link.dataset.elementLink, instance: link.dataset.instance };
    name(wanted.element, wanted.instance);
    follow(wanted);
  }
});
window.addEventListener("hashchange", () => follow(chosenInAddress()));
document.addEventListener("htmx:load", (event) => mount(event.detail.elt));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => mount(document.body));
else mount(document.body);
