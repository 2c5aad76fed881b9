// Fields that are required only under a condition (`requiredWhen`) show the mark while the condition holds.
import { useExpressionEvaluation } from "@bpmn-io/form-js-viewer";
import { useMemo } from "preact/hooks";

// Browsers know no read-only boxes and buttons to tick: those that only show are disabled.
const CHOICES = new Set(["radio", "checkbox", "checklist"]);

/** `Field` with `validate.required` as the condition has it just now. */
export function withCondition(Field) {
  function Conditional(props) {
    const { field } = props;
    const rule = field.properties?.requiredWhen;
    const required = useExpressionEvaluation(rule) === true;
    const shown = useMemo(
      () => (rule ? { ...field, validate: { ...field.validate, required } } : field),
      [field, rule, required],
    );
    return <Field {...props} field={shown} disabled={props.disabled || (props.readonly && CHOICES.has(field.type))} />;
  }
  Conditional.config = Field.config;
  return Conditional;
}
