// Dates and times with the browser's own controls: they know the keyboard, the screen reader and the telephone. Instants
// are shown and entered in the house's zone, whatever zone the machine is in.
import { useEffect, useRef, useState } from "preact/hooks";
import { HOUSE_OFFSET, wall } from "../clock.js";
import { filled } from "../texts.js";
import { describedBy, FieldFrame, useService } from "./frame.jsx";

const AFTER_CLICK = 200;
const TYPES = { date: "date", time: "time", datetime: "datetime-local" };

/** A value of the form as the control takes it: an instant becomes the wall clock of the house. */
export function toControl(value, subtype) {
  if (typeof value !== "string" || !value) return "";
  if (subtype === "date") return value.slice(0, 10);
  if (subtype === "time") return value.slice(0, 5);
  if (!/(Z|[+-]\d{2}:?\d{2})$/.test(value)) return value.slice(0, 16);
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? "" : wall(at);
}

/** What stands in the control as value of the form, in the format that the form file asks for. */
export function fromControl(text, subtype, format) {
  if (!text) return null;
  if (subtype === "date" || format === "no_timezone") return text;
  if (subtype === "time") return text + HOUSE_OFFSET;
  const local = text.length === 16 ? `${text}:00` : text;
  if (format === "utc_normalized") return new Date(local + HOUSE_OFFSET).toISOString().replace(".000", "");
  return local + HOUSE_OFFSET;
}

export function DateField(props) {
  const { domId, errors, field, value, readonly, disabled, onBlur, onChange, onFocus } = props;
  const subtype = field.subtype ?? "date";
  const texts = useService("pageTexts");
  const control = useRef(null);
  const [incomplete, setIncomplete] = useState(false);
  const shown = toControl(value, subtype);

  // A half-typed date has no value; writing one back would wipe what was typed.
  useEffect(() => {
    const input = control.current;
    if (input && input.value !== shown && !input.validity.badInput) input.value = shown;
  }, [shown]);

  const all = incomplete ? [filled(texts, "notDate")] : errors;
  const label = field.dateTimeLabel || (subtype === "time" ? field.timeLabel : field.dateLabel) || field.label || "";
  const read = (event) => {
    setIncomplete(false);
    const next = fromControl(event.currentTarget.value, subtype, field.timeSerializingFormat);
    if (next !== (value ?? null)) onChange({ value: next });
  };
  return (
    <FieldFrame
      {...props}
      errors={all}
      kind="datetime"
      label={label}
      control={
        <input
          ref={control}
          id={domId}
          class="fjs-input num"
          type={TYPES[subtype] ?? "date"}
          defaultValue={shown}
          min={subtype === "time" ? undefined : subtype === "date" ? "1900-01-01" : "1900-01-01T00:00"}
          step={subtype === "date" ? undefined : (field.timeInterval || 1) * 60}
          max={subtype === "time" ? undefined : subtype === "date" ? "9999-12-31" : "9999-12-31T23:59"}
          readOnly={readonly}
          disabled={disabled}
          aria-required={field.validate?.required || undefined}
          aria-invalid={all.length > 0}
          aria-describedby={describedBy({ ...props, errors: all })}
          onInput={read}
          onFocus={onFocus}
          onBlur={() => {
            // Not at once: a sentence that appears would move what is being clicked from under the pointer.
            setTimeout(() => setIncomplete(control.current?.validity.badInput === true), AFTER_CLICK);
            onBlur();
          }}
        />
      }
    />
  );
}

DateField.config = {
  type: "datetime",
  keyed: true,
  emptyValue: null,
  create: (options = {}) => ({ subtype: "date", ...options }),
};
