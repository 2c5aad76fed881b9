// What every field of ours has around it: label, description, errors, and the ids that tie them together.
import { Description, Errors, FormContext, Label } from "@bpmn-io/form-js-viewer";
import { useContext } from "preact/hooks";

export function useService(name) {
  return useContext(FormContext).getService(name);
}

/** `aria-describedby` for a field's control. */
export function describedBy({ domId, errors, field }, ...more) {
  const ids = [...more, field.description && `${domId}-description`, errors.length && `${domId}-error-message`];
  return ids.filter(Boolean).join(" ") || undefined;
}

/** `control` and what belongs to it; `group` when the label names several controls instead of one. */
export function FieldFrame({ kind, label, group = false, control, children, domId, errors, field, readonly, required }) {
  const classes = ["fjs-form-field", `fjs-form-field-${kind}`, errors.length && "fjs-has-errors", readonly && "fjs-readonly"];
  const mark = required ?? field.validate?.required;
  return (
    <div
      class={classes.filter(Boolean).join(" ")}
      role={group ? "group" : undefined}
      aria-labelledby={group ? `${domId}-label` : undefined}
      aria-describedby={group ? describedBy({ domId, errors, field }) : undefined}
    >
      {group ? (
        <div id={`${domId}-label`} class="fjs-form-field-label">
          {label}
          {mark && <span class="fjs-asterix" aria-hidden="true">*</span>}
        </div>
      ) : (
        <Label htmlFor={domId} label={label} required={mark} />
      )}
      {control}
      {children}
      <Description id={`${domId}-description`} description={field.description} />
      <Errors id={`${domId}-error-message`} errors={errors} />
    </div>
  );
}
