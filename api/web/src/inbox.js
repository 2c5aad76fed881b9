// The inbox: rows open a preview, keys move through them, a stream says how many tasks came.
import htmx from "htmx.org";
import { isTyping } from "./frame.js";

const wide = window.matchMedia("(min-width: 1001px)");
const page = () => document.querySelector("[data-inbox]");
const rows = () => [...document.querySelectorAll("[data-rows] tr[data-row]")];
const selected = () => document.querySelector('[data-rows] tr[aria-selected="true"]');
const preview = () => document.getElementById("s-preview");
// The row whose preview is on its way, and what a key pressed meanwhile will do in it: never in the one before.
let awaited = null;
let answered = null;
let pressed = null;
let stream = null;

function address(change) {
  const here = new URL(location.href);
  for (const [name, value] of Object.entries(change)) {
    if (value) here.searchParams.set(name, value);
    else here.searchParams.delete(name);
  }
  here.searchParams.delete("cursor");
  history.replaceState(history.state, "", here);
}

function select(row, { focus = false } = {}) {
  if (!row) return;
  for (const other of rows()) other.removeAttribute("aria-selected");
  row.setAttribute("aria-selected", "true");
  row.scrollIntoView({ block: "nearest" });
  const link = row.querySelector("[data-row-link]");
  if (focus) link.focus({ preventScroll: true });
  if (!wide.matches) return;
  address({ task: row.dataset.row });
  if (awaited === row.dataset.row) return;
  awaited = row.dataset.row;
  answered = null;
  pressed = null;
  htmx.trigger(link, "preview");
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(selected());
  const next = Math.min(all.length - 1, Math.max(0, at + by));
  if (next === all.length - 1 && by > 0 && at === next) document.querySelector("#s-inbox-more a")?.click();
  select(all[at < 0 ? 0 : next], { focus: true });
}

/** Do `action` in the preview, once that of the chosen row is there. */
function inPreview(action) {
  if (awaited) pressed = action;
  else if (preview()) action();
}

function arrived(id) {
  if (awaited !== id) return;
  awaited = null;
  const action = pressed;
  pressed = null;
  action?.();
}

function enter() {
  const first = preview().querySelector('[data-claim], .s-form input:not([type="hidden"]):not([disabled]), .s-form textarea:not([disabled]), .s-form select:not([disabled]), [data-complete]');
  (first ?? preview()).focus();
}

/** What had the focus may be gone: the keyboard goes on in the preview. */
function keepFocus() {
  if (document.activeElement === document.body) preview().focus({ preventScroll: true });
}

/** After a new list: the chosen task stays chosen, and a keyboard that stood on a row stands on one again. */
function keepPlace() {
  const lost = document.activeElement === document.body;
  const chosen = awaited ?? preview().querySelector("[data-desk]")?.dataset.desk;
  const row = chosen && document.querySelector(`[data-rows] tr[data-row="${CSS.escape(chosen)}"]`);
  if (row && awaited) {
    // Its link was in the old list, and what that had asked for went with it.
    awaited = null;
    select(row, { focus: lost });
  } else if (row) row.setAttribute("aria-selected", "true");
  else awaited = null;
  if (document.activeElement !== document.body) return;
  const link = (row || rows()[0])?.querySelector("[data-row-link]");
  (link ?? preview()).focus({ preventScroll: true });
}

function listen() {
  stream?.close();
  stream = null;
  const button = document.querySelector("[data-new]");
  if (!button || !page()) return;
  const url = new URL(button.dataset.events, location.href);
  url.searchParams.set("since", button.dataset.since);
  stream = new EventSource(url);
  stream.addEventListener("new", (event) => {
    const count = Number(event.data);
    button.hidden = !count;
    const text = button.querySelector("span");
    const said = button.dataset.text.replace("{count}", count > 99 ? "99+" : String(count));
    if (text.textContent !== said) text.textContent = said;
  });
}

function reload() {
  htmx.ajax("GET", location.pathname + location.search, { target: "#s-inbox-list", swap: "innerHTML", headers: { "HX-Target": "s-inbox-list" } });
}

/** The task in the preview, as it stands now. */
function showAgain(id) {
  htmx.ajax("GET", `/inbox/tasks/${id}`, { target: "#s-preview", swap: "innerHTML" }).then(keepFocus);
}

function gone(id) {
  const row = document.querySelector(`[data-rows] tr[data-row="${CSS.escape(id)}"]`);
  const next = row?.nextElementSibling?.matches("[data-row]") ? row.nextElementSibling : row?.previousElementSibling;
  row?.remove();
  htmx.trigger(document.body, "sancha:changed");
  if (!rows().length) reload();
  return next?.matches?.("[data-row]") ? next : null;
}

document.addEventListener("click", (event) => {
  if (!page()) return;
  const row = event.target.closest("[data-rows] tr[data-row]");
  if (row) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (!wide.matches) {
      if (!event.target.closest("a")) row.querySelector("[data-row-link]").click();
      return;
    }
    event.preventDefault();
    select(row, { focus: true });
  }
  if (event.target.closest("[data-new]")) reload();
});

document.addEventListener("keydown", (event) => {
  if (!page() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && isTyping(event.target)) {
    (selected()?.querySelector("[data-row-link]") ?? preview()).focus();
    return;
  }
  if (isTyping(event.target) || event.target.closest?.("dialog")) return;
  const isInside = preview()?.contains(event.target);
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "c") inPreview(() => preview().querySelector("[data-claim]")?.click());
  else if (event.key === "o") inPreview(() => preview().querySelector("[data-open-page]")?.click());
  else if (event.key === "Enter" && event.target === preview()) enter();
  else if (event.key === "Enter" && !isInside && event.target.closest("[data-rows]")) {
    if (!wide.matches) return;
    if (selected()?.contains(event.target) && (awaited || preview().querySelector("[data-desk]"))) inPreview(enter);
    else select(event.target.closest("tr[data-row]"), { focus: true });
  } else return;
  event.preventDefault();
});

// The mouse and the Enter key reach a row's link only through the code above: htmx itself listens to `preview`.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.matches?.("[data-filters]")) {
    const given = event.detail.parameters;
    for (const name of Object.keys(given)) if (given[name] === "" || (name === "show" && given[name] === "mine")) delete given[name];
    address({ process: given.process, role: given.role, due: given.due, text: given.text, sort: given.sort, show: given.show, task: "" });
  }
});

// A row that was left and chosen again has asked twice: when the first answer came, the second would only undo what is
// done in the preview meanwhile.
document.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.detail.elt.matches?.("[data-row-link]") && event.detail.elt.closest("tr[data-row]");
  if (row && (row.dataset.row !== awaited || answered === awaited)) event.preventDefault();
});

// Answers may overtake each other: the preview takes that of the chosen row only.
document.addEventListener("htmx:beforeSwap", (event) => {
  const row = event.detail.requestConfig?.elt.closest?.("[data-rows] tr[data-row]");
  if (!row || event.detail.target.id !== "s-preview") return;
  if (row !== selected()) event.detail.shouldSwap = false;
  else if (event.detail.xhr.status === 200) answered = row.dataset.row;
});

// Only now do the buttons of the preview answer to a click.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "s-preview") arrived(preview().querySelector("[data-desk]")?.dataset.desk);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "s-inbox-list") {
    listen();
    keepPlace();
  }
  if (event.detail.target?.id === "s-preview") preview().scrollTop = 0;
});

// What was done to a task in the preview shows in the list at once.
document.addEventListener("htmx:afterRequest", (event) => {
  if (!page()) return;
  // The button itself may be gone by now, and htmx then names what stands around it as the event's element.
  const { xhr, requestConfig } = event.detail;
  const elt = requestConfig.elt;
  if (elt.matches?.("[data-row-link]") && xhr.status !== 200) arrived(elt.closest("tr[data-row]")?.dataset.row);
  const desk = elt.closest?.("[data-desk]") ?? document.querySelector("[data-desk]");
  if (elt.matches?.("[data-claim], [data-release], [data-complete]")) {
    const id = event.detail.pathInfo.requestPath.split("/")[2];
    const show = new URL(location.href).searchParams.get("show") ?? "mine";
    if (xhr.status === 409) {
      if (show === "groups") gone(id);
      showAgain(id);
    } else if (xhr.status === 200) {
      if (elt.matches("[data-complete]") || (show === "mine" && elt.matches("[data-release]")) || show === "groups") gone(id);
      else htmx.trigger(document.body, "sancha:changed");
      // A preview that was on its way may have come in between.
      if (document.querySelector(`[data-desk="${CSS.escape(id)}"] ${elt.matches("[data-claim]") ? "[data-claim]" : "[data-release]"}`)) showAgain(id);
      keepFocus();
    }
  }
  if (desk && xhr.status === 409 && requestConfig.verb === "post") htmx.trigger(document.body, "sancha:changed");
});

document.addEventListener("sancha:submitted", (event) => {
  if (!page()) return;
  const id = event.target.closest("[data-desk]")?.dataset.desk;
  if (!id) return;
  const next = gone(id);
  if (next) select(next, { focus: true });
  else showAgain(id);
});

document.addEventListener("DOMContentLoaded", () => {
  if (!page()) return;
  listen();
  selected()?.scrollIntoView({ block: "nearest" });
});
