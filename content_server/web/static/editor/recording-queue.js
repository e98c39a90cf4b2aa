// Recordings that wait on this phone: stored the second they end, sent when there is a line, and
// deleted only when the server has them. A browser that is killed goes on where it was.
import { del, entries, get, set } from "../idb-keyval.js";

/**
 * @typedef {object} Recording
 * @property {string} address of the page it was recorded on
 * @property {string} [endpoint] where it is sent; recordings of 0.1 have none and go to `address`
 * @property {string} part the step it speaks
 * @property {string | undefined} stamp the sentence it was read from
 * @property {Blob} blob
 * @property {string} name
 * @property {string} who
 * @property {string} digest
 * @property {boolean} agreed
 * @property {number} at
 * @property {string} [refused] why the server does not want it
 *
 * @typedef {{why?: string | undefined, signIn?: boolean}} Reason
 * @typedef {(recording: Recording, stage: string, reason?: Reason) => void} ProgressListener
 */

const RETRY_MS = 3000, LONGEST_RETRY_MS = 60000;
const JSON_ONLY = { accept: "application/json" };
const language = document.documentElement.lang;
const mediaUrl = (/** @type {string} */ digest) =>
  document.querySelector("[data-media]").dataset.media.replace("{digest}", digest);
let sending = false, retryMs = RETRY_MS, timer = 0;
/** @type {ProgressListener} */
let notify = () => {};

const keyOf = (/** @type {string} */ address, /** @type {string} */ part) => `take|${address}|${part}`;

/** @type {(address: string, part: string) => Promise<Recording | undefined>} */
export const findRecording = (address, part) => get(keyOf(address, part));

/** @param {ProgressListener} listener */
export function onProgress(listener) { notify = listener; }

/** @returns {Promise<Recording[]>} */
export async function allRecordings() {
  return (await entries()).filter(([key]) => String(key).startsWith("take|")).map(([, recording]) => recording);
}

/** @param {Recording} recording */
export async function saveRecording(recording) {
  await set(keyOf(recording.address, recording.part), recording);
  await countUnsent();
}

/** @type {(address: string, part: string) => Promise<void>} */
export async function deleteRecording(address, part) {
  await del(keyOf(address, part));
  await countUnsent();
}

// Adds the recordings to what the sign-out warns of: localStorage.unsent, see ../shell.js.
async function countUnsent() {
  const waiting = (await allRecordings()).length;
  try {
    if (waiting) localStorage.setItem("draft:takes", JSON.stringify(Object.fromEntries(Array(waiting).fill(1).map((one, n) => [n, one]))));
    else localStorage.removeItem("draft:takes");
    localStorage.setItem("unsent", String(Object.keys(localStorage).filter((key) => key.startsWith("draft:"))
      .reduce((sum, key) => sum + Object.keys(JSON.parse(localStorage.getItem(key))).length, 0)));
  } catch { /* storage is forbidden: only the warning at sign-out is lost */ }
}

/** @param {Blob} blob */
export async function digestOf(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Worth trying again: the line, or the server's own trouble. */
class RetryableError extends Error {
  signIn = false;
}

/** A sentence for the person; the recording stays. */
class RejectedError extends Error {}

/** @type {(address: string, options: RequestInit) => Promise<Response>} */
async function request(address, options) {
  let answer;
  try { answer = await fetch(address, options); } catch (cause) { throw new RetryableError("", { cause }); }
  if (answer.ok || answer.status === 404 && options.method === "GET") return answer;
  const body = await answer.json().catch(() => ({}));
  const words = body[language] || body.vi || answer.statusText;
  if (answer.status === 401) throw Object.assign(new RetryableError(words), { signIn: true });
  throw answer.status >= 500 || [408, 425, 429].includes(answer.status) ? new RetryableError(words) : new RejectedError(words);
}

/** @param {Recording} recording */
async function upload(recording) {
  const address = mediaUrl(recording.digest);
  const there = await request(address, { method: "GET", headers: JSON_ONLY });
  if (there.status === 404) {
    const query = new URLSearchParams({ medium: "voice", name: recording.name });
    await request(`${address}?${query}`, {
      method: "PUT", body: recording.blob, headers: { ...JSON_ONLY, "content-type": "application/octet-stream" },
    });
  }
  const { part, digest, stamp, who } = recording;
  const answer = await request(recording.endpoint || recording.address, {
    method: "POST", headers: { ...JSON_ONLY, "content-type": "application/json" },
    body: JSON.stringify({ part, digest, stamp, who, agreed: true }),
  });
  return answer.json();
}

const isReady = (/** @type {Recording} */ recording) => recording.agreed && !recording.refused;

export async function sendAll() {
  clearTimeout(timer);
  if (sending) return;
  sending = true;
  let failed = false;
  for (const recording of (await allRecordings()).filter(isReady)) {
    notify(recording, "sending");
    try {
      const state = await upload(recording);
      const stored = await findRecording(recording.address, recording.part);
      if (stored && stored.digest === recording.digest) await deleteRecording(recording.address, recording.part); // else: a newer one waits
      notify(recording, state.stage, state);
      retryMs = RETRY_MS;
    } catch (error) {
      if (error instanceof RejectedError) {
        await saveRecording({ ...recording, refused: error.message });
        notify(recording, "failed", { why: error.message });
        continue;
      }
      const { message, signIn } = /** @type {RetryableError} */ (error);
      notify(recording, "waiting", { why: message, signIn });
      failed = true;
      break;
    }
  }
  sending = false;
  if (failed) {
    timer = setTimeout(sendAll, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  } else if ((await allRecordings()).some(isReady)) sendAll();
}

/**
 * Asks what the server is still making of a voice, until it is ready or cannot be.
 * @param {Recording} recording
 */
export async function pollState(recording) {
  for (let tries = 0; tries < 40; tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    const answer = await fetch(mediaUrl(recording.digest), { headers: JSON_ONLY }).catch(() => null);
    if (!answer || !answer.ok) continue;
    const state = await answer.json();
    notify(recording, state.stage, state);
    if (state.stage === "ready" || state.stage === "failed") return;
  }
}

addEventListener("online", () => { retryMs = RETRY_MS; sendAll(); });
