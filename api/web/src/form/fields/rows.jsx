// Repeating rows: form-js draws them; here the list gets a place for its own errors, which form-js has none for.
import { DynamicList, Errors } from "@bpmn-io/form-js-viewer";

export function RowsField(props) {
  const { domId, errors } = props;
  return (
    <div class={`s-rows${errors.length ? " fjs-has-errors" : ""}`} data-list={domId} tabIndex={-1}>
      <DynamicList {...props} />
      <Errors id={`${domId}-error-message`} errors={errors} />
    </div>
  );
}

RowsField.config = {
  ...DynamicList.config,
  // Long lists are shown whole: a row that is out of sight can hold the mistake.
  create: (options = {}) => ({ ...DynamicList.config.create(options), disableCollapse: true }),
};
