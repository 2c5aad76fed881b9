// form-js's viewer as our pages use it: our fields, rules, texts and FEEL in the place of its own.
import { Checkbox, Checklist, Form, Radio, Textarea, Textfield } from "@bpmn-io/form-js-viewer";
import { expressionLanguage } from "./feel.js";
import { ManyField, SelectField } from "./fields/choices.jsx";
import { ComputedField } from "./fields/computed.jsx";
import { DateField } from "./fields/date.jsx";
import { FilesField } from "./fields/files.jsx";
import { NumberField } from "./fields/number.jsx";
import { withCondition } from "./fields/required.jsx";
import { RowsField } from "./fields/rows.jsx";
import { DocumentsField, LinkField } from "./fields/shown.jsx";
import { TableField } from "./fields/table.jsx";
import { at } from "./paths.js";
import { filled, translator } from "./texts.js";
import { validator } from "./validator.js";

const OF_THE_LIBRARY = [Textfield, Textarea, Radio, Checkbox, Checklist];
const CONDITIONAL = [...OF_THE_LIBRARY, NumberField, DateField, SelectField, ManyField, FilesField];
const FIELDS = [...CONDITIONAL.map(withCondition), ComputedField, RowsField, TableField, DocumentsField, LinkField];
const AFTER_CLICK = 200;

class FieldsModule {
  constructor(formFields) {
    for (const field of FIELDS) formFields.register(field.config.type, field);
  }
}
FieldsModule.$inject = ["formFields"];

/** A form in `container`, empty as yet. `uploads`: where files go, see `fields/files.jsx`. */
export function viewer({ container, mode, schema, texts, uploads }) {
  return new Form({
    container,
    debounce: false,
    properties: mode === "read" ? { readOnly: true } : {},
    additionalModules: [
      {
        __init__: ["houseFields"],
        houseFields: ["type", FieldsModule],
        expressionLanguage: expressionLanguage(schema),
        validator: validator(texts),
        translate: ["value", translator(texts)],
        pageTexts: ["value", texts],
        uploadPlace: ["value", uploads],
      },
    ],
  });
}

/**
 * Complain about what was typed when the field is left, and not under the click that leaves it. Returns what calls off
 * the checks that are still to come: when the form is sent, everything is checked, and the server's word counts after.
 */
export function checkAfterTyping(form, signal) {
  const rules = form.get("validator");
  const update = form._update.bind(form);
  const waiting = new Set();
  const callOff = () => {
    for (const timer of waiting) clearTimeout(timer);
    waiting.clear();
  };
  signal.addEventListener("abort", callOff);
  let typedIn = null;
  form._update = (news) => {
    rules.isTyping = true;
    typedIn = news.fieldInstance?.instanceId ?? null;
    try {
      update(news);
    } finally {
      rules.isTyping = false;
    }
  };
  form.on("formField.blur", () => {
    const left = typedIn;
    typedIn = null;
    const timer = setTimeout(() => {
      waiting.delete(timer);
      const instance = left && form.get("formFieldInstanceRegistry").get(left);
      if (!instance) return;
      form.get("viewerCommands").updateFieldInstanceValidation(instance, at(form._getState().data, instance.valuePath));
    }, AFTER_CLICK);
    waiting.add(timer);
  });
  return callOff;
}

/** form-js names the buttons that remove a row in English only. */
export function nameRowButtons(element, texts) {
  requestAnimationFrame(() => {
    for (const list of element.querySelectorAll(".fjs-form-field-dynamiclist")) {
      list.querySelectorAll(".fjs-repeat-row-remove").forEach((button, index) => {
        const label = filled(texts, "removeRow", { number: index + 1 });
        button.setAttribute("aria-label", label);
        button.title = label;
      });
    }
  });
}

/** Files belong to a case; while there is none, no form asks for them. */
export function withoutFileRules(component) {
  const copy = { ...component };
  if (copy.components) copy.components = copy.components.map(withoutFileRules);
  if (copy.type === "filepicker") {
    copy.validate = {};
    copy.properties = Object.fromEntries(
      Object.entries(copy.properties ?? {}).filter(([name]) => name !== "requiredWhen" && name !== "minItems"),
    );
  }
  return copy;
}
