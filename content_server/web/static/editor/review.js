// What is said of a step is sent without leaving the page, so that what is half typed elsewhere
// stays (htmx). A refusal is shown as the page it is; without a line the words stay where they are.
const unsent = document.querySelector("[data-unsent]");

document.addEventListener("htmx:beforeRequest", () => { unsent.hidden = true; });
document.addEventListener("htmx:responseError", ({ target }) => target.closest("form").submit());
document.addEventListener("htmx:sendError", ({ target }) => {
  unsent.hidden = false;
  target.closest("form").before(unsent);
});
