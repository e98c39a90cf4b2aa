// Saves what is typed: on this phone at once, on the server a second later, each change by itself.
// Nothing typed is lost: what could not be sent stays in localStorage and is sent when it can be.

/**
 * @typedef {HTMLInputElement & {dataset: {part: string, path: string}}} Field an input, select or textarea
 * @typedef {string | number | boolean | string[] | null} Value
 * @typedef {{part: string, path: string, value: Value, seen: number}} Change
 * @typedef {[key: string, change: Change][]} Batch
 * @typedef {object} Saved what the server answers
 * @property {number} number
 * @property {Change[]} others what other people changed meanwhile
 * @property {boolean} conflicts
 * @property {string} sent_at
 * @property {string[]} here who else has this open
 */

const root = document.querySelector("[data-draft]");
const url = root.dataset.draft;
const storageKey = `draft:${root.dataset.key}`;
/** @type {{saved: string, sent: string, here: string}} */
const words = JSON.parse(root.dataset.words);
const pageId = Math.random().toString(36).slice(2, 12);
const fields = /** @type {Field[]} */ ([...root.querySelectorAll("[data-path]")]);
const line = (/** @type {string} */ name) => document.querySelector(`[data-${name}]`);
const SAVE_DELAY_MS = 800, RETRY_MS = 8000, PRESENCE_MS = 25000;

const pending = restored();
let version = Number(root.dataset.number);
let timer = 0, sending = false, activePart = "";
const countUnsent = () => { root.dataset.unsent = String(Object.keys(pending).length); };
countUnsent();

/** @returns {Record<string, Change>} */
function restored() {
  try { return JSON.parse(localStorage.getItem(storageKey)) || {}; } catch { return {}; }
}

function persist() {
  countUnsent();
  try {
    if (Object.keys(pending).length) localStorage.setItem(storageKey, JSON.stringify(pending));
    else localStorage.removeItem(storageKey);
    const unsent = Object.keys(localStorage).filter((key) => key.startsWith("draft:"))
      .reduce((sum, key) => sum + Object.keys(JSON.parse(localStorage.getItem(key))).length, 0);
    localStorage.setItem("unsent", String(unsent));
    return true;
  } catch { return false; } // storage that is full or forbidden: the server is still told
}

function clock() {
  return new Date().toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit", hour12: false });
}

/**
 * @param {Field} field
 * @returns {Value}
 */
function valueOf(field) {
  if (field.hasAttribute("data-list")) {
    const same = fields.filter((each) => each.dataset.path === field.dataset.path && each.checked);
    return same.map((each) => each.value);
  }
  if (field.dataset.as === "bool") return field.checked ? true : null;
  if (field.dataset.as === "int") return field.value ? Number(field.value) : null;
  return field.value || null;
}

/** @type {(field: Field, value: Value) => void} */
function setValue(field, value) {
  if (field.hasAttribute("data-list")) field.checked = /** @type {string[]} */ (value || []).includes(field.value);
  else if (field.type === "checkbox") field.checked = Boolean(value);
  else field.value = String(value ?? "");
  showLength(field);
}

/** @param {Field} field */
function showLength(field) {
  const label = field.closest("label")?.querySelector("[data-count]");
  if (!label) return;
  const most = Number(label.dataset.most), length = field.value.length;
  label.textContent = length > most - 20 ? `${length}/${most}` : "";
  label.classList.toggle("over", length > most);
}

/** @type {(part: string, path: string, value: Value) => void} */
function recordChange(part, path, value) {
  const key = `${part}/${path}`;
  pending[key] = { part, path, value, seen: Math.min(version, pending[key]?.seen ?? version) };
  if (persist()) line("saved").textContent = `${words.saved.replace("@", clock())} · `;
  scheduleSend(SAVE_DELAY_MS);
}

/** @param {number} delay */
function scheduleSend(delay) {
  clearTimeout(timer);
  timer = setTimeout(send, delay);
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  const batch = Object.entries(pending).slice(0, 100);
  const seen = Math.min(version, ...batch.map(([, each]) => each.seen));
  const changes = batch.map(([, { part, path, value }]) => ({ part, path, value }));
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ seen, page: pageId, here: activePart, changes }),
    });
    if (answer.ok) applySaved(batch, await answer.json());
    else await showRejection(answer, batch);
  } catch {
    line("lost").hidden = !batch.length;
    scheduleSend(RETRY_MS);
  }
  sending = false;
  if (Object.keys(pending).length && line("lost").hidden && line("refused").hidden) scheduleSend(SAVE_DELAY_MS);
}

/** @type {(batch: Batch, saved: Saved) => void} */
function applySaved(batch, saved) {
  for (const [key, sent] of batch) if (pending[key] === sent) delete pending[key];
  for (const { part, path, value } of saved.others) {
    const same = fields.filter((each) => each.dataset.part === part && each.dataset.path === path);
    const busy = `${part}/${path}` in pending || same.some((each) => each === document.activeElement);
    if (!busy) same.forEach((each) => setValue(each, value));
  }
  version = saved.number;
  for (const each of Object.values(pending)) each.seen = version;
  persist();
  line("lost").hidden = line("refused").hidden = true;
  line("conflicts").hidden = !saved.conflicts;
  if (batch.length) {
    line("saved").textContent = `${words.saved.replace("@", clock())} · `;
    line("sent").textContent = words.sent.replace("@", saved.sent_at);
    document.dispatchEvent(new CustomEvent("draft-sent"));
  }
  line("here").textContent = saved.here.length ? words.here.replace("@", saved.here.join(", ")) : "";
}

/** @type {(answer: Response, batch: Batch) => Promise<void>} */
async function showRejection(answer, batch) {
  const body = await answer.json().catch(() => ({}));
  if (answer.status >= 500 || answer.status === 429) {
    line("lost").hidden = false;
    scheduleSend(RETRY_MS);
    return;
  }
  if (!batch.length) return;
  line("refused").textContent = body[document.documentElement.lang] || body.vi || answer.statusText;
  line("refused").hidden = false;
}

for (const field of fields) {
  const { part, path } = field.dataset;
  const waiting = pending[`${part}/${path}`];
  if (waiting) setValue(field, waiting.value);
  showLength(field);
  field.addEventListener(field.type === "textarea" ? "input" : "change", () => {
    line("refused").hidden = true;
    showLength(field);
    recordChange(part, path, valueOf(field));
  });
  field.addEventListener("focus", () => { activePart = part; });
}

// A translation or recording made from an older sentence is declared still right.
for (const button of root.querySelectorAll("[data-still]")) {
  button.addEventListener("click", () => {
    recordChange(button.dataset.part, button.dataset.still, button.dataset.value);
    const note = button.closest(".stale");
    if (note) note.hidden = true;
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
  if (Object.keys(pending).length && !line("lost").hidden) event.preventDefault();
});
setInterval(() => document.visibilityState === "visible" && send(), PRESENCE_MS);
send();
