// What a form only shows: documents of the case, and pages elsewhere. The pages' policy loads nothing from elsewhere, so
// such a page is a link; a document is saved and opened by the reader's own programs, never inside a page of ours.
import { useExpressionEvaluation, useSingleLineTemplateEvaluation } from "@bpmn-io/form-js-viewer";
import { filled } from "../texts.js";
import { useService } from "./frame.jsx";

const ADDRESS = /^(https:\/\/|\/(?!\/))/i;

function Shown({ domId, kind, label, children }) {
  const text = useSingleLineTemplateEvaluation(label ?? "");
  return (
    <div class={`fjs-form-field fjs-form-field-${kind}`} role="group" aria-labelledby={text ? `${domId}-label` : undefined}>
      {text && (
        <div id={`${domId}-label`} class="fjs-form-field-label">
          {text}
        </div>
      )}
      {children}
    </div>
  );
}

/** `dataSource` gives ids of documents, as file pickers make them, or form-js's own {documentId}. */
export function DocumentsField({ domId, field }) {
  const place = useService("uploadPlace");
  const texts = useService("pageTexts");
  const given = useExpressionEvaluation(field.dataSource ?? "");
  const ids = (Array.isArray(given) ? given : given ? [given] : [])
    .map((item) => (typeof item === "object" ? item?.documentId : item))
    .filter((id) => typeof id === "string" && id);
  return (
    <Shown domId={domId} kind="documents" label={field.label ?? field.title}>
      {ids.length && place.url ? (
        <ul class="s-files-list">
          {ids.map((id) => (
            <li key={id} class="s-file">
              <a class="s-file-name" href={`${place.url}/${encodeURIComponent(id)}/content`}>
                {place.documents.get(id)?.name ?? id}
              </a>
            </li>
          ))}
        </ul>
      ) : (
        <p class="s-form-hint">{filled(texts, "noDocuments")}</p>
      )}
    </Shown>
  );
}

DocumentsField.config = { type: "documentPreview", keyed: false, create: (options = {}) => options };

export function LinkField({ domId, field }) {
  const texts = useService("pageTexts");
  const address = useSingleLineTemplateEvaluation(field.url ?? "");
  return (
    <Shown domId={domId} kind="link" label={field.label}>
      {ADDRESS.test(address ?? "") && (
        <a href={address} target="_blank" rel="noopener noreferrer">
          {filled(texts, "openElsewhere", { host: hostOf(address) })}
        </a>
      )}
    </Shown>
  );
}

function hostOf(address) {
  try {
    return new URL(address, location.href).host;
  } catch {
    return address;
  }
}

LinkField.config = { type: "iframe", keyed: false, create: (options = {}) => options };
