// The page of one task: when it is done or somebody else was faster, show how it stands now.
import htmx from "htmx.org";

const alone = () => document.querySelector(".s-task-main [data-desk]");

document.addEventListener("sancha:submitted", (event) => {
  if (alone()?.contains(event.target)) location.reload();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (alone() && event.detail.xhr.status === 409 && event.detail.requestConfig.elt.matches?.("[data-claim], [data-release], [data-complete]")) {
    setTimeout(() => location.reload(), 4000);
  }
});

// A comment is sent with Ctrl+Enter too.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.(".s-talk-form textarea")) {
    htmx.trigger(event.target.form, "submit");
  }
});
