// The photo table: boxes, crop and spot drawn with a finger or typed as numbers; the server burns
// them in. Arrow keys move what is typed by one percent, as every number field does.
import { digestOf } from "./takes.js";

const root = document.querySelector("[data-photos]");
const base = root.dataset.photos;
const words = JSON.parse(root.dataset.words);
const one = (name) => root.querySelector(`[data-${name}]`);
const table = one("table"), over = one("over"), sheet = one("sheet");
const AREA = [["x", "left"], ["y", "top"], ["width", "width"], ["height", "height"]];
const JSON_HEADERS = { accept: "application/json", "content-type": "application/json" };
let photo = null, marks = null, from = null;

function tell(name, text) {
  for (const each of ["trouble", "done"]) one(each).hidden = each !== name || !text;
  one(name).textContent = text;
}

async function asked(address, options) {
  let answer;
  try { answer = await fetch(address, { headers: JSON_HEADERS, ...options }); } catch { tell("trouble", words.lost); return null; }
  if (answer.ok) return answer.status === 204 ? {} : answer.json();
  const body = await answer.json().catch(() => ({}));
  tell("trouble", body[document.documentElement.lang] || body.vi || answer.statusText);
  return null;
}

function tray(id, name, width, height) {
  const known = root.querySelector(`[data-photo="${id}"]`);
  if (known) return known;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
  Object.assign(button.dataset, { photo: id, width, height });
  const place = document.createElement("li");
  place.append(button);
  one("tray").append(place);
  return button;
}

function open(button) {
  for (const each of root.querySelectorAll("[data-photo]")) each.toggleAttribute("aria-current", each === button);
  photo = button;
  one("faces").value = "";
  marks = { crop: { x: 0, y: 0, width: 100, height: 100 }, boxes: [], spot: null };
  one("image").src = `${base}/${button.dataset.photo}/goc`;
  described();
  for (const each of root.querySelectorAll("[data-check]")) each.checked = false;
  table.hidden = false;
  draw();
}

// What a step says is the best beginning for what its picture shows.
function described() {
  one("alt").value = one("step").value ? one("step").selectedOptions[0].textContent : "";
}
one("step").addEventListener("change", described);

function shape(name, area, kind) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(area)) made.setAttribute(key, value);
  made.setAttribute("class", kind);
  return made;
}

function picture() {
  const { crop, boxes, spot } = marks;
  const parts = boxes.map((box) => shape("rect", box, "cover"));
  parts.push(shape("path", { d: `M0 0H100V100H0zM${crop.x} ${crop.y}v${crop.height}h${crop.width}v${-crop.height}z`, "fill-rule": "evenodd" }, "cut"));
  if (spot) {
    const size = (48 / 360) * crop.width; // of a phone's width
    const tall = size * (photo.dataset.width / photo.dataset.height);
    const [x, y] = [crop.x + (spot[0] * crop.width) / 100, crop.y + (spot[1] * crop.height) / 100];
    parts.push(shape("rect", { x: x - size / 2, y: y - tall / 2, width: size, height: tall }, "spot"));
  }
  over.replaceChildren(...parts);
}

function number(name, value, put) {
  const field = Object.assign(document.createElement("input"), { type: "number", min: 0, max: 100, step: 1, value: Math.round(value * 10) / 10 });
  field.addEventListener("input", () => { put(Math.min(100, Math.max(0, Number(field.value) || 0))); picture(); });
  const label = document.createElement("label");
  label.append(words[name], field);
  return label;
}

const fields = (area) => AREA.map(([key, name]) => number(name, area[key], (value) => { area[key] = value; }));

function draw() {
  picture();
  one("crop").replaceChildren(one("crop").firstElementChild, ...fields(marks.crop));
  one("boxes").replaceChildren(...marks.boxes.map((box, index) => {
    const group = document.createElement("fieldset");
    const legend = Object.assign(document.createElement("legend"), { textContent: words.box.replace("@", index + 1) });
    const gone = Object.assign(document.createElement("button"), { type: "button", textContent: words.remove });
    gone.addEventListener("click", () => { marks.boxes.splice(index, 1); draw(); });
    group.append(legend, ...fields(box), gone);
    return group;
  }));
  const spot = marks.spot || [50, 50];
  const move = (axis) => (value) => { marks.spot = [...(marks.spot || [50, 50])]; marks.spot[axis] = value; };
  one("spot").replaceChildren(one("spot").firstElementChild, number("left", spot[0], move(0)), number("top", spot[1], move(1)));
}

function place(event) {
  const box = sheet.getBoundingClientRect();
  const part = (at, size) => Math.min(100, Math.max(0, (at / size) * 100));
  return [part(event.clientX - box.left, box.width), part(event.clientY - box.top, box.height)];
}

function between([ax, ay], [bx, by]) {
  return { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) };
}

sheet.addEventListener("pointerdown", (event) => {
  from = place(event);
  sheet.setPointerCapture(event.pointerId);
});
sheet.addEventListener("pointermove", (event) => {
  if (!from || table.elements.mode.value === "spot") return;
  picture();
  over.append(shape("rect", between(from, place(event)), "drawn"));
});
sheet.addEventListener("pointerup", (event) => {
  if (!from) return;
  const to = place(event), area = between(from, to), mode = table.elements.mode.value;
  from = null;
  if (mode === "spot") {
    const { crop } = marks;
    const within = (at, start, size) => Math.min(100, Math.max(0, ((at - start) / size) * 100));
    marks.spot = [within(to[0], crop.x, crop.width), within(to[1], crop.y, crop.height)];
  } else if (area.width > 1 && area.height > 1) {
    if (mode === "box") marks.boxes.push(area);
    else marks.crop = area;
  }
  draw();
});

one("add").addEventListener("click", () => { marks.boxes.push({ x: 30, y: 40, width: 40, height: 10 }); draw(); });
one("no-spot").addEventListener("click", () => { marks.spot = null; draw(); });
one("drop").addEventListener("click", async () => {
  if (!confirm(words.sure) || !await asked(`${base}/${photo.dataset.photo}`, { method: "DELETE" })) return;
  next("");
});

function next(said) {
  const following = photo.closest("li").nextElementSibling || photo.closest("li").previousElementSibling;
  photo.closest("li").remove();
  table.hidden = !following;
  if (following) open(following.firstElementChild);
  tell("done", said);
  window.scrollTo(0, 0);
}

table.addEventListener("submit", async (event) => {
  event.preventDefault();
  const checked = [...root.querySelectorAll("[data-check]:checked")].map((each) => each.value);
  const body = JSON.stringify({ marks, step: one("step").value, alt: one("alt").value, faces: one("faces").value, checked });
  const answer = await asked(`${base}/${photo.dataset.photo}`, { method: "POST", body });
  if (!answer) return;
  const steps = [...one("step").options]; // after a new step comes another new one
  if (one("step").value) one("step").value = steps[one("step").selectedIndex + 1]?.value || "";
  next(words.placed);
});

// Pickers give files in any order; screenshots were taken in that of the steps.
const asTaken = (a, b) => a.lastModified - b.lastModified || a.name.localeCompare(b.name, "vi", { numeric: true });

one("file").addEventListener("change", async ({ target }) => {
  const refused = [];
  for (const file of [...target.files].sort(asTaken)) {
    tell("done", `${file.name}: ${words.sending}`);
    const query = new URLSearchParams({ name: file.name });
    const kept = await asked(`${base}/${await digestOf(file)}?${query}`, { method: "PUT", body: file, headers: { accept: "application/json", "content-type": "application/octet-stream" } });
    if (!kept) {
      refused.push(`${file.name}: ${one("trouble").textContent}`);
      continue;
    }
    tell("done", "");
    const button = tray(kept.id, file.name, kept.width_px, kept.height_px);
    if (table.hidden) open(button);
  }
  target.value = "";
  if (refused.length) tell("trouble", refused.join(" · "));
});

one("tray").addEventListener("click", ({ target }) => target.dataset.photo && open(target));
const first = root.querySelector("[data-photo]");
if (first) open(first);
