// What every page does: theme, menus, notices, the key that goes to the search.

const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function showTheme() {
  const chosen = root.dataset.theme;
  root.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
}
showTheme();
dark.addEventListener("change", showTheme);

export function csrf() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** Whether keys typed now belong to a field rather than to the page. */
export function isTyping(target) {
  return Boolean(target?.closest?.('input, textarea, select, [contenteditable="true"], [role="textbox"], [role="combobox"], [role="listbox"]'));
}

/** Show a sentence in the corner; the texts come from the server. */
export function notice(text, kind = "late") {
  const place = document.getElementById("s-notices");
  if (!place) return;
  const box = document.createElement("div");
  box.className = `s-notice s-notice-${kind}`;
  box.dataset.notice = "";
  const body = document.createElement("div");
  body.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "s-notice-close";
  close.dataset.closeNotice = "";
  close.setAttribute("aria-label", place.dataset.close);
  close.textContent = "✕";
  box.append(body, close);
  place.append(box);
  if (kind === "ok") setTimeout(() => box.remove(), 6000);
}

document.addEventListener("click", (event) => {
  const target = event.target;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
  const theme = target.closest("[data-theme-choice]");
  if (theme) {
    root.dataset.theme = theme.dataset.themeChoice;
    document.cookie = `sancha-theme=${theme.dataset.themeChoice}; path=/; max-age=31536000; samesite=lax`;
    for (const other of theme.parentElement.children) {
      other.classList.toggle("active", other === theme);
      other.setAttribute("aria-pressed", String(other === theme));
    }
    showTheme();
  }
  target.closest("[data-close-notice]")?.closest("[data-notice]")?.remove();
  if (target.closest("[data-back]")) history.back();
  const account = target.closest("[data-account]");
  if (account) {
    const form = document.querySelector("[data-sign-in]");
    form.elements.name.value = account.dataset.account;
    form.elements.password.value = account.parentElement.dataset.demoPassword;
    form.querySelector("button").focus();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
    const keys = document.querySelectorAll("[data-search-key]");
    const field = document.querySelector("[data-search-key='first']") ?? keys[0];
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
});

document.addEventListener("htmx:sendError", () => {
  notice(document.getElementById("s-notices").dataset.offline);
});
