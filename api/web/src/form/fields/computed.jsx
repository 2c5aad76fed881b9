// A computed value: form-js keeps it out of sight; here it is shown under its label. The server computes it itself.
import { useExpressionEvaluation } from "@bpmn-io/form-js-viewer";
import { useEffect, useRef } from "preact/hooks";
import { wall } from "../clock.js";
import { grouped } from "../numbers.js";
import { filled } from "../texts.js";
import { useService } from "./frame.jsx";

const MOST_ROUNDS = 20;
const INSTANT = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/;

/** FEEL's answer as a value of JSON: the dates of its library become ISO texts. */
export function plain(value) {
  if (value === undefined || typeof value === "function") return null;
  if (value && typeof value.toISO === "function") return value.toISO().replace(/T00:00:00\.000Z$/, "");
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  return value;
}

export function ComputedField({ domId, field, value, onChange }) {
  const texts = useService("pageTexts");
  const eventBus = useService("eventBus");
  const rounds = useRef(0);
  const computed = plain(useExpressionEvaluation(field.expression));

  useEffect(() => {
    // Two expressions that feed each other must not spin for ever.
    const typed = ({ shouldNotRecompute }) => {
      if (!shouldNotRecompute) rounds.current = 0;
    };
    eventBus.on("field.updated", typed);
    return () => eventBus.off("field.updated", typed);
  }, [eventBus]);
  useEffect(() => {
    if (JSON.stringify(computed) === JSON.stringify(value ?? null) || rounds.current >= MOST_ROUNDS) return;
    rounds.current += 1;
    onChange({ value: computed, shouldNotRecompute: true });
  });

  if (!field.label) return null;
  return (
    <div class="fjs-form-field fjs-form-field-computed">
      <div id={`${domId}-label`} class="fjs-form-field-label">
        {field.label}
      </div>
      <output id={domId} class="s-computed num" aria-labelledby={`${domId}-label`}>
        {said(computed, texts)}
      </output>
    </div>
  );
}

/** A value for the eye. */
export function said(value, texts) {
  if (value === null) return "—";
  if (typeof value === "boolean") return filled(texts, value ? "yes" : "no");
  if (typeof value === "number") return grouped(String(value));
  if (typeof value === "string" && INSTANT.test(value)) return wall(new Date(value)).replace("T", " ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

ComputedField.config = {
  type: "expression",
  keyed: true,
  emptyValue: null,
  create: (options = {}) => ({ computeOn: "change", ...options }),
};
