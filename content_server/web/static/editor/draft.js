// Saves what is typed: on this phone at once, on the server a second later, each change by itself.
// Nothing typed is lost: what could not be sent stays in localStorage and is sent when it can be.
const root = document.querySelector("[data-draft]");
const address = `${root.dataset.draft}/luu`;
const shelf = `draft:${root.dataset.key}`;
const words = JSON.parse(root.dataset.words);
const page = Math.random().toString(36).slice(2, 12);
const fields = [...root.querySelectorAll("[data-path]")];
const show = (name) => document.querySelector(`[data-${name}]`);
const SOON_MS = 800, AGAIN_MS = 8000, STILL_HERE_MS = 25000;

let seen = Number(root.dataset.number);
let pending = read();
let timer = 0, sending = false, here = "";
root.dataset.unsent = Object.keys(pending).length;

function read() {
  try { return JSON.parse(localStorage.getItem(shelf)) || {}; } catch { return {}; }
}

function keep() {
  root.dataset.unsent = Object.keys(pending).length;
  try {
    if (Object.keys(pending).length) localStorage.setItem(shelf, JSON.stringify(pending));
    else localStorage.removeItem(shelf);
    const count = Object.keys(localStorage).filter((key) => key.startsWith("draft:"))
      .reduce((sum, key) => sum + Object.keys(JSON.parse(localStorage.getItem(key))).length, 0);
    localStorage.setItem("unsent", count);
    return true;
  } catch { return false; } // a full or forbidden shelf: the server is still told
}

function clock() {
  return new Date().toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit", hour12: false });
}

function valueOf(field) {
  if (field.hasAttribute("data-list")) {
    const same = fields.filter((each) => each.dataset.path === field.dataset.path && each.checked);
    return same.map((each) => each.value);
  }
  if (field.dataset.as === "bool") return field.checked ? true : null;
  if (field.dataset.as === "int") return field.value ? Number(field.value) : null;
  return field.value || null;
}

function put(field, value) {
  if (field.hasAttribute("data-list")) field.checked = (value || []).includes(field.value);
  else if (field.type === "checkbox") field.checked = Boolean(value);
  else field.value = value ?? "";
  count(field);
}

function count(field) {
  const label = field.closest("label")?.querySelector("[data-count]");
  if (!label) return;
  const most = Number(label.dataset.most), length = field.value.length;
  label.textContent = length > most - 20 ? `${length}/${most}` : "";
  label.classList.toggle("over", length > most);
}

function typed(part, path, value) {
  const key = `${part}/${path}`;
  pending[key] = { part, path, value, seen: Math.min(seen, pending[key]?.seen ?? seen) };
  if (keep()) show("saved").textContent = `${words.saved.replace("@", clock())} · `;
  clearTimeout(timer);
  timer = setTimeout(send, SOON_MS);
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  const batch = Object.entries(pending).slice(0, 100);
  const since = Math.min(seen, ...batch.map(([, each]) => each.seen));
  const changes = batch.map(([, { part, path, value }]) => ({ part, path, value }));
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ seen: since, page, here, changes }),
    });
    if (answer.ok) took(batch, await answer.json());
    else await refused(answer, batch);
  } catch {
    show("lost").hidden = !batch.length;
    timer = setTimeout(send, AGAIN_MS);
  }
  sending = false;
  if (Object.keys(pending).length && show("lost").hidden && show("refused").hidden) timer = setTimeout(send, SOON_MS);
}

function took(batch, answer) {
  for (const [key, sent] of batch) if (pending[key] === sent) delete pending[key];
  for (const { part, path, value } of answer.others) {
    const field = fields.filter((each) => each.dataset.part === part && each.dataset.path === path);
    const busy = `${part}/${path}` in pending || field.includes(document.activeElement);
    if (!busy) field.forEach((each) => put(each, value));
  }
  seen = answer.number;
  for (const each of Object.values(pending)) each.seen = seen;
  keep();
  show("lost").hidden = show("refused").hidden = true;
  show("conflicts").hidden = !answer.conflicts;
  if (batch.length) {
    show("saved").textContent = `${words.saved.replace("@", clock())} · `;
    show("sent").textContent = words.sent.replace("@", answer.sent_at);
    document.dispatchEvent(new CustomEvent("draft-sent"));
  }
  show("here").textContent = answer.here.length ? words.here.replace("@", answer.here.join(", ")) : "";
}

async function refused(answer, batch) {
  const body = await answer.json().catch(() => ({}));
  if (answer.status >= 500 || answer.status === 429) {
    show("lost").hidden = false;
    timer = setTimeout(send, AGAIN_MS);
    return;
  }
  if (!batch.length) return;
  show("refused").textContent = body[document.documentElement.lang] || body.vi || answer.statusText;
  show("refused").hidden = false;
}

for (const field of fields) {
  const { part, path } = field.dataset;
  const waiting = pending[`${part}/${path}`];
  if (waiting) put(field, waiting.value);
  count(field);
  field.addEventListener(field.type === "textarea" ? "input" : "change", () => {
    show("refused").hidden = true;
    count(field);
    typed(part, path, valueOf(field));
  });
  field.addEventListener("focus", () => { here = part; });
}

for (const button of root.querySelectorAll("[data-still]")) {
  button.addEventListener("click", () => {
    typed(button.dataset.part, button.dataset.still, button.dataset.value);
    button.closest(".stale").hidden = true;
  });
}

// A form that changes the steps waits until what was typed has arrived.
for (const form of root.querySelectorAll("form")) {
  form.addEventListener("submit", async (event) => {
    if (!Object.keys(pending).length) return;
    event.preventDefault();
    await send();
    form.submit();
  });
}

addEventListener("online", send);
addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
addEventListener("beforeunload", (event) => {
  if (Object.keys(pending).length && !show("lost").hidden) event.preventDefault();
});
setInterval(() => document.visibilityState === "visible" && send(), STILL_HERE_MS);
send();
