// The form of a task, or the one that starts a case, in the page. See `mount` for what the page provides.
import "./css/form.css";
import { drafted, placed, submitted, withDraft } from "./form/data.js";
import { Drafts } from "./form/drafts.js";
import { at } from "./form/paths.js";
import { freshKey, reasonOf, send, Unreachable } from "./form/server.js";
import { filled } from "./form/texts.js";
import { countErrors, isEmpty } from "./form/validator.js";
import { checkAfterTyping, nameRowButtons, viewer, withoutFileRules } from "./form/viewer.js";

const mounted = new Map();

class PageForm {
  constructor(element) {
    this.element = element;
    this.id = element.dataset.form;
    this.mode = element.dataset.mode ?? "task";
    const given = JSON.parse(document.getElementById(this.id).textContent);
    Object.assign(this, { language: given.language, texts: given.texts ?? {}, schema: given.schema });
    this.alert = document.querySelector(`[data-form-alert="${this.id}"]`);
    this.sent = { text: null, key: null };
    this.touched = false;
    this.leaving = new AbortController();
    this.open(given);
  }

  async open({ data, draft, drafted_at: draftedAt, documents }) {
    const { task, instance, draftUrl, documentsUrl } = this.element.dataset;
    this.uploads = {
      url: documentsUrl,
      instance,
      task,
      documents: new Map((documents ?? []).map((document) => [document.id, document])),
      busy: new Set(),
    };
    const schema = this.mode === "start" ? withoutFileRules(this.schema) : this.schema;
    this.form = viewer({ container: this.element, mode: this.mode, schema, texts: this.texts, uploads: this.uploads });
    const isDraft = this.mode === "task" && Boolean(draftUrl);
    const copy = isDraft ? Drafts.copyOf(task, draft ?? null) : null;
    const kept = copy?.data ?? (isDraft ? draft : null);
    await this.form.importSchema(schema, kept ? withDraft(data ?? {}, kept) : (data ?? {}));
    if (this.leaving.signal.aborted) return;
    this.listen();
    if (!isDraft) return;
    const read = () => drafted(schema, this.form._getState().data);
    this.drafts = new Drafts({
      url: draftUrl,
      task,
      texts: this.texts,
      status: document.querySelector(`[data-form-status="${this.id}"]`),
      read,
      opened: copy ? null : JSON.stringify(read()),
      draft: draft ?? null,
    });
    if (kept) this.drafts.restored(copy?.at ?? draftedAt ?? new Date());
    if (copy) {
      this.touch();
      this.drafts.changed();
    }
  }

  listen() {
    const { signal } = this.leaving;
    const on = (target, type, handler, capture = false) => target.addEventListener(type, handler, { signal, capture });
    for (const type of ["input", "change", "click", "keydown", "drop"]) {
      on(this.element, type, () => this.touch(), true);
    }
    // A button of the form itself sends it like the page's; a press of Enter in a field only looks like such a click.
    on(this.element, "click", (event) => {
      const button = event.target.closest?.(".fjs-button[type=submit]");
      if (button && (event.detail || document.activeElement === button)) {
        document.querySelector(`[data-form-submit="${this.id}"]`)?.click();
      }
    });
    // The browser's own way to submit a form (Enter in a field) is not ours.
    on(this.element, "submit", (event) => [event.preventDefault(), event.stopPropagation()], true);
    for (const button of document.querySelectorAll(`[data-form-submit="${this.id}"]`)) {
      on(button, "click", () => this.submit(button));
    }
    on(document, "visibilitychange", () => document.visibilityState === "hidden" && this.flush());
    on(window, "pagehide", () => this.flush());
    on(window, "beforeunload", (event) => {
      if (this.isUnsaved) event.preventDefault();
    });
    this.form.on("changed", () => {
      if (this.touched) this.drafts?.changed();
      nameRowButtons(this.element, this.texts);
    });
    this.form.on("field.updated", ({ fieldInstance }) => this.forgetListErrors(fieldInstance));
    this.callOffChecks = checkAfterTyping(this.form, signal);
    nameRowButtons(this.element, this.texts);
  }

  /** Somebody does something to the form; what stands in it before that was not typed here. */
  touch() {
    this.untouched ??= submitted(this.form);
    this.touched = true;
  }

  get isUnsaved() {
    if (!this.touched || this.isDone || this.mode === "read") return false;
    return this.drafts ? this.drafts.isDirty : !isSame(submitted(this.form), this.untouched);
  }

  flush() {
    if (this.touched) this.drafts?.flush();
  }

  async submit(button) {
    if (this.isBusy || this.isDone || this.mode === "read") return;
    this.tell(null);
    if (this.uploads.busy.size) return this.tell(filled(this.texts, "uploadsRunning"));
    this.callOffChecks();
    if (!this.isRight()) return;
    const extra = JSON.parse(this.element.dataset.submitBody ?? "{}");
    const text = JSON.stringify({ ...extra, variables: submitted(this.form) });
    if (this.sent.text !== text) this.sent = { text, key: freshKey() };
    this.drafts?.stop();
    this.show(button, true);
    try {
      this.settle(await send("POST", this.element.dataset.submitUrl, text, this.sent.key));
    } catch (problem) {
      if (!(problem instanceof Unreachable)) throw problem;
      this.drafts?.resume();
      this.tell(filled(this.texts, "offline"));
    } finally {
      this.show(button, false);
    }
  }

  settle(answer) {
    if (answer.ok) {
      this.isDone = true;
      this.drafts?.dropCopy();
      this.fire("sancha:submitted", { response: answer.body, data: { ...this.element.dataset } });
      return;
    }
    this.drafts?.resume();
    const complaints = answer.status === 422 ? answer.body.errors : null;
    if (complaints && typeof complaints === "object" && !Array.isArray(complaints)) this.complain(complaints);
    else this.tell(reasonOf(answer));
    this.fire("sancha:refused", { ...answer.body, status: answer.status });
  }

  /** Check in the browser; shows what is wrong and goes to the first of it. */
  isRight() {
    const rules = this.form.get("validator");
    rules.isSending = true;
    const errors = { ...this.form.validate(), ...this.listErrors() };
    rules.isSending = false;
    const halfTyped = [...this.element.querySelectorAll("input")].filter((input) => input.validity.badInput);
    if (isSame(errors, {}) && !halfTyped.length) return true;
    for (const input of halfTyped) input.dispatchEvent(new FocusEvent("blur"));
    this.form._setState({ errors });
    this.tell(filled(this.texts, "correct"));
    this.goToFirstError();
    return false;
  }

  /** form-js checks fields only; whether there are enough rows is the list's own matter. */
  listErrors() {
    const registry = this.form.get("formFieldRegistry");
    const { data } = this.form._getState();
    const errors = {};
    for (const { id, valuePath } of this.form.get("formFieldInstanceRegistry").getAll()) {
      const field = registry.get(id);
      if (field.type !== "dynamiclist") continue;
      const rows = at(data, valuePath);
      const found = isEmpty(rows)
        ? field.validate?.required ? [filled(this.texts, "required")] : []
        : countErrors(field, rows, this.texts);
      if (found.length) errors[id] = found;
    }
    return errors;
  }

  complain(complaints) {
    const { errors, homeless } = placed(this.form, complaints, this.language);
    this.form._setState({ errors });
    this.tell([...new Set(homeless)].join(" ") || filled(this.texts, "correct"));
    if (!isSame(errors, {})) this.goToFirstError();
  }

  goToFirstError() {
    requestAnimationFrame(() => {
      const first = this.element.querySelector(".fjs-has-errors");
      if (!first) return;
      const control = first.querySelector('input:not([data-no-value]), select, textarea, button') ?? first;
      first.scrollIntoView({ block: "center", behavior: "auto" });
      control.focus({ preventScroll: true });
    });
  }

  /** A complaint about a list as a whole is answered by a change in the list. */
  forgetListErrors(instance) {
    const path = instance?.valuePath ?? [];
    const registry = this.form.get("formFieldRegistry");
    queueMicrotask(() => {
      const { errors } = this.form._getState();
      const lists = Object.keys(errors).filter((id) => {
        const field = registry.get(id);
        return field?.type === "dynamiclist" && path.includes(field.path) && Array.isArray(errors[id]);
      });
      if (!lists.length) return;
      this.form._setState({ errors: Object.fromEntries(Object.entries(errors).filter(([id]) => !lists.includes(id))) });
    });
  }

  tell(sentence) {
    if (!this.alert) return;
    this.alert.hidden = !sentence;
    this.alert.textContent = sentence ?? "";
  }

  show(button, isBusy) {
    this.isBusy = isBusy;
    this.element.setAttribute("aria-busy", String(isBusy));
    button.disabled = isBusy || Boolean(this.isDone);
    button.querySelector(".spinner-border")?.remove();
    if (!isBusy) return;
    const spinner = document.createElement("span");
    spinner.className = "spinner-border spinner-border-sm";
    spinner.setAttribute("role", "status");
    spinner.setAttribute("aria-label", filled(this.texts, "sending"));
    button.prepend(spinner);
  }

  fire(name, detail) {
    this.element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }

  destroy() {
    if (!this.isDone) this.flush();
    // form-js answers the blur of a field that is taken away with an error.
    if (this.element.contains(document.activeElement)) document.activeElement.blur();
    this.leaving.abort();
    this.form?.destroy();
  }
}

function isSame(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Show the forms in `root`: elements with `data-form` (the id of a JSON block with schema, data, draft, texts),
 * `data-submit-url`, `data-mode` (task, start, read), and for tasks `data-draft-url`, `data-documents-url`,
 * `data-instance`, `data-task`; `data-submit-body` is JSON sent beside the variables. The button, the status line and
 * the alert name the same id in `data-form-submit`, `data-form-status`, `data-form-alert`.
 */
export function mount(root) {
  const inside = root.querySelectorAll?.("[data-form]") ?? [];
  for (const element of [...(root.matches?.("[data-form]") ? [root] : []), ...inside]) {
    if (!mounted.has(element)) mounted.set(element, new PageForm(element));
  }
}

function unmount(root) {
  for (const [element, form] of mounted) {
    if (root === element || root.contains(element) || !element.isConnected) {
      form.destroy();
      mounted.delete(element);
    }
  }
}

document.addEventListener("htmx:load", (event) => mount(event.detail.elt));
document.addEventListener("htmx:beforeCleanupElement", (event) => unmount(event.detail.elt));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => mount(document));
else mount(document);
