// Recordings that wait on this phone: kept the second they end, sent when there is a line, and
// forgotten only when the server has them. A browser that is killed goes on where it was.
import { del, entries, get, set } from "../idb-keyval.js";

const SOON_MS = 3000, LATE_MS = 60000;
const JSON_ONLY = { accept: "application/json" };
const tag = document.documentElement.lang;
let sending = false, rest = SOON_MS, timer = 0;
let tell = () => {};

export const keyOf = (address, part) => `take|${address}|${part}`;
export const found = (address, part) => get(keyOf(address, part));
export const listen = (heard) => { tell = heard; };

export async function all() {
  return (await entries()).filter(([key]) => String(key).startsWith("take|")).map(([, take]) => take);
}

export async function keep(take) {
  await set(keyOf(take.address, take.part), take);
  await count();
}

export async function forget(address, part) {
  await del(keyOf(address, part));
  await count();
}

async function count() {
  const mine = (await all()).length;
  try {
    if (mine) localStorage.setItem("draft:takes", JSON.stringify(Object.fromEntries(Array(mine).fill(1).map((one, n) => [n, one]))));
    else localStorage.removeItem("draft:takes");
    localStorage.setItem("unsent", String(Object.keys(localStorage).filter((key) => key.startsWith("draft:"))
      .reduce((sum, key) => sum + Object.keys(JSON.parse(localStorage.getItem(key))).length, 0)));
  } catch { /* a forbidden shelf: only the warning at sign-out is lost */ }
}

export async function digestOf(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Later extends Error {} // worth trying again: the line, or the server's own trouble
class Never extends Error {} // a sentence for the person; the take stays

async function asked(address, options) {
  let answer;
  try { answer = await fetch(address, options); } catch { throw new Later(); }
  if (answer.ok || answer.status === 404 && options.method === "GET") return answer;
  const body = await answer.json().catch(() => ({}));
  const words = body[tag] || body.vi || answer.statusText;
  if (answer.status === 401) throw Object.assign(new Later(words), { signIn: true });
  throw answer.status >= 500 || [408, 425, 429].includes(answer.status) ? new Later(words) : new Never(words);
}

async function deliver(take) {
  const address = `/-/soan/media/${take.digest}`;
  const there = await asked(address, { method: "GET", headers: JSON_ONLY });
  if (there.status === 404) {
    const query = new URLSearchParams({ medium: "voice", name: take.name });
    await asked(`${address}?${query}`, { method: "PUT", body: take.blob, headers: { ...JSON_ONLY, "content-type": "application/octet-stream" } });
  }
  const { part, digest, stamp, who } = take;
  const answer = await asked(take.address, {
    method: "POST", headers: { ...JSON_ONLY, "content-type": "application/json" },
    body: JSON.stringify({ part, digest, stamp, who, agreed: true }),
  });
  return answer.json();
}

export async function send() {
  clearTimeout(timer);
  if (sending) return;
  sending = true;
  let again = false;
  for (const take of await all()) {
    if (!take.agreed || take.refused) continue;
    tell(take, "sending");
    try {
      const state = await deliver(take);
      const now = await get(keyOf(take.address, take.part));
      if (now && now.digest === take.digest) await forget(take.address, take.part); // else: a newer take waits
      tell(take, state.stage, state);
      rest = SOON_MS;
    } catch (error) {
      if (error instanceof Never) {
        await keep({ ...take, refused: error.message });
        tell(take, "failed", { why: error.message });
        continue;
      }
      tell(take, "waiting", { why: error.message, signIn: error.signIn });
      again = true;
      break;
    }
  }
  sending = false;
  if (again) {
    timer = setTimeout(send, rest);
    rest = Math.min(rest * 2, LATE_MS);
  } else if ((await all()).some((take) => take.agreed && !take.refused)) send();
}

// What the server is still making of a voice, until it is ready or cannot be.
export async function follow(take) {
  for (let tries = 0; tries < 40; tries += 1) {
    await new Promise((go) => { setTimeout(go, 1500); });
    const answer = await fetch(`/-/soan/media/${take.digest}`, { headers: JSON_ONLY }).catch(() => null);
    if (!answer || !answer.ok) continue;
    const state = await answer.json();
    tell(take, state.stage, state);
    if (state.stage === "ready" || state.stage === "failed") return;
  }
}

addEventListener("online", () => { rest = SOON_MS; send(); });
