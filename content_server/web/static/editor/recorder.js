// The recorder: one part after another, a round button, a level bar, and a listen before the next.
import { all, digestOf, follow, forget, found, keep, listen, send } from "./takes.js";

const root = document.querySelector("[data-recorder]");
const address = root.dataset.recorder;
const words = JSON.parse(root.dataset.words);
const MOST_S = Number(root.dataset.most), COUNT_MS = 400;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];
const one = (name) => root.querySelector(`[data-${name}]`);
const parts = [...root.querySelectorAll("section[data-part]")];
const button = (part) => root.querySelector(`[data-go="${CSS.escape(part)}"]`);
const record = one("record"), clock = one("clock"), level = one("level");
const nap = (ms) => new Promise((go) => { setTimeout(go, ms); });
let here = parts[0], recorder = null, stream = null, meter = 0, take = null, busy = false;

function trouble(text, link = "") {
  const place = one("trouble");
  place.textContent = text || "";
  if (link) place.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: "→" }));
  place.hidden = !text;
}

function mark(part, stage, why = "") {
  const state = button(part)?.querySelector("[data-state]");
  if (!state) return;
  state.textContent = why && stage === "failed" ? `${words.failed}: ${why}` : words[stage] || stage;
  button(part).dataset.stage = stage;
}

async function go(part) {
  if (recorder) return;
  here = parts.find((each) => each.dataset.part === part) || parts[0];
  for (const each of parts) each.hidden = each !== here;
  for (const each of root.querySelectorAll("[data-go]")) {
    if (each.dataset.go === here.dataset.part) {
      each.setAttribute("aria-current", "step");
      each.scrollIntoView({ block: "nearest", inline: "center" });
    } else each.removeAttribute("aria-current");
  }
  trouble("");
  take = await found(address, here.dataset.part) || null;
  show();
}

function show() {
  const waits = Boolean(take && !take.agreed);
  one("listen").hidden = !waits;
  one("ready").hidden = waits;
  const back = one("back");
  if (back.src) URL.revokeObjectURL(back.src);
  if (waits) back.src = URL.createObjectURL(take.blob);
  else back.removeAttribute("src");
  if (take && take.refused) trouble(take.refused);
}

async function agreed() {
  if (one("agreed").checked) return true;
  trouble(words.agree);
  one("agreed").focus();
  return false;
}

async function microphone() {
  if (!navigator.mediaDevices || !window.MediaRecorder) throw new Error("nomic");
  const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true };
  try { return await navigator.mediaDevices.getUserMedia({ audio }); } catch (error) {
    throw new Error(["NotFoundError", "NotReadableError"].includes(error.name) ? "nomic" : "denied");
  }
}

async function start() {
  if (busy || !await agreed()) return;
  busy = true;
  trouble("");
  try { stream = stream && stream.active ? stream : await microphone(); } catch (error) {
    trouble(words[error.message]);
    busy = false;
    return;
  }
  for (const number of ["3", "2", "1"]) { clock.textContent = number; await nap(COUNT_MS); }
  const type = KINDS.find((each) => MediaRecorder.isTypeSupported(each)) || "";
  const pieces = [];
  const part = here;
  recorder = new MediaRecorder(stream, { mimeType: type || undefined, audioBitsPerSecond: 48000 });
  recorder.addEventListener("dataavailable", ({ data }) => data.size && pieces.push(data));
  recorder.addEventListener("stop", async () => {
    const blob = new Blob(pieces, { type: recorder.mimeType });
    recorder = null;
    stopMeter();
    await taken(part, blob, `${here.dataset.part || "mo-dau"}.${blob.type.includes("mp4") ? "m4a" : "webm"}`);
  });
  recorder.start(500);
  startMeter();
  busy = false;
}

function stop() {
  if (recorder && recorder.state === "recording") recorder.stop();
}

function startMeter() {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const heard = new Float32Array(analyser.fftSize);
  const began = performance.now();
  record.setAttribute("aria-pressed", "true");
  one("record-words").textContent = words.stop;
  meter = setInterval(() => {
    analyser.getFloatTimeDomainData(heard);
    const loud = Math.sqrt(heard.reduce((sum, each) => sum + each * each, 0) / heard.length);
    const part = Math.max(0, Math.min(1, (20 * Math.log10(loud + 1e-6) + 54) / 48));
    level.style.setProperty("--loud", part.toFixed(2));
    const seconds = (performance.now() - began) / 1000;
    clock.textContent = `0:${String(Math.floor(seconds)).padStart(2, "0")}`;
    if (seconds >= MOST_S) { trouble(words.long); stop(); }
  }, 80);
  meter = { timer: meter, context };
}

function stopMeter() {
  clearInterval(meter.timer);
  meter.context.close();
  level.style.setProperty("--loud", "0");
  record.setAttribute("aria-pressed", "false");
  one("record-words").textContent = words.record;
  clock.textContent = "0:00";
}

async function taken(part, blob, name) {
  take = {
    address, part: part.dataset.part, stamp: part.dataset.stamp, blob, name, who: one("who").value,
    digest: await digestOf(blob), agreed: false, at: Date.now(),
  };
  try { await keep(take); } catch { trouble(words.room); }
  mark(take.part, "kept");
  if (part === here) {
    show();
    one("back").play().catch(() => {}); // a phone may want a tap first
    one("good").focus();
  }
}

async function good() {
  if (!await agreed()) return;
  one("back").pause();
  take = { ...take, agreed: true, who: one("who").value };
  await keep(take);
  mark(take.part, "waiting");
  send();
  const next = parts[parts.indexOf(here) + 1];
  if (next) { await go(next.dataset.part); record.focus(); } else { take = null; show(); }
}

async function again() {
  one("back").pause();
  await forget(address, take.part);
  take = null;
  mark(here.dataset.part, "none");
  show();
  record.focus();
}

listen((each, stage, state = {}) => {
  if (each.address !== address) return;
  mark(each.part, stage, state.why);
  one("offline").hidden = stage !== "waiting";
  if (stage === "waiting") {
    one("offline").textContent = state.signIn ? words.signin : words.offline;
    if (state.signIn) trouble(words.signin, `/-/vao?ve=${location.pathname}`);
  }
  if (stage === "failed" && state.why) trouble(state.why);
  if (stage === "preparing" || stage === "received") follow(each);
  const left = [...root.querySelectorAll("[data-go]")].filter((b) => !["ready", "preparing", "received"].includes(b.dataset.stage));
  one("all").hidden = left.length > 0;
});

record.addEventListener("click", () => (recorder ? stop() : start()));
one("good").addEventListener("click", good);
one("again").addEventListener("click", again);
one("file").addEventListener("change", async ({ target }) => {
  const file = target.files[0];
  target.value = "";
  if (file && await agreed()) await taken(here, file, file.name);
});
for (const each of root.querySelectorAll("[data-go]")) {
  each.dataset.stage = each.querySelector("[data-state]").dataset.had;
  each.addEventListener("click", () => go(each.dataset.go));
}
one("agreed").checked = localStorage.getItem("agreed") === address;
one("agreed").addEventListener("change", ({ target }) => {
  localStorage.setItem("agreed", target.checked ? address : "");
  if (target.checked) trouble("");
});
addEventListener("pagehide", () => stream && stream.getTracks().forEach((track) => track.stop()));
for (const each of await all()) {
  if (each.address === address) mark(each.part, each.refused ? "failed" : each.agreed ? "waiting" : "kept", each.refused);
}
await go(root.dataset.first);
send();
