// Between the form's data and what is sent: only what a person may say, and every complaint at its field.
import { at, errorPath, put, steps } from "./paths.js";
import { isEmpty, isReadOnly } from "./validator.js";

const VIEWS = new Set(["text", "html", "image", "spacer", "separator", "table", "button", "iframe", "documentPreview"]);

function isInput(field) {
  return Boolean(field.key) && !VIEWS.has(field.type) && !isReadOnly(field);
}

/** What is submitted: visible fields that a person may fill in; empty ones are left out, rows keep their places. */
export function submitted(form) {
  const registry = form.get("formFieldRegistry");
  const { data } = form._getState();
  const result = {};
  const instances = form.get("formFieldInstanceRegistry").getAll();
  for (const { id, valuePath } of instances) {
    const field = registry.get(id);
    const value = at(data, valuePath);
    if (field.type === "dynamiclist") {
      // Rows without a single answer are rows all the same: complaints count them.
      (value ?? []).forEach((_, index) => put(result, [...valuePath, index], {}));
    } else if (isInput(field) && !isEmpty(value)) {
      put(result, valuePath, value);
    }
  }
  return result;
}

/** What a draft keeps: every answer, also one in a field that is hidden just now, and that a field was emptied. */
export function drafted(schema, data) {
  const kept = {};
  for (const component of schema.components ?? []) {
    const holds = component.type === "group" || component.type === "dynamiclist";
    if (holds && !component.path) merge(kept, drafted(component, data));
    else if (component.type === "dynamiclist") {
      const path = component.path.split(".");
      const rows = at(data, path);
      put(kept, path, Array.isArray(rows) ? rows.map((row) => drafted(component, row)) : []);
    } else if (holds) {
      const path = component.path.split(".");
      put(kept, path, {});
      merge(at(kept, path), drafted(component, at(data, path)));
    } else if (isInput(component)) {
      const path = component.key.split(".");
      put(kept, path, at(data, path) ?? null);
    }
  }
  return kept;
}

/** Several components may fill one object. */
function merge(target, source) {
  for (const [name, value] of Object.entries(source)) {
    const both = [target[name], value].every((item) => item && typeof item === "object" && !Array.isArray(item));
    if (both) merge(target[name], value);
    else target[name] = value;
  }
}

/** `data` with the answers of a draft over it. */
export function withDraft(data, draft) {
  if (!draft || typeof draft !== "object" || Array.isArray(draft)) return draft === undefined ? data : draft;
  const whole = { ...(data && typeof data === "object" && !Array.isArray(data) ? data : {}) };
  for (const [name, value] of Object.entries(draft)) whole[name] = withDraft(whole[name], value);
  return whole;
}

/** The complaints `{path: [{code, zh, en}]}` as form-js's errors, and the sentences that have no field to stand at. */
export function placed(form, complaints, language) {
  const registry = form.get("formFieldRegistry");
  const instances = form.get("formFieldInstanceRegistry").getAll();
  const errors = {};
  const homeless = [];
  for (const [path, list] of Object.entries(complaints)) {
    const sentences = (Array.isArray(list) ? list : [list]).map((item) => said(item, language));
    const wanted = steps(path);
    let instance = null;
    // The nearest visible field or list that holds the place: an item of a list of files has no field of its own.
    for (let length = wanted.length; length && !instance; length -= 1) {
      instance = instances.find(
        ({ id, valuePath }) => canShow(registry.get(id)) && same(valuePath, wanted.slice(0, length)),
      );
    }
    if (!instance) homeless.push(...sentences);
    else {
      const where = errorPath(instance);
      put(errors, where, [...(at(errors, where) ?? []), ...sentences]);
    }
  }
  return { errors, homeless };
}

function canShow(field) {
  return field.type === "dynamiclist" || (Boolean(field.key) && !VIEWS.has(field.type) && field.type !== "expression");
}

function said(item, language) {
  if (typeof item === "string") return item;
  return item[language] ?? item.zh ?? item.en ?? item.message ?? String(item.code ?? "");
}

function same(path, other) {
  return path.length === other.length && path.every((step, index) => String(step) === String(other[index]));
}
