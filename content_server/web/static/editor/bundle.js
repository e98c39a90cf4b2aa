// Sends a zip as one stream, with its progress; the server says everything that is wrong at once.
const box = document.querySelector("[data-bundle]");
const [file, button, bar, error, lost] = ["[data-file]", "[data-send]", "progress", ".error", "[data-lost]"]
  .map((name) => box.querySelector(name));

file.addEventListener("change", () => { button.disabled = !file.files.length; });

button.addEventListener("click", () => {
  const request = new XMLHttpRequest();
  button.disabled = true;
  error.hidden = lost.hidden = true;
  bar.hidden = false;
  request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (loaded / total) * 100; });
  request.addEventListener("load", () => {
    button.disabled = false;
    bar.hidden = true;
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* no words: the lost line */ }
    if (answer.go) location.assign(answer.go);
    else tell(answer.problems || [answer[document.documentElement.lang] || answer.vi].filter(Boolean));
  });
  request.addEventListener("error", () => { button.disabled = false; lost.hidden = false; });
  request.open("PUT", "/-/soan/goi");
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/zip");
  request.send(file.files[0]);
});

function tell(problems) {
  lost.hidden = problems.length > 0;
  error.hidden = !problems.length;
  error.replaceChildren(...problems.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
}
