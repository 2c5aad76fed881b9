// One of several, and several of many, with the browser's own controls.
import { FormContext, useExpressionEvaluation } from "@bpmn-io/form-js-viewer";
import { useContext, useState } from "preact/hooks";
import { at } from "../paths.js";
import { filled } from "../texts.js";
import { describedBy, FieldFrame, useService } from "./frame.jsx";

const MANY = 12;

/** The options of a field as [{value, label}]: fixed, from a variable of the case, or computed. */
function useOptions(field) {
  const form = useContext(FormContext).getService("form");
  const computed = useExpressionEvaluation(field.valuesExpression);
  const listed = field.valuesKey && at(form._getState().initialData, field.valuesKey.split("."));
  const given = field.valuesKey ? listed : (computed ?? field.values);
  const list = Array.isArray(given) ? given : [];
  return list.map((item) => (typeof item === "object" && item !== null ? item : { value: item, label: String(item) }));
}

export function SelectField(props) {
  const { domId, errors, field, value, readonly, disabled, onBlur, onChange, onFocus } = props;
  const texts = useService("pageTexts");
  const options = useOptions(field);
  const known = options.find((option) => option.value === value);
  const attributes = {
    id: domId,
    "aria-invalid": errors.length > 0,
    "aria-describedby": describedBy(props),
  };
  const control = readonly ? (
    <input {...attributes} class="fjs-input" readOnly value={known?.label ?? value ?? ""} />
  ) : (
    <select
      {...attributes}
      class="fjs-input s-select"
      disabled={disabled}
      aria-required={field.validate?.required || undefined}
      value={value ?? ""}
      onChange={(event) => onChange({ value: event.currentTarget.value || null })}
      onBlur={onBlur}
      onFocus={onFocus}
    >
      <option value="">{filled(texts, "select")}</option>
      {value && !known && <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label ?? option.value}
        </option>
      ))}
    </select>
  );
  return <FieldFrame {...props} kind="select" label={field.label} control={control} />;
}

SelectField.config = {
  type: "select",
  keyed: true,
  emptyValue: null,
  create: (options = {}) => options,
};

/** form-js's "tag list" as boxes to tick, with a search when there are many. */
export function ManyField(props) {
  const { domId, field, value, readonly, disabled, onBlur, onChange, onFocus } = props;
  const texts = useService("pageTexts");
  const [search, setSearch] = useState("");
  const options = useOptions(field);
  const chosen = Array.isArray(value) ? value : [];
  const wanted = search.trim().toLowerCase();
  const shown = options.filter((option) => !wanted || `${option.label} ${option.value}`.toLowerCase().includes(wanted));
  const toggle = (option, isChosen) => {
    const rest = chosen.filter((item) => item !== option.value);
    onChange({ value: isChosen ? [...rest, option.value] : rest });
  };
  const control = (
    <div class="s-many">
      {options.length > MANY && (
        <input
          class="fjs-input"
          type="search"
          data-no-value
          aria-label={filled(texts, "search")}
          placeholder={filled(texts, "search")}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <div class="s-many-options">
        {shown.map((option, index) => (
          <label key={option.value} class="s-many-option">
            <input
              id={index ? `${domId}-${index}` : domId}
              type="checkbox"
              class="fjs-input"
              checked={chosen.includes(option.value)}
              disabled={disabled || readonly}
              onChange={(event) => toggle(option, event.currentTarget.checked)}
              onBlur={onBlur}
              onFocus={onFocus}
            />
            <span>{option.label ?? option.value}</span>
          </label>
        ))}
        {!shown.length && <p class="s-form-hint">{filled(texts, "nothingFound")}</p>}
      </div>
    </div>
  );
  return <FieldFrame {...props} kind="taglist" group label={field.label} control={control} />;
}

ManyField.config = {
  type: "taglist",
  keyed: true,
  emptyValue: [],
  create: (options = {}) => options,
};
