// The texts of a form come from the server, in the language of the page; here they are only filled in.

/** `texts[key]` with `{name}` filled in from `values`; the key itself when the server sent no such text. */
export function filled(texts, key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

// What form-js says in English, and the key of our text for it.
const SAID_BY_FORM_JS = {
  "Add new": "addRow",
  "Search": "search",
  "No results": "nothingFound",
  "Nothing to show.": "nothingFound",
};

/** form-js's `translate` service, answering from the page's texts. */
export function translator(texts) {
  return (template, replacements = {}) => {
    const key = SAID_BY_FORM_JS[template];
    if (key) return filled(texts, key);
    return template.replace(/\{([^}]+)\}/g, (whole, name) => String(replacements[name] ?? whole));
  };
}
