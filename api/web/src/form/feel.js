// Amounts and dates are exact texts in the form's data. FEEL must compute with numbers and dates, as it does on the
// server, so it sees them as such; what a person typed as text stays text, whatever it looks like.
import { FeelExpressionLanguage } from "@bpmn-io/form-js-viewer";
import { isNumber } from "./numbers.js";

const SPECIAL = ["this", "parent", "i", "_this_", "_parent_", "_i_"];
const NUMBER = "number";
const TEXT = "text";
const CALL = /(?<![\w.])([A-Za-z_]\w*)\s*\(/g;
const DATE = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/;

/** Names at one level of the data: what kind a field is, and what is in groups and lists. */
export function kindTree(component) {
  const tree = {};
  for (const child of component.components ?? []) {
    const holds = child.type === "group" || child.type === "dynamiclist";
    if (holds && !child.path) Object.assign(tree, kindTree(child));
    else if (holds) plant(tree, child.path, kindTree(child));
    else if (child.key && child.type === "number") plant(tree, child.key, NUMBER);
    else if (child.key && child.type !== "datetime" && child.type !== "expression") plant(tree, child.key, TEXT);
  }
  return tree;
}

/** Put a kind at `client.name`; several components may fill one object. */
function plant(tree, path, kind) {
  const steps = path.split(".");
  const last = steps.pop();
  let holder = tree;
  for (const step of steps) holder = holder[step] ??= {};
  const there = holder[last];
  holder[last] = there && typeof there === "object" && typeof kind === "object" ? { ...there, ...kind } : kind;
}

/** All levels in one, for the row an expression stands in: form-js does not say which list the row belongs to. */
function flattened(tree) {
  const flat = {};
  for (const below of Object.values(tree)) {
    if (typeof below === "object") Object.assign(flat, flattened(below));
  }
  return { ...flat, ...tree };
}

/** form-js's `expressionLanguage` service; names of a row are known by themselves in it, as on the server. */
export function expressionLanguage(schema) {
  const tree = kindTree(schema);
  const anywhere = flattened(tree);
  const moments = new Map();

  class ExactFeel extends FeelExpressionLanguage {
    evaluate(expression, data = {}) {
      return this.isExpression(expression) ? super.evaluate(expression, this.context(data, expression)) : null;
    }

    evaluateUnaryTest(expression, data = {}) {
      return this.isExpression(expression) ? super.evaluateUnaryTest(expression, this.context(data, expression)) : null;
    }

    context(data, expression) {
      const known = this.typed(data, tree);
      for (const name of SPECIAL) {
        if (name in data) known[name] = this.typed(data[name], anywhere);
      }
      const row = known.this;
      if (row && typeof row === "object" && !Array.isArray(row)) Object.assign(known, row);
      // A field called `date` does not take the function `date(...)` away.
      for (const [, called] of expression.matchAll(CALL)) delete known[called];
      return known;
    }

    typed(value, kind) {
      if (kind === TEXT || value === null || value === undefined) return value;
      if (kind === NUMBER) return typeof value === "string" && isNumber(value) ? Number(value) : value;
      if (typeof value === "string") return this.moment(value);
      if (Array.isArray(value)) return value.map((item) => this.typed(item, kind));
      if (typeof value !== "object") return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.typed(inner, kind?.[name])]));
    }

    /** A date or instant as FEEL's own value; any other text as it is. */
    moment(text) {
      const kind = DATE.test(text) ? "date" : INSTANT.test(text) ? "date and time" : null;
      if (!kind) return text;
      if (!moments.has(text)) moments.set(text, super.evaluate(`=${kind}(text)`, { text }) ?? text);
      return moments.get(text);
    }
  }
  ExactFeel.$inject = ["eventBus"];
  return ["type", ExactFeel];
}
