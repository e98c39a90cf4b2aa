// Sends a zip as one stream, with its progress; the server says everything that is wrong at once.
const root = document.querySelector("[data-bundle]");
const file = /** @type {HTMLInputElement} */ (root.querySelector("[data-file]"));
const button = /** @type {HTMLButtonElement} */ (root.querySelector("[data-send]"));
const bar = root.querySelector("progress");
const errorBox = root.querySelector(".error"), lost = root.querySelector("[data-lost]");

const chosen = () => file.files?.[0];

file.addEventListener("change", () => { button.disabled = !chosen(); });

button.addEventListener("click", () => {
  const request = new XMLHttpRequest();
  button.disabled = true;
  errorBox.hidden = lost.hidden = true;
  bar.hidden = false;
  request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (loaded / total) * 100; });
  request.addEventListener("load", () => {
    button.disabled = false;
    bar.hidden = true;
    /** @type {{go?: string, problems?: string[]} & Record<string, string>} */
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* no words: the lost line */ }
    if (answer.go) location.assign(answer.go);
    else showProblems(answer.problems || [answer[document.documentElement.lang] || answer.vi].filter(Boolean));
  });
  request.addEventListener("error", () => { button.disabled = false; lost.hidden = false; });
  request.open("PUT", root.dataset.bundle);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/zip");
  request.send(chosen());
});

/** @param {string[]} problems */
function showProblems(problems) {
  lost.hidden = problems.length > 0;
  errorBox.hidden = !problems.length;
  errorBox.replaceChildren(...problems.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
}
