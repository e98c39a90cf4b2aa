// The photo table: boxes, crop and spot drawn with a finger or typed as numbers; the server burns
// them in. Arrow keys move what is typed by one percent, as every number field does.
import { digestOf } from "./recording-queue.js";

/**
 * @typedef {object} Elements by their data- attributes
 * @property {HTMLButtonElement} add
 * @property {HTMLInputElement} alt
 * @property {HTMLElement} boxes
 * @property {HTMLFieldSetElement} crop
 * @property {HTMLElement} done
 * @property {HTMLButtonElement} drop
 * @property {HTMLInputElement} faces
 * @property {HTMLInputElement} file
 * @property {HTMLImageElement} image
 * @property {HTMLButtonElement} no-spot
 * @property {SVGSVGElement} over
 * @property {HTMLElement} sheet
 * @property {HTMLFieldSetElement} spot
 * @property {HTMLSelectElement} step
 * @property {HTMLFormElement} table
 * @property {HTMLElement} tray
 * @property {HTMLElement} trouble
 *
 * @typedef {[x: number, y: number]} Point in percent of the photo, as all that follows
 * @typedef {{x: number, y: number, width: number, height: number}} Area
 * @typedef {{crop: Area, boxes: Area[], spot: Point | null}} Marks
 */

const root = document.querySelector("[data-photos]");
const photoUrl = () => root.dataset.photos.replace("{photo}", photo.dataset.photo);
/** @type {Record<string, string>} */
const words = JSON.parse(root.dataset.words);
/** @type {<N extends keyof Elements>(name: N) => Elements[N]} */
const element = (name) => /** @type {any} */ (root.querySelector(`[data-${name}]`));
const table = element("table"), over = element("over"), sheet = element("sheet"), tray = element("tray");
/** @type {[key: keyof Area, word: string][]} */
const AREA = [["x", "left"], ["y", "top"], ["width", "width"], ["height", "height"]];
const JSON_HEADERS = { accept: "application/json", "content-type": "application/json" };
const dragMode = () => new FormData(table).get("mode"); // "box", "crop" or "spot"
const clamp = (/** @type {number} */ percent) => Math.min(100, Math.max(0, percent));

/** @type {PageElement} */
let photo; // the button of the one on the table
/** @type {Marks} */
let marks;
/** @type {Point | null} */
let dragStart = null;

/** @type {(name: "trouble" | "done", text: string) => void} */
function showMessage(name, text) {
  for (const each of /** @type {const} */ (["trouble", "done"])) element(each).hidden = each !== name || !text;
  element(name).textContent = text;
}

/** @type {(address: string, options: RequestInit) => Promise<any>} */
async function request(address, options) {
  let answer;
  try { answer = await fetch(address, { headers: JSON_HEADERS, ...options }); } catch {
    showMessage("trouble", words.lost);
    return null;
  }
  if (answer.ok) return answer.status === 204 ? {} : answer.json();
  const body = await answer.json().catch(() => ({}));
  showMessage("trouble", body[document.documentElement.lang] || body.vi || answer.statusText);
  return null;
}

/** @type {(id: number, name: string, width: number, height: number) => PageElement} */
function trayButton(id, name, width, height) {
  /** @type {PageElement | null} */
  const known = root.querySelector(`[data-photo="${id}"]`);
  if (known) return known;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
  Object.assign(button.dataset, { photo: id, width, height });
  const item = document.createElement("li");
  item.append(button);
  tray.append(item);
  return /** @type {PageElement} */ (/** @type {HTMLElement} */ (button));
}

/** @param {PageElement} button */
function openPhoto(button) {
  for (const each of root.querySelectorAll("[data-photo]")) each.toggleAttribute("aria-current", each === button);
  photo = button;
  element("faces").value = "";
  marks = { crop: { x: 0, y: 0, width: 100, height: 100 }, boxes: [], spot: null };
  element("image").src = root.dataset.original.replace("{photo}", button.dataset.photo);
  suggestDescription();
  for (const each of root.querySelectorAll("input[data-check]")) each.checked = false;
  table.hidden = false;
  draw();
}

// What a step says is the best beginning for what its picture shows.
function suggestDescription() {
  const { value, selectedOptions: [chosen] } = element("step");
  element("alt").value = value ? chosen.textContent : "";
}
element("step").addEventListener("change", suggestDescription);

/** @type {(name: "rect" | "path", attributes: Record<string, string | number>, className: string) => SVGElement} */
function shape(name, attributes, className) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.setAttribute("class", className);
  return made;
}

function drawShapes() {
  const { crop, boxes, spot } = marks;
  const shapes = boxes.map((box) => shape("rect", box, "cover"));
  const inside = `M${crop.x} ${crop.y}v${crop.height}h${crop.width}v${-crop.height}z`;
  shapes.push(shape("path", { d: `M0 0H100V100H0z${inside}`, "fill-rule": "evenodd" }, "cut"));
  if (spot) {
    const width = (48 / 360) * crop.width; // of a phone's width
    const height = width * (Number(photo.dataset.width) / Number(photo.dataset.height));
    const [x, y] = [crop.x + (spot[0] * crop.width) / 100, crop.y + (spot[1] * crop.height) / 100];
    shapes.push(shape("rect", { x: x - width / 2, y: y - height / 2, width, height }, "spot"));
  }
  over.replaceChildren(...shapes);
}

/** @type {(name: string, value: number, onInput: (value: number) => void) => HTMLLabelElement} */
function numberField(name, value, onInput) {
  const field = document.createElement("input");
  Object.assign(field, { type: "number", min: 0, max: 100, step: 1, value: Math.round(value * 10) / 10 });
  field.addEventListener("input", () => {
    onInput(clamp(Number(field.value) || 0));
    drawShapes();
  });
  const label = document.createElement("label");
  label.append(words[name], field);
  return label;
}

const areaFields = (/** @type {Area} */ area) =>
  AREA.map(([key, word]) => numberField(word, area[key], (value) => { area[key] = value; }));

/** @type {(fieldset: HTMLFieldSetElement, fields: HTMLElement[]) => void} */
function replaceFields(fieldset, fields) {
  fieldset.replaceChildren(fieldset.querySelector("legend"), ...fields);
}

/** @type {(box: Area, index: number) => HTMLFieldSetElement} */
function boxFields(box, index) {
  const group = document.createElement("fieldset"), legend = document.createElement("legend");
  legend.textContent = words.box.replace("@", String(index + 1));
  const removal = Object.assign(document.createElement("button"), { type: "button", textContent: words.remove });
  removal.addEventListener("click", () => { marks.boxes.splice(index, 1); draw(); });
  group.append(legend, ...areaFields(box), removal);
  return group;
}

function draw() {
  drawShapes();
  replaceFields(element("crop"), areaFields(marks.crop));
  element("boxes").replaceChildren(...marks.boxes.map(boxFields));
  const [x, y] = marks.spot || [50, 50];
  replaceFields(element("spot"), [
    numberField("left", x, (value) => { marks.spot = [value, marks.spot ? marks.spot[1] : 50]; }),
    numberField("top", y, (value) => { marks.spot = [marks.spot ? marks.spot[0] : 50, value]; }),
  ]);
}

/** @type {(event: PointerEvent) => Point} */
function pointOf(event) {
  const box = sheet.getBoundingClientRect();
  return [clamp(((event.clientX - box.left) / box.width) * 100), clamp(((event.clientY - box.top) / box.height) * 100)];
}

/** @type {(one: Point, other: Point) => Area} */
function areaBetween([ax, ay], [bx, by]) {
  return { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) };
}

sheet.addEventListener("pointerdown", (event) => {
  dragStart = pointOf(event);
  sheet.setPointerCapture(event.pointerId);
});
sheet.addEventListener("pointermove", (event) => {
  if (!dragStart || dragMode() === "spot") return;
  drawShapes();
  over.append(shape("rect", areaBetween(dragStart, pointOf(event)), "drawn"));
});
sheet.addEventListener("pointerup", (event) => {
  if (!dragStart) return;
  const end = pointOf(event), area = areaBetween(dragStart, end), mode = dragMode();
  dragStart = null;
  if (mode === "spot") {
    const { crop } = marks;
    marks.spot = [clamp(((end[0] - crop.x) / crop.width) * 100), clamp(((end[1] - crop.y) / crop.height) * 100)];
  } else if (area.width > 1 && area.height > 1) {
    if (mode === "box") marks.boxes.push(area);
    else marks.crop = area;
  }
  draw();
});

element("add").addEventListener("click", () => { marks.boxes.push({ x: 30, y: 40, width: 40, height: 10 }); draw(); });
element("no-spot").addEventListener("click", () => { marks.spot = null; draw(); });
element("drop").addEventListener("click", async () => {
  if (!confirm(words.sure) || !await request(photoUrl(), { method: "DELETE" })) return;
  openNext("");
});

/** @param {string} message */
function openNext(message) {
  const item = photo.closest("li"), following = item?.nextElementSibling || item?.previousElementSibling;
  item?.remove();
  table.hidden = !following;
  if (following) openPhoto(following.querySelector("[data-photo]"));
  showMessage("done", message);
  window.scrollTo(0, 0);
}

table.addEventListener("submit", async (event) => {
  event.preventDefault();
  const checked = [...root.querySelectorAll("input[data-check]")].filter((each) => each.checked).map((each) => each.value);
  const step = element("step");
  const body = JSON.stringify({ marks, step: step.value, alt: element("alt").value, faces: element("faces").value, checked });
  const answer = await request(photoUrl(), { method: "POST", body });
  if (!answer) return;
  if (step.value) step.value = step.options[step.selectedIndex + 1]?.value || ""; // after a new step comes another new one
  openNext(words.placed);
});

// Pickers give files in any order; screenshots were taken in that of the steps.
const byTime = (/** @type {File} */ a, /** @type {File} */ b) =>
  a.lastModified - b.lastModified || a.name.localeCompare(b.name, "vi", { numeric: true });

element("file").addEventListener("change", async () => {
  const input = element("file"), refused = [];
  for (const file of [...input.files || []].sort(byTime)) {
    showMessage("done", `${file.name}: ${words.sending}`);
    const query = new URLSearchParams({ name: file.name });
    const stored = await request(`${root.dataset.upload.replace("{digest}", await digestOf(file))}?${query}`, {
      method: "PUT", body: file, headers: { accept: "application/json", "content-type": "application/octet-stream" },
    });
    if (!stored) {
      refused.push(`${file.name}: ${element("trouble").textContent}`);
      continue;
    }
    showMessage("done", "");
    const button = trayButton(stored.id, file.name, stored.width_px, stored.height_px);
    if (table.hidden) openPhoto(button);
  }
  input.value = "";
  if (refused.length) showMessage("trouble", refused.join(" · "));
});

tray.addEventListener("click", ({ target }) => {
  const button = /** @type {Element} */ (target).closest("[data-photo]");
  if (button) openPhoto(button);
});
/** @type {PageElement | null} */
const first = root.querySelector("[data-photo]");
if (first) openPhoto(first);
