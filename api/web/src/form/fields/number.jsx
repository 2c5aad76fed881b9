// Numbers are exact texts. While a person types, their own text stands in the field; otherwise it is grouped. The wheel
// and the arrow keys change nothing: an amount changes only by typing.
import { useState } from "preact/hooks";
import { exact, grouped, isNumber, sizes } from "../numbers.js";
import { filled } from "../texts.js";
import { describedBy, FieldFrame, useService } from "./frame.jsx";

const MONEY = new Set(["元", "CNY"]);

export function NumberField(props) {
  const { domId, errors, field, value, readonly, disabled, onBlur, onChange, onFocus } = props;
  const { prefixAdorner, suffixAdorner } = field.appearance ?? {};
  const texts = useService("pageTexts");
  const [typed, setTyped] = useState(null);
  const isMoney = MONEY.has(suffixAdorner);
  const shown = grouped(value, isMoney ? (field.decimalDigits ?? 0) : 0);
  const hint = isMoney ? sizeHint(value, texts) : null;

  const onInput = (event) => {
    const text = event.currentTarget.value;
    setTyped(text);
    const number = exact(text);
    onChange({ value: number === null || field.serializeToString || !isNumber(number) ? number : Number(number) });
  };
  const control = (
    <div class="fjs-input-group">
      {prefixAdorner && <span class="fjs-input-adornment">{prefixAdorner}</span>}
      <input
        id={domId}
        class="fjs-input s-number"
        type="text"
        inputMode={field.decimalDigits === 0 ? "numeric" : "decimal"}
        autoComplete="off"
        value={typed ?? shown}
        readOnly={readonly}
        disabled={disabled}
        aria-required={field.validate?.required || undefined}
        aria-invalid={errors.length > 0}
        aria-describedby={describedBy(props, hint && `${domId}-size`)}
        onInput={onInput}
        onFocus={(event) => {
          if (!readonly) {
            const text = value === null || value === undefined ? "" : String(value);
            ungroup(event.currentTarget, text);
            setTyped(text);
          }
          onFocus();
        }}
        onBlur={() => {
          setTyped(null);
          onBlur();
        }}
      />
      {suffixAdorner && <span class="fjs-input-adornment">{suffixAdorner}</span>}
    </div>
  );
  return (
    <FieldFrame {...props} kind="number" label={field.label} control={control}>
      {hint && (
        <div id={`${domId}-size`} class="s-form-hint num">
          {hint}
        </div>
      )}
    </FieldFrame>
  );
}

/** Put the plain text into the field at once: drawn later, it would drop what the Tab key selected to be typed over. */
function ungroup(input, text) {
  if (input.value === text) return;
  const isWhole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  input.value = text;
  if (isWhole) input.select();
}

/** "4.50 亿元": a slip of one zero shows at once. Nothing for small amounts. */
function sizeHint(value, texts) {
  if (!isNumber(value)) return null;
  const size = sizes(value);
  if (size.amount >= 1e8) return filled(texts, "amountLarge", size);
  return size.amount >= 1e6 ? filled(texts, "amountMedium", size) : null;
}

NumberField.config = {
  type: "number",
  keyed: true,
  emptyValue: null,
  sanitizeValue: ({ value, formField }) => {
    if (value === null || value === undefined || value === "") return null;
    return formField.serializeToString ? String(value) : value;
  },
  create: (options = {}) => options,
};
