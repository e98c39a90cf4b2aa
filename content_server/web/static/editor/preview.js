// The villager's page in a phone frame, and the cost meter; both fetched when they are looked at.
const phone = document.querySelector("[data-preview]");
const frame = phone?.querySelector("iframe");
const meter = document.querySelector("[data-cost]");
const wide = matchMedia("(min-width: 64rem)");
let address = phone?.dataset.preview, sunny = false, timer = 0, began = 0, line = "";

function look() {
  if (!phone.open) return;
  const step = frame.contentWindow?.location.hash || "";
  const waited = phone.querySelector("[data-waited]");
  waited.textContent = line ? waited.dataset.waits : "";
  began = performance.now();
  frame.src = `${address}?${sunny ? "nang=1&" : ""}${line ? `mang=${line}&` : ""}t=${Date.now()}${step}`;
}

async function weigh() {
  const answer = await fetch(meter.dataset.cost).catch(() => null);
  if (answer?.ok) {
    const inside = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    meter.replaceChildren(...inside.childNodes);
  }
}

if (phone) {
  phone.open = phone.open || wide.matches;
  phone.addEventListener("toggle", look);
  phone.querySelector("[data-again]").addEventListener("click", look);
  phone.querySelector("[data-tongue]").addEventListener("change", (event) => {
    address = event.target.value;
    look();
  });
  phone.querySelector("[data-line]").addEventListener("change", (event) => {
    line = event.target.value;
    look();
  });
  frame.addEventListener("load", () => {
    const waited = phone.querySelector("[data-waited]");
    const seconds = ((performance.now() - began) / 1000).toLocaleString("vi", { maximumFractionDigits: 1 });
    waited.textContent = line && began ? waited.dataset.words.replace("@", seconds) : "";
  });
  phone.querySelector("[data-sunny]").addEventListener("click", (event) => {
    sunny = !sunny;
    event.currentTarget.setAttribute("aria-pressed", String(sunny));
    look();
  });
  document.addEventListener("draft-sent", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { look(); weigh(); }, 600);
  });
  look();
}
if (meter) weigh();
