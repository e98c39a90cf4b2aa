// Sends clips over a line that is cut (tus, 128 kB at a time) and shows where each one is. The file
// is kept on this phone until it has arrived, so that a page closed half-way goes on by itself.
import { del, entries, set } from "../idb-keyval.js";

const root = document.querySelector("[data-clips]");
const endpoint = root.dataset.clips;
const words = JSON.parse(root.dataset.words);
const list = root.querySelector("[data-list]");
const line = root.querySelector("[data-line]");
// A browser sends a cut request once more by itself before the upload is asked how far it is: pieces of half of what may be sent again.
const CHUNK_BYTES = 131072, AGAIN_MS = 5000;
const RETRY_MS = [0, 500, 1000, 3000, 5000, 10000, 20000, 30000];
const sending = new Map(); // id → the upload at work in this page
const idOf = (url) => url.split("/").pop();
const keyOf = (id) => `clip|${id}`;

function say(text) {
  line.textContent = text;
  line.hidden = !text;
}

function element(name, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

function item(id, name) {
  const known = list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (known) return known;
  const made = element("li", {}, element("p", {}, element("b", { textContent: name })), element("p"));
  made.dataset.id = id;
  made.lastChild.dataset.state = "";
  list.prepend(made);
  root.querySelector("[data-none]").hidden = true;
  return made;
}

function state(each) {
  const mark = each.stage === "failed" ? each.why : each.percent;
  return words[each.stage].replace("@", mark);
}

function draw(each) {
  const place = item(each.id, each.name);
  if (each.stage === "sending" && sending.has(each.id)) each.percent = Math.max(each.percent, sending.get(each.id).percent || 0);
  place.dataset.stage = each.stage;
  const said = place.querySelector("[data-state]");
  if (said.textContent !== state(each)) said.textContent = state(each);
  place.querySelector("progress")?.remove();
  if (["sending", "preparing"].includes(each.stage)) {
    const bar = element("progress", { max: 100, value: each.percent });
    bar.setAttribute("aria-label", each.name);
    said.after(bar);
  }
  buttons(place, each);
}

function buttons(place, each) {
  const unfinished = ["waiting", "sending"].includes(each.stage);
  let row = place.querySelector(".pair");
  if (!row) place.append(row = element("div", { className: "pair" }));
  const wanted = `${unfinished}${each.stage}`;
  if (row.dataset.for === wanted) return;
  row.dataset.for = wanted;
  row.replaceChildren();
  if (unfinished || each.stage === "failed") {
    const drop = element("button", { type: "button", className: "danger", textContent: words.drop });
    drop.addEventListener("click", () => remove(each.id, place, unfinished));
    row.append(drop);
  }
  if (each.stage === "ready" || each.stage === "preparing") {
    row.append(element("a", { className: "button", href: `/-/soan/bai/${each.slug}/vi#${each.step}`, textContent: words.open }));
  }
}

async function remove(id, place, ask) {
  if (ask && !confirm(words.sure)) return;
  sending.get(id)?.abort();
  sending.delete(id);
  await del(keyOf(id));
  await fetch(`${endpoint}/${id}`, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", accept: "application/json" } });
  place.remove();
}

function begin(file, slug, step, url = null) {
  let id = url && idOf(url);
  const upload = new tus.Upload(file, {
    endpoint, chunkSize: CHUNK_BYTES, retryDelays: RETRY_MS, uploadUrl: url, storeFingerprintForResuming: false,
    headers: { accept: "application/json" },
    metadata: { filename: file.name, filetype: file.type, slug, step },
    onUploadUrlAvailable: async () => {
      id = idOf(upload.url);
      sending.set(id, upload);
      item(id, file.name);
      try { await set(keyOf(id), { file, slug, step, url: upload.url }); } catch { /* no room: this page alone can go on */ }
    },
    onProgress: (sent, all) => {
      say("");
      upload.percent = Math.floor((sent / all) * 100);
      if (id) draw({ id, name: file.name, stage: "sending", percent: upload.percent, slug, step });
    },
    onShouldRetry: (error) => {
      const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
      const again = status < 400 || status >= 500 || [409, 423, 429].includes(status);
      if (again) say(words.offline);
      return again;
    },
    onSuccess: async () => { sending.delete(id); await del(keyOf(id)); },
    onError: (error) => failed(error, upload, id, file),
  });
  upload.start();
}

async function failed(error, upload, id, file) {
  const answer = error.originalResponse;
  const status = answer ? answer.getStatus() : 0;
  if (status === 401) say(words.signin);
  else if (status >= 400 && status < 500 && ![409, 423, 429].includes(status)) {
    let why = error.message;
    try { const body = JSON.parse(answer.getBody()); why = body[document.documentElement.lang] || body.vi; } catch { /* no words */ }
    say(`${file.name}: ${why}`);
    if (id) { sending.delete(id); if ([404, 410].includes(status)) await del(keyOf(id)); }
    return;
  } else say(words.offline);
  setTimeout(() => upload.start(), AGAIN_MS);
}

for (const input of root.querySelectorAll("[data-file]")) {
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = "";
    if (file) begin(file, root.dataset.slug, root.querySelector("[data-step]").value);
  });
}

addEventListener("offline", () => sending.size && say(words.offline));

for (const [key, kept] of await entries()) {
  if (String(key).startsWith("clip|") && !(kept instanceof Blob)) begin(kept.file, kept.slug, kept.step, kept.url);
}
const mine = (each) => !root.dataset.slug || each.slug === root.dataset.slug;
new EventSource(`${endpoint}/su-kien`).addEventListener("message", ({ data }) => JSON.parse(data).filter(mine).reverse().forEach(draw));
