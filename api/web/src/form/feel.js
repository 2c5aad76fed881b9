// Amounts are exact texts in the form's data. FEEL must compute with numbers, so it sees the number fields as numbers.
import { FeelExpressionLanguage } from "@bpmn-io/form-js-viewer";
import { isNumber } from "./numbers.js";

const SPECIAL = ["this", "parent", "i", "_this_", "_parent_", "_i_"];

/** Names at one level of the data: number fields as true, groups and lists as what is in them. */
export function numberTree(component) {
  const tree = {};
  for (const child of component.components ?? []) {
    const holds = child.type === "group" || child.type === "dynamiclist";
    if (child.type === "number" && child.key) tree[child.key] = true;
    else if (holds && child.path) tree[child.path] = numberTree(child);
    else if (holds) Object.assign(tree, numberTree(child));
  }
  return tree;
}

function withNumbers(value, tree) {
  if (tree === true) return typeof value === "string" && isNumber(value) ? Number(value) : value;
  if (Array.isArray(value)) return value.map((row) => withNumbers(row, tree));
  if (value === null || typeof value !== "object") return value;
  const copy = { ...value };
  for (const [name, below] of Object.entries(tree)) {
    if (name in copy) copy[name] = withNumbers(copy[name], below);
  }
  return copy;
}

/** All levels in one, for the row an expression stands in: form-js does not say which list the row belongs to. */
function flattened(tree) {
  const flat = {};
  for (const [name, below] of Object.entries(tree)) {
    if (below !== true) Object.assign(flat, flattened(below));
  }
  return { ...flat, ...tree };
}

/** form-js's `expressionLanguage` service; names of a row are known by themselves in it, as on the server. */
export function expressionLanguage(schema) {
  const tree = numberTree(schema);
  const anywhere = flattened(tree);
  class ExactFeel extends FeelExpressionLanguage {
    evaluate(expression, data = {}) {
      return super.evaluate(expression, context(data));
    }

    evaluateUnaryTest(expression, data = {}) {
      return super.evaluateUnaryTest(expression, context(data));
    }
  }
  ExactFeel.$inject = ["eventBus"];

  function context(data) {
    const known = withNumbers(data, tree);
    const row = withNumbers(data.this, anywhere);
    for (const name of SPECIAL) {
      if (name in data) known[name] = withNumbers(data[name], anywhere);
    }
    return row && typeof row === "object" && !Array.isArray(row) ? { ...known, ...row } : known;
  }

  return ["type", ExactFeel];
}
