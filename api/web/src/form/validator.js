// What the browser checks before it sends. The server checks the same and more; here it is only sooner. Cross-field
// rules are the server's alone: it computes exactly, and a browser's rounding must not refuse what is right.
import { buildExpressionContext } from "@bpmn-io/form-js-viewer";
import { at, errorPath } from "./paths.js";
import { filled } from "./texts.js";
import { compare, isNumber, places } from "./numbers.js";

const FORMATS = { email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/, phone: /^\+?[0-9][0-9 ()-]{4,24}$/ };

export function isEmpty(value) {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Shown, never accepted by the server: it takes these values from the case. */
export function isReadOnly(field) {
  return field.readonly === true || field.disabled === true || field.type === "expression";
}

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
      if (field.type === "number") return numberErrors(field, given, texts);
      return typeof given === "string" ? textErrors(field, given, texts) : countErrors(field, given, texts);
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

function numberErrors(field, value, texts) {
  if (!isNumber(value)) return [filled(texts, "notNumber")];
  const { min, max } = field.validate ?? {};
  const digits = field.decimalDigits;
  if (digits >= 0 && places(value) > digits) return [filled(texts, digits ? "places" : "integer", { places: digits })];
  if (isNumber(min) && compare(value, min) < 0) return [filled(texts, "min", { min })];
  if (isNumber(max) && compare(value, max) > 0) return [filled(texts, "max", { max })];
  return [];
}

function textErrors(field, text, texts) {
  const { minLength, maxLength, pattern, patternErrorMessage, validationType } = field.validate ?? {};
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
