// Files are uploaded at once, each by itself; the field's value is the list of the documents' ids.
import { useExpressionEvaluation } from "@bpmn-io/form-js-viewer";
import { useEffect, useRef, useState } from "preact/hooks";
import { freshKey, reasonOf, Unreachable, upload } from "../server.js";
import { accepts } from "../kinds.js";
import { filled } from "../texts.js";
import { describedBy, FieldFrame, useService } from "./frame.jsx";

const UNITS = ["B", "kB", "MB", "GB"];

function sizeOf(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power ? 1 : 0)} ${UNITS[power]}`;
}

export function FilesField(props) {
  const { domId, errors, field, value, fieldInstance, readonly, disabled, onBlur, onChange, onFocus } = props;
  const place = useService("uploadPlace");
  const texts = useService("pageTexts");
  const eventBus = useService("eventBus");
  const chooser = useRef(null);
  const button = useRef(null);
  const ids = useRef([]);
  ids.current = Array.isArray(value) ? value : value ? [value] : [];
  const change = useRef(onChange);
  change.current = onChange;
  const running = useRef(new Map());
  const [pending, setPending] = useState([]);
  const [said, setSaid] = useState("");
  const [isOver, setIsOver] = useState(false);
  const fixed = readonly || disabled;
  const computed = useExpressionEvaluation(typeof field.multiple === "string" ? field.multiple : undefined);
  const multiple = field.multiple === true || computed === true;

  const setIds = (next) => {
    ids.current = next;
    change.current({ value: next.length ? next : null });
  };
  const patch = (key, news) => setPending((all) => all.map((item) => (item.key === key ? { ...item, ...news } : item)));
  const drop = (key) => {
    running.current.get(key)?.abort();
    running.current.delete(key);
    setPending((all) => all.filter((item) => item.key !== key));
  };

  const start = async ({ key, file }) => {
    patch(key, { percent: 0, problem: null });
    const fields = { instance_id: place.instance, task_id: place.task };
    const job = upload(place.url, fields, file, key, (percent) => patch(key, { percent }));
    running.current.set(key, job);
    place.busy.add(key);
    try {
      const answer = await job.answer;
      if (!running.current.has(key)) return;
      if (!answer.ok) throw new Error(reasonOf(answer));
      place.documents.set(answer.body.id, answer.body);
      setIds(multiple ? [...ids.current, answer.body.id] : [answer.body.id]);
      setSaid(filled(texts, "uploaded", { name: file.name }));
      drop(key);
    } catch (problem) {
      if (!running.current.has(key)) return;
      const reason = problem instanceof Unreachable ? filled(texts, "offline") : problem.message;
      patch(key, { percent: null, problem: filled(texts, "uploadFailed", { name: file.name, reason }) });
    } finally {
      place.busy.delete(key);
    }
  };
  const add = (files) => {
    const wanted = [...files].slice(0, multiple ? undefined : 1);
    const items = wanted.map((file) => {
      const isKind = accepts(field.accept, file);
      const problem = isKind ? null : filled(texts, "notAccepted", { name: file.name, kinds: field.accept });
      return { key: freshKey(), file, percent: 0, problem, isFinal: !isKind };
    });
    setPending((all) => [...all, ...items]);
    for (const item of items) if (!item.isFinal) start(item);
  };
  const remove = (id) => {
    setIds(ids.current.filter((other) => other !== id));
    button.current?.focus();
  };

  const stopAll = () => {
    for (const key of [...running.current.keys()]) drop(key);
  };
  useEffect(() => stopAll, []);
  useEffect(() => {
    // The rows below a removed one move up: an upload that runs belongs to a row that is not here any more.
    const moved = ({ dataPath, index }) => {
      const path = fieldInstance?.valuePath ?? [];
      const inside = dataPath.every((step, depth) => path[depth] === step);
      if (inside && Number(path[dataPath.length]) >= index) stopAll();
    };
    eventBus.on("repeatRenderManager.remove", moved);
    return () => eventBus.off("repeatRenderManager.remove", moved);
  }, [eventBus, fieldInstance]);

  if (!place.url || !place.instance) {
    return (
      <FieldFrame
        {...props}
        kind="filepicker"
        group
        required={false}
        label={field.label}
        control={<p class="s-form-hint">{filled(texts, "noFilesYet")}</p>}
      />
    );
  }
  const onDrop = (event) => {
    event.preventDefault();
    setIsOver(false);
    if (event.dataTransfer.files.length) add(event.dataTransfer.files);
  };
  const control = (
    <div
      class={`s-files${isOver ? " s-files-over" : ""}`}
      onDragOver={(event) => {
        if (fixed || !event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={fixed ? undefined : onDrop}
    >
      <ul class="s-files-list">
        {ids.current.map((id) => (
          <Stored key={id} id={id} place={place} texts={texts} remove={fixed ? null : () => remove(id)} />
        ))}
        {pending.map((item) => (
          <Pending key={item.key} item={item} texts={texts} retry={() => start(item)} drop={() => drop(item.key)} />
        ))}
      </ul>
      {!fixed && (
        <div class="s-files-add">
          <button
            ref={button}
            id={domId}
            type="button"
            class="btn btn-outline-secondary btn-sm"
            aria-describedby={describedBy(props)}
            onClick={() => chooser.current.click()}
            onBlur={onBlur}
            onFocus={onFocus}
          >
            {filled(texts, "chooseFiles")}
          </button>
          <span class="s-form-hint">{filled(texts, "dropFiles")}</span>
        </div>
      )}
      <input
        ref={chooser}
        type="file"
        class="s-files-chooser"
        tabIndex={-1}
        aria-hidden="true"
        data-no-value
        multiple={multiple || undefined}
        accept={field.accept || undefined}
        onChange={(event) => {
          add(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      <div class="visually-hidden" aria-live="polite">
        {said}
      </div>
    </div>
  );
  return <FieldFrame {...props} kind="filepicker" group label={field.label} control={control} errors={errors} />;
}

function Stored({ id, place, texts, remove }) {
  const known = place.documents.get(id);
  return (
    <li class="s-file">
      <a class="s-file-name" href={`${place.url}/${id}/content`}>
        {known?.name ?? id}
      </a>
      <span class="s-form-hint num">{sizeOf(known?.size)}</span>
      {remove && <Remove name={known?.name ?? id} texts={texts} onClick={remove} />}
    </li>
  );
}

function Pending({ item, texts, retry, drop }) {
  const { file, percent, problem, isFinal } = item;
  return (
    <li class="s-file">
      {problem ? (
        <>
          <span class="s-file-problem" role="alert">
            {problem}
          </span>
          {!isFinal && (
            <button type="button" class="btn btn-outline-secondary btn-sm" onClick={retry}>
              {filled(texts, "retry")}
            </button>
          )}
        </>
      ) : (
        <>
          <span class="s-file-name">{file.name}</span>
          <progress max="100" value={percent} aria-label={filled(texts, "uploading", { name: file.name, percent })} />
        </>
      )}
      <Remove name={file.name} texts={texts} onClick={drop} />
    </li>
  );
}

function Remove({ name, texts, onClick }) {
  const label = filled(texts, "remove", { name });
  return (
    <button type="button" class="s-file-remove" aria-label={label} title={label} onClick={onClick}>
      ✕
    </button>
  );
}

FilesField.config = {
  type: "filepicker",
  keyed: true,
  emptyValue: null,
  create: (options = {}) => options,
};
