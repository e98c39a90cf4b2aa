// What is said of a step is sent without leaving the page, so that what is half typed elsewhere
// stays (htmx). A refusal is shown as the page it is; without a line the words stay where they are.
const offlineNote = document.querySelector("[data-unsent]");
const formOf = (/** @type {Event} */ event) =>
  /** @type {HTMLFormElement} */ (/** @type {Element} */ (event.target).closest("form"));

document.addEventListener("htmx:beforeRequest", () => { offlineNote.hidden = true; });
document.addEventListener("htmx:responseError", (event) => formOf(event).submit());
document.addEventListener("htmx:sendError", (event) => {
  offlineNote.hidden = false;
  formOf(event).before(offlineNote);
});
