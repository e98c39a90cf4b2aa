// What every page of the rooms can do: sunlight, showing a passphrase, closing the menu, copying,
// asking before unsent work is left behind. Without it every form still works.
const root = document.documentElement;

for (const button of document.querySelectorAll("[data-sun]")) {
  button.addEventListener("click", () => {
    const on = root.classList.toggle("sun");
    button.setAttribute("aria-pressed", String(on));
    const secure = location.protocol === "https:" ? ";Secure" : "";
    document.cookie = `sun=${on ? 1 : 0};path=${root.dataset.cookiePath};max-age=31536000;SameSite=Lax${secure}`;
  });
}

for (const button of document.querySelectorAll("[data-peek]")) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.peek));
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    field.focus();
  });
}

for (const menu of document.querySelectorAll("details.me")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
}

// Pages that hold unsent work (recordings, words) say so: localStorage.unsent = how many pieces.
for (const form of document.querySelectorAll("form[data-leave]")) {
  form.addEventListener("submit", (event) => {
    const unsent = Number(localStorage.getItem("unsent") || 0);
    if (unsent > 0 && !confirm(form.dataset.leave)) event.preventDefault();
  });
}

for (const form of document.querySelectorAll("form[data-sure]")) {
  form.addEventListener("submit", (event) => {
    if (!confirm(form.dataset.sure)) event.preventDefault();
  });
}

for (const button of document.querySelectorAll("[data-fill]")) {
  button.addEventListener("click", () => {
    const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.fill));
    field.value = button.dataset.value;
    field.type = "text"; // so that it can be read and kept
    field.focus();
  });
}

// Moments are written in UTC; a phone knows its own time.
const clock = new Intl.DateTimeFormat(root.lang, { dateStyle: "short", timeStyle: "short" });
for (const each of document.querySelectorAll("time[data-moment]")) {
  each.textContent = clock.format(new Date(each.dateTime));
}
