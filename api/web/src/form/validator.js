// What the browser checks before it sends. The server checks the same and more; here it is only sooner. Cross-field
// rules are the server's alone: it computes exactly, and a browser's rounding must not refuse what is right.
import { buildExpressionContext } from "@bpmn-io/form-js-viewer";
import { at, errorPath } from "./paths.js";
import { filled } from "./texts.js";
import { compare, isMultiple, isNumber, places } from "./numbers.js";
import { toControl } from "./fields/date.jsx";

const FORMATS = { email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/, phone: /^\+?[0-9][0-9 ()-]{4,24}$/ };

export function isEmpty(value) {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Shown, never accepted by the server: it takes these values from the case. */
export function isReadOnly(field) {
  return field.readonly === true || field.disabled === true || field.type === "expression";
}

const COMPUTED = new Set(["min", "max", "minLength", "maxLength"]);
const TYPED = new Set(["textfield", "textarea", "number"]);

/**
 * form-js's `validator` service, with the sentences of the page. While somebody types, a field that was right stays
 * quiet; an empty field is a mistake only when the form is sent. Otherwise sentences come and go under the pointer.
 */
export function validator(texts) {
  class HouseValidator {
    constructor(expressionLanguage, formFieldRegistry, form) {
      this.feel = expressionLanguage;
      this.registry = formFieldRegistry;
      this.form = form;
      this.isSending = false;
      this.isTyping = false;
    }

    validateFieldInstance(instance, value) {
      const field = this.registry.get(instance.id);
      if (!field || isReadOnly(field)) return [];
      // Whether there are enough rows is said when the form is sent; see `listErrors` of the form.
      if (field.type === "dynamiclist") return [];
      const hadError = Boolean(at(this.form._getState().errors, errorPath(instance))?.length);
      if (this.isTyping && !hadError && TYPED.has(field.type)) return [];
      if (!this.isSending && !hadError && isEmpty(value)) return [];
      return this.errorsOf(field, instance, value);
    }

    errorsOf(field, instance, value) {
      const given = typeof value === "string" ? value.trim() : value;
      if (isEmpty(given) || (field.type === "checkbox" && given === false)) {
        return this.required(field, instance) ? [filled(texts, "required")] : [];
      }
      const limits = this.limits(field, instance);
      if (field.type === "number") return numberErrors(field, limits, given, texts);
      if (field.type === "datetime") return momentErrors(field, given, texts);
      return typeof given === "string" ? textErrors(limits, given, texts) : countErrors(field, given, texts);
    }

    /** The limits as they are just now: each may be an expression. One without a value is left to the server. */
    limits(field, instance) {
      const entries = Object.entries(field.validate ?? {}).map(([name, limit]) =>
        COMPUTED.has(name) && this.feel.isExpression(limit)
          ? [name, this.feel.evaluate(limit, buildExpressionContext(instance.expressionContextInfo)) ?? undefined]
          : [name, limit],
      );
      return Object.fromEntries(entries);
    }

    required(field, instance) {
      const rule = field.properties?.requiredWhen;
      if (!rule) return field.validate?.required === true;
      return this.feel.evaluate(rule, buildExpressionContext(instance.expressionContextInfo)) === true;
    }
  }
  HouseValidator.$inject = ["expressionLanguage", "formFieldRegistry", "form"];
  return ["type", HouseValidator];
}

function numberErrors(field, { min, max }, value, texts) {
  if (!isNumber(value)) return [filled(texts, "notNumber")];
  const digits = field.decimalDigits;
  if (digits >= 0 && places(value) > digits) return [filled(texts, digits ? "places" : "integer", { places: digits })];
  if (isNumber(min) && compare(value, min) < 0) return [filled(texts, "min", { min })];
  if (isNumber(max) && compare(value, max) > 0) return [filled(texts, "max", { max })];
  if (field.increment && !isMultiple(value, field.increment)) return [filled(texts, "step", { step: field.increment })];
  return [];
}

function momentErrors(field, value, texts) {
  const subtype = field.subtype ?? "date";
  const text = toControl(value, subtype);
  const [hours, minutes] = (subtype === "time" ? text : (text.split("T")[1] ?? "00:00")).split(":").map(Number);
  if (subtype !== "date" && field.timeInterval && (hours * 60 + minutes) % field.timeInterval) {
    return [filled(texts, "minutes", { minutes: field.timeInterval })];
  }
  return []; // what is past is the server's to say: its business time counts
}

function textErrors({ minLength, maxLength, pattern, patternErrorMessage, validationType }, text, texts) {
  // Characters as the server counts them, not UTF-16 units.
  const length = [...text].length;
  if (minLength && length < minLength) return [filled(texts, "minLength", { minLength })];
  if (maxLength && length > maxLength) return [filled(texts, "maxLength", { maxLength })];
  const fits = pattern ? matches(pattern, text) : (FORMATS[validationType]?.test(text) ?? true);
  return fits ? [] : [patternErrorMessage || filled(texts, "pattern")];
}

function matches(pattern, text) {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text);
  } catch {
    return true; // RE2 knows patterns that the browser does not; the server decides
  }
}

/** Complaints about the number of items in a list of files, choices or rows. */
export function countErrors(field, value, texts) {
  if (!Array.isArray(value) || !value.length) return [];
  const { minItems, maxItems } = field.properties ?? {};
  if (minItems && value.length < Number(minItems)) return [filled(texts, "minItems", { minItems })];
  if (maxItems && value.length > Number(maxItems)) return [filled(texts, "maxItems", { maxItems })];
  return [];
}
