// Sends clips over a line that is cut (tus, 128 kB at a time) and shows where each one is. The file
// is stored on this phone until it has arrived, so that a page closed half-way goes on by itself.
/* global tus */
import { del, entries, set } from "../idb-keyval.js";

/**
 * @typedef {object} Clip as the server tells of it
 * @property {string} id
 * @property {string} name
 * @property {string} stage
 * @property {number} percent
 * @property {string} slug
 * @property {string} step
 * @property {string} [why] it failed
 *
 * @typedef {{file: File, slug: string, step: string, url: string | null}} StoredUpload
 */

const root = document.querySelector("[data-clips]");
const endpoint = root.dataset.clips;
const uploadUrl = (/** @type {string} */ id) => root.dataset.upload.replace("{upload_id}", id);
/** @type {Record<string, string>} */
const words = JSON.parse(root.dataset.words);
const list = root.querySelector("[data-list]");
const line = root.querySelector("[data-line]");
// A browser sends a cut request once more by itself before the upload is asked how far it is: pieces
// of half of what may be sent again.
const CHUNK_BYTES = 131072, RETRY_MS = 5000;
const RETRY_DELAYS_MS = [0, 500, 1000, 3000, 5000, 10000, 20000, 30000];
const RETRYABLE = [409, 423, 429]; // among the statuses of 400 and more
/** @type {Map<string, {upload: import("tus-js-client").Upload, percent: number}>} */
const active = new Map(); // the uploads at work in this page, by id
const idOf = (/** @type {string} */ url) => url.split("/").pop() || "";
const keyOf = (/** @type {string} */ id) => `clip|${id}`;

/** @param {string} text */
function showStatus(text) {
  line.textContent = text;
  line.hidden = !text;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Partial<HTMLElementTagNameMap[K]>} properties
 * @param {Node[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** @type {(id: string, name: string) => HTMLElement} */
function itemOf(id, name) {
  /** @type {HTMLElement | null} */
  const known = list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (known) return known;
  const state = element("p");
  const item = element("li", {}, element("p", {}, element("b", { textContent: name })), state);
  item.dataset.id = id;
  state.dataset.state = "";
  list.prepend(item);
  root.querySelector("[data-none]").hidden = true;
  return item;
}

/** @param {Clip} clip */
function stateText(clip) {
  const mark = clip.stage === "failed" ? String(clip.why) : String(clip.percent);
  return words[clip.stage].replace("@", mark);
}

/** @param {Clip} clip */
function draw(clip) {
  const item = itemOf(clip.id, clip.name);
  if (clip.stage === "sending") clip.percent = Math.max(clip.percent, active.get(clip.id)?.percent || 0);
  item.dataset.stage = clip.stage;
  const state = item.querySelector("[data-state]"), text = stateText(clip);
  if (state.textContent !== text) state.textContent = text;
  item.querySelector("progress")?.remove();
  if (["sending", "preparing"].includes(clip.stage)) {
    const bar = element("progress", { max: 100, value: clip.percent });
    bar.setAttribute("aria-label", clip.name);
    state.after(bar);
  }
  drawButtons(item, clip);
}

/** @type {(item: HTMLElement, clip: Clip) => void} */
function drawButtons(item, clip) {
  const unfinished = ["waiting", "sending"].includes(clip.stage);
  /** @type {HTMLElement | null} */
  let row = item.querySelector(".pair");
  if (!row) item.append(row = element("div", { className: "pair" }));
  const wanted = `${unfinished}${clip.stage}`;
  if (row.dataset.for === wanted) return;
  row.dataset.for = wanted;
  row.replaceChildren();
  if (unfinished || clip.stage === "failed") {
    const button = element("button", { type: "button", className: "danger", textContent: words.drop });
    button.addEventListener("click", () => remove(clip.id, item, unfinished));
    row.append(button);
  }
  if (clip.stage === "ready" || clip.stage === "preparing") {
    row.append(element("a", { className: "button", href: `${root.dataset.edition.replace("{slug}", clip.slug)}#${clip.step}`, textContent: words.open }));
  }
}

/** @type {(id: string, item: HTMLElement, ask: boolean) => Promise<void>} */
async function remove(id, item, ask) {
  if (ask && !confirm(words.sure)) return;
  active.get(id)?.upload.abort();
  active.delete(id);
  await del(keyOf(id));
  await fetch(uploadUrl(id), { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", accept: "application/json" } });
  item.remove();
}

/** @param {StoredUpload} stored */
function startUpload({ file, slug, step, url }) {
  let id = url && idOf(url), percent = 0;
  const upload = new tus.Upload(file, {
    endpoint, chunkSize: CHUNK_BYTES, retryDelays: RETRY_DELAYS_MS, uploadUrl: url, storeFingerprintForResuming: false,
    headers: { accept: "application/json" },
    metadata: { filename: file.name, filetype: file.type, slug, step },
    onUploadUrlAvailable: async () => {
      const found = String(upload.url);
      id = idOf(found);
      active.set(id, { upload, percent });
      itemOf(id, file.name);
      try { await set(keyOf(id), { file, slug, step, url: found }); } catch { /* no room: this page alone can go on */ }
    },
    onProgress: (sent, all) => {
      showStatus("");
      percent = Math.floor((sent / Number(all)) * 100);
      if (!id) return;
      if (active.has(id)) active.set(id, { upload, percent });
      draw({ id, name: file.name, stage: "sending", percent, slug, step });
    },
    onShouldRetry: (error) => {
      const status = statusOf(error);
      const again = status < 400 || status >= 500 || RETRYABLE.includes(status);
      if (again) showStatus(words.offline);
      return again;
    },
    onSuccess: async () => {
      if (!id) return;
      active.delete(id);
      await del(keyOf(id));
    },
    onError: (error) => handleError(error, upload, id, file),
  });
  upload.start();
}

/** @param {Error | import("tus-js-client").DetailedError} error */
function statusOf(error) {
  return "originalResponse" in error && error.originalResponse ? error.originalResponse.getStatus() : 0;
}

/**
 * @param {Error | import("tus-js-client").DetailedError} error
 * @param {import("tus-js-client").Upload} upload
 * @param {string | null} id
 * @param {File} file
 */
async function handleError(error, upload, id, file) {
  const status = statusOf(error);
  if (status === 401) showStatus(words.signin);
  else if (status >= 400 && status < 500 && !RETRYABLE.includes(status)) {
    let why = error.message;
    try {
      const body = JSON.parse("originalResponse" in error && error.originalResponse ? error.originalResponse.getBody() : "");
      why = body[document.documentElement.lang] || body.vi;
    } catch { /* no words */ }
    showStatus(`${file.name}: ${why}`);
    if (id) {
      active.delete(id);
      if ([404, 410].includes(status)) await del(keyOf(id));
    }
    return;
  } else showStatus(words.offline);
  setTimeout(() => upload.start(), RETRY_MS);
}

for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("[data-file]"))) {
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    input.value = "";
    const step = /** @type {HTMLSelectElement} */ (root.querySelector("[data-step]")).value;
    if (file) startUpload({ file, slug: root.dataset.slug, step, url: null });
  });
}

addEventListener("offline", () => active.size && showStatus(words.offline));

for (const [key, stored] of await entries()) {
  if (String(key).startsWith("clip|") && !(stored instanceof Blob)) startUpload(stored);
}
const isShown = (/** @type {Clip} */ clip) => !root.dataset.slug || clip.slug === root.dataset.slug;
new EventSource(root.dataset.events).addEventListener("message", ({ data }) => {
  for (const clip of /** @type {Clip[]} */ (JSON.parse(data)).filter(isShown).reverse()) draw(clip);
});
