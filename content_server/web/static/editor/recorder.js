// The recorder: one part after another, a round button, a level bar, and a listen before the next.
import {
  allRecordings, deleteRecording, digestOf, findRecording, onProgress, pollState, saveRecording, sendAll,
} from "./recording-queue.js";

/**
 * @typedef {object} Elements by their data- attributes
 * @property {HTMLInputElement} agreed
 * @property {HTMLElement} all
 * @property {HTMLButtonElement} again
 * @property {HTMLAudioElement} back
 * @property {HTMLElement} clock
 * @property {HTMLInputElement} file
 * @property {HTMLButtonElement} good
 * @property {HTMLElement} level
 * @property {HTMLElement} listen
 * @property {HTMLElement} offline
 * @property {HTMLElement} ready
 * @property {HTMLButtonElement} record
 * @property {HTMLElement} record-words
 * @property {HTMLElement} trouble
 * @property {HTMLInputElement} who
 */

const root = document.querySelector("[data-recorder]");
const address = root.dataset.recorder, endpoint = root.dataset.endpoint;
/** @type {Record<string, string>} */
const words = JSON.parse(root.dataset.words);
const MOST_S = Number(root.dataset.most), COUNT_MS = 400;
const MIME_TYPES = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];
/** @type {<N extends keyof Elements>(name: N) => Elements[N]} */
const element = (name) => /** @type {any} */ (root.querySelector(`[data-${name}]`));
const parts = [...root.querySelectorAll("section[data-part]")];
const partButtons = [...root.querySelectorAll("[data-go]")];
const recordButton = element("record"), clock = element("clock"), level = element("level");
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

let current = parts[0], starting = false;
/** @type {MediaRecorder | null} */
let recorder = null;
/** @type {MediaStream | null} */
let stream = null;
/** @type {{timer: number, context: AudioContext} | null} */
let meter = null;
/** @type {import("./recording-queue.js").Recording | null} */
let recording = null;

function showError(text = "", link = "") {
  const place = element("trouble");
  place.textContent = text;
  if (link) place.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: "→" }));
  place.hidden = !text;
}

/** @type {(part: string, stage: string, why?: string) => void} */
function showStage(part, stage, why = "") {
  const button = partButtons.find((each) => each.dataset.go === part);
  const state = button?.querySelector("[data-state]");
  if (!button || !state) return;
  state.textContent = why && stage === "failed" ? `${words.failed}: ${why}` : words[stage] || stage;
  button.dataset.stage = stage;
}

/** @param {string} part */
async function openPart(part) {
  if (recorder) return;
  current = parts.find((each) => each.dataset.part === part) || parts[0];
  for (const each of parts) each.hidden = each !== current;
  for (const button of partButtons) {
    if (button.dataset.go === current.dataset.part) {
      button.setAttribute("aria-current", "step");
      button.scrollIntoView({ block: "nearest", inline: "center" });
    } else button.removeAttribute("aria-current");
  }
  showError();
  recording = await findRecording(address, current.dataset.part) || null;
  show();
}

function show() {
  const waiting = recording && !recording.agreed ? recording : null;
  element("listen").hidden = !waiting;
  element("ready").hidden = Boolean(waiting);
  const player = element("back");
  if (player.src) URL.revokeObjectURL(player.src);
  if (waiting) player.src = URL.createObjectURL(waiting.blob);
  else player.removeAttribute("src");
  if (recording?.refused) showError(recording.refused);
}

function hasAgreed() {
  if (element("agreed").checked) return true;
  showError(words.agree);
  element("agreed").focus();
  return false;
}

async function microphone() {
  if (!navigator.mediaDevices || !window.MediaRecorder) throw new Error("nomic");
  const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true };
  try { return await navigator.mediaDevices.getUserMedia({ audio }); } catch (cause) {
    const { name } = /** @type {Error} */ (cause);
    throw new Error(["NotFoundError", "NotReadableError"].includes(name) ? "nomic" : "denied", { cause });
  }
}

async function start() {
  if (starting || !hasAgreed()) return;
  starting = true;
  showError();
  try { stream = stream?.active ? stream : await microphone(); } catch (error) {
    showError(words[/** @type {Error} */ (error).message]);
    starting = false;
    return;
  }
  for (const number of ["3", "2", "1"]) { clock.textContent = number; await sleep(COUNT_MS); }
  const mimeType = MIME_TYPES.find((each) => MediaRecorder.isTypeSupported(each));
  /** @type {Blob[]} */
  const pieces = [];
  const part = current;
  const made = new MediaRecorder(stream, { ...mimeType && { mimeType }, audioBitsPerSecond: 48000 });
  made.addEventListener("dataavailable", ({ data }) => data.size && pieces.push(data));
  made.addEventListener("stop", async () => {
    const blob = new Blob(pieces, { type: made.mimeType });
    recorder = null;
    stopMeter();
    await addRecording(part, blob, `${current.dataset.part || "mo-dau"}.${blob.type.includes("mp4") ? "m4a" : "webm"}`);
  });
  recorder = made;
  recorder.start(500);
  startMeter(stream);
  starting = false;
}

function stop() {
  if (recorder?.state === "recording") recorder.stop();
}

/** @param {MediaStream} sound */
function startMeter(sound) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(sound).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const started = performance.now();
  recordButton.setAttribute("aria-pressed", "true");
  element("record-words").textContent = words.stop;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const rms = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
    const loudness = Math.max(0, Math.min(1, (20 * Math.log10(rms + 1e-6) + 54) / 48));
    level.style.setProperty("--loud", loudness.toFixed(2));
    const seconds = (performance.now() - started) / 1000;
    clock.textContent = `0:${String(Math.floor(seconds)).padStart(2, "0")}`;
    if (seconds >= MOST_S) { showError(words.long); stop(); }
  }, 80);
  meter = { timer, context };
}

function stopMeter() {
  clearInterval(meter?.timer);
  meter?.context.close();
  level.style.setProperty("--loud", "0");
  recordButton.setAttribute("aria-pressed", "false");
  element("record-words").textContent = words.record;
  clock.textContent = "0:00";
}

/** @type {(part: typeof parts[0], blob: Blob, name: string) => Promise<void>} */
async function addRecording(part, blob, name) {
  recording = {
    address, endpoint, part: part.dataset.part, stamp: part.dataset.stamp, blob, name, who: element("who").value,
    digest: await digestOf(blob), agreed: false, at: Date.now(),
  };
  try { await saveRecording(recording); } catch { showError(words.room); }
  showStage(recording.part, "kept");
  if (part === current) {
    show();
    element("back").play().catch(() => {}); // a phone may want a tap first
    element("good").focus();
  }
}

async function accept() {
  if (!recording || !hasAgreed()) return;
  element("back").pause();
  recording = { ...recording, agreed: true, who: element("who").value };
  await saveRecording(recording);
  showStage(recording.part, "waiting");
  sendAll();
  const next = parts[parts.indexOf(current) + 1];
  if (next) { await openPart(next.dataset.part); recordButton.focus(); } else { recording = null; show(); }
}

async function discard() {
  if (!recording) return;
  element("back").pause();
  await deleteRecording(address, recording.part);
  recording = null;
  showStage(current.dataset.part, "none");
  show();
  recordButton.focus();
}

onProgress((each, stage, { why, signIn } = {}) => {
  if (each.address !== address) return;
  showStage(each.part, stage, why);
  element("offline").hidden = stage !== "waiting";
  if (stage === "waiting") {
    element("offline").textContent = signIn ? words.signin : words.offline;
    if (signIn) showError(words.signin, root.dataset.signIn);
  }
  if (stage === "failed" && why) showError(why);
  if (stage === "preparing" || stage === "received") pollState(each);
  element("all").hidden = partButtons.some((button) => !["ready", "preparing", "received"].includes(button.dataset.stage));
});

recordButton.addEventListener("click", () => (recorder ? stop() : start()));
element("good").addEventListener("click", accept);
element("again").addEventListener("click", discard);
element("file").addEventListener("change", async () => {
  const input = element("file"), file = input.files?.[0];
  input.value = "";
  if (file && hasAgreed()) await addRecording(current, file, file.name);
});
for (const button of partButtons) {
  button.dataset.stage = button.querySelector("[data-state]").dataset.had;
  button.addEventListener("click", () => openPart(button.dataset.go));
}
const agreed = element("agreed");
agreed.checked = localStorage.getItem("agreed") === address;
agreed.addEventListener("change", () => {
  localStorage.setItem("agreed", agreed.checked ? address : "");
  if (agreed.checked) showError();
});
addEventListener("pagehide", () => stream?.getTracks().forEach((track) => track.stop()));
for (const each of await allRecordings()) {
  if (each.address === address) showStage(each.part, each.refused ? "failed" : each.agreed ? "waiting" : "kept", each.refused);
}
await openPart(root.dataset.first);
sendAll();
