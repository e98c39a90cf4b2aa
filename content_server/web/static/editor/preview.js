// The villager's page in a phone frame, and the cost meter; both fetched when they are looked at.
const phone = /** @type {HTMLDetailsElement | null} */ (document.querySelector("[data-preview]"));
const meter = /** @type {HTMLElement | null} */ (document.querySelector("[data-cost]"));

if (phone) startPreview(phone);
if (meter) updateCost(meter);

/** @param {HTMLDetailsElement} panel */
function startPreview(panel) {
  const frame = panel.querySelector("iframe"), waited = panel.querySelector("[data-waited]");
  const languageChoice = /** @type {HTMLSelectElement} */ (panel.querySelector("[data-tongue]"));
  const networkChoice = /** @type {HTMLSelectElement} */ (panel.querySelector("[data-line]"));
  const sunlight = panel.querySelector("[data-sunny]");
  let address = panel.dataset.preview, network = "", sunny = false, timer = 0, started = 0;

  function load() {
    if (!panel.open) return;
    const step = frame.contentWindow?.location.hash || "";
    waited.textContent = network ? waited.dataset.waits : "";
    started = performance.now();
    frame.src = `${address}?${sunny ? "nang=1&" : ""}${network ? `mang=${network}&` : ""}t=${Date.now()}${step}`;
  }

  panel.open = panel.open || matchMedia("(min-width: 64rem)").matches;
  panel.addEventListener("toggle", load);
  panel.querySelector("[data-again]").addEventListener("click", load);
  languageChoice.addEventListener("change", () => {
    address = languageChoice.value;
    load();
  });
  networkChoice.addEventListener("change", () => {
    network = networkChoice.value;
    load();
  });
  frame.addEventListener("load", () => {
    const seconds = ((performance.now() - started) / 1000).toLocaleString("vi", { maximumFractionDigits: 1 });
    waited.textContent = network && started ? waited.dataset.words.replace("@", seconds) : "";
  });
  sunlight.addEventListener("click", () => {
    sunny = !sunny;
    sunlight.setAttribute("aria-pressed", String(sunny));
    load();
  });
  document.addEventListener("draft-sent", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      load();
      if (meter) updateCost(meter);
    }, 600);
  });
  load();
}

/** @param {HTMLElement} place */
async function updateCost(place) {
  const answer = await fetch(String(place.dataset.cost)).catch(() => null);
  if (answer?.ok) {
    const inside = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    place.replaceChildren(...inside.childNodes);
  }
}
