// A table of the case's data: exact numbers, dates as they are, sorted by a click, in pages when there is much of it.
import { useExpressionEvaluation } from "@bpmn-io/form-js-viewer";
import { useState } from "preact/hooks";
import { filled } from "../texts.js";
import { plain, said } from "./computed.jsx";
import { useService } from "./frame.jsx";

/** Numbers by size, everything else by its text; what is missing comes last. */
function inOrder(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

export function TableField({ domId, field }) {
  const texts = useService("pageTexts");
  const computed = plain(useExpressionEvaluation(field.columnsExpression ?? ""));
  const given = useExpressionEvaluation(field.dataSource ?? "");
  const [sorting, setSorting] = useState({ key: null, sign: 1 });
  const [page, setPage] = useState(0);
  const columns = (Array.isArray(computed) ? computed : (field.columns ?? [])).filter((column) => column?.key);
  const rows = (Array.isArray(given) ? given : []).map((row) => (row && typeof row === "object" ? row : {}));
  const cell = (row, key) => plain(row[key] ?? null);
  const sorted = sorting.key
    ? rows.toSorted((a, b) => sorting.sign * inOrder(cell(a, sorting.key), cell(b, sorting.key)))
    : rows;
  const size = Number(field.rowCount) || sorted.length || 1;
  const pages = Math.ceil(sorted.length / size) || 1;
  const here = Math.min(page, pages - 1);
  const sortBy = (key) => {
    setSorting((before) => ({ key, sign: before.key === key ? -before.sign : 1 }));
    setPage(0);
  };
  const direction = (key) => (sorting.key !== key ? undefined : sorting.sign > 0 ? "ascending" : "descending");
  return (
    <div class="fjs-form-field fjs-form-field-table" role="group" aria-labelledby={field.label ? `${domId}-label` : undefined}>
      {field.label && (
        <div id={`${domId}-label`} class="fjs-form-field-label">
          {field.label}
        </div>
      )}
      {rows.length && columns.length ? (
        <div class="fjs-table-middle-container" tabIndex={0}>
          <table class="fjs-table">
            <thead>
              <tr>
                {columns.map(({ key, label }) => (
                  <th key={key} scope="col" aria-sort={direction(key)} class={isNumeric(rows, key, cell) ? "num" : ""}>
                    <button type="button" class="s-table-sort" onClick={() => sortBy(key)}>
                      {label ?? key}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sorted.slice(here * size, (here + 1) * size).map((row, index) => (
                <tr key={index}>
                  {columns.map(({ key }) => (
                    <td key={key} class={isNumeric(rows, key, cell) ? "num" : ""}>
                      {said(cell(row, key), texts)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="s-form-hint">{filled(texts, "nothingFound")}</p>
      )}
      {pages > 1 && (
        <div class="s-table-pages">
          <button type="button" class="btn btn-outline-secondary btn-sm" disabled={!here} onClick={() => setPage(here - 1)}>
            {filled(texts, "previousPage")}
          </button>
          <span class="s-form-hint num">
            {here + 1} / {pages}
          </span>
          <button
            type="button"
            class="btn btn-outline-secondary btn-sm"
            disabled={here === pages - 1}
            onClick={() => setPage(here + 1)}
          >
            {filled(texts, "nextPage")}
          </button>
        </div>
      )}
    </div>
  );
}

function isNumeric(rows, key, cell) {
  const values = rows.map((row) => cell(row, key)).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === "number");
}

TableField.config = { type: "table", keyed: false, create: (options = {}) => options };
