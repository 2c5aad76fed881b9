// Rows of the audit trail open and close in place; without script the same links lead to pages of their own.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  toggle(opener);
});

document.addEventListener("keydown", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener && event.key === " ") {
    event.preventDefault();
    toggle(opener);
  }
});

function toggle(opener) {
  const row = document.getElementById(opener.dataset.opens);
  const open = opener.getAttribute("aria-expanded") === "true";
  opener.setAttribute("aria-expanded", String(!open));
  row.hidden = open;
  if (!open && !row.firstElementChild.childElementCount) {
    window.htmx.trigger(opener, "open");
  }
}
