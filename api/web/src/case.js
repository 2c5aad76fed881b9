// The file of a case: which section is on the screen, files being attached, rows of the history that belong to the
// element chosen on the diagram; and what follows a start.
import htmx from "htmx.org";
import { csrf } from "./frame.js";

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function followSections(nav) {
  const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const seen = new Map();
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) seen.set(entry.target.id, entry.isIntersecting);
      const first = [...links.keys()].find((id) => seen.get(id));
      for (const [id, link] of links) {
        if (id === first) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-110px 0px -55% 0px" },
  );
  for (const id of links.keys()) watch.observe(document.getElementById(id));
}

/** Send one file and say how far it is. */
function attach(form, file) {
  const { upload, case: caseId, sending, sent, failed, offline } = form.dataset;
  const line = document.createElement("div");
  const text = document.createElement("span");
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  line.append(bar, text);
  form.querySelector("[data-upload-list]").append(line);
  const body = new FormData();
  body.append("instance_id", caseId);
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", upload);
  request.setRequestHeader("X-CSRF-Token", csrf());
  request.setRequestHeader("Accept", "application/json");
  const tell = (percent) => {
    bar.value = percent;
    text.textContent = filled(sending, { name: file.name, percent: Math.floor(percent) });
  };
  const refuse = (reason) => {
    bar.remove();
    line.className = "s-upload-failed";
    text.textContent = filled(failed, { name: file.name, reason });
  };
  tell(0);
  request.upload.addEventListener("progress", (event) => tell((100 * event.loaded) / event.total));
  request.addEventListener("error", () => refuse(offline));
  request.addEventListener("load", () => {
    if (request.status === 201) {
      bar.remove();
      text.textContent = filled(sent, { name: file.name });
      htmx.trigger(document.body, "sancha:documents");
      return;
    }
    let reason = request.statusText;
    try {
      const problem = JSON.parse(request.responseText);
      reason = problem.message ?? problem.detail ?? reason;
    } catch {
      // A proxy answered instead of the server: its status is all there is to tell.
    }
    refuse(reason);
  });
  request.send(body);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-upload]");
  if (form && event.target.type === "file") {
    for (const file of event.target.files) attach(form, file);
    event.target.value = "";
  }
  const unit = event.target.closest("[data-start-unit]");
  const started = unit?.closest("[data-start]").querySelector("[data-form]");
  if (started) started.dataset.submitBody = JSON.stringify({ unit: unit.value });
});

let chosen = null;

function markRows() {
  for (const row of document.querySelectorAll("[data-history-row]")) {
    const { element, instance } = row.dataset;
    row.classList.toggle("s-chosen", Boolean(chosen) && element === chosen.element && instance === chosen.instance);
  }
}

document.addEventListener("sancha:element", (event) => {
  chosen = event.detail;
  markRows();
});
document.addEventListener("htmx:load", () => chosen && markRows());

document.addEventListener("sancha:submitted", (event) => {
  if (event.target.closest("[data-start]")) location.assign(`/cases/${event.detail.response.id}?started=1`);
});

document.addEventListener("DOMContentLoaded", () => {
  const nav = document.querySelector("[data-section-nav]");
  if (nav) followSections(nav);
});
