// The screen composer: widgets are data; the server draws them, this page only moves and fills them.

/**
 * @typedef {Record<string, any>} Part the fields of a widget, or of a button or picture on it
 * @typedef {Record<string, any>} Widget one kind, and its part (or list of parts)
 * @typedef {{app: string, widgets: Widget[]}} Screen
 * @typedef {(string | number)[]} Path leads to a part: ["widgets", 2, "dialog", "buttons", 0]
 * @typedef {{path: Path, x: number, y: number, width: number, height: number}} Spot
 *
 * @typedef {object} Palette
 * @property {{kind: string, name: string, start: any}[]} widgets
 * @property {Record<string, string>} fields
 * @property {Record<string, Record<string, string>>} choices
 * @property {Record<string, string>} apps
 * @property {string[]} icons
 * @property {Record<string, string>} words
 *
 * @typedef {object} Elements by their data- attributes
 * @property {HTMLSelectElement} app
 * @property {HTMLElement} drawing
 * @property {HTMLInputElement} fade
 * @property {HTMLButtonElement} keep
 * @property {HTMLElement} known
 * @property {HTMLSelectElement} lessons
 * @property {HTMLElement} list
 * @property {HTMLElement} palette
 * @property {HTMLElement} panel
 * @property {HTMLElement} problems
 * @property {HTMLElement} spots
 * @property {HTMLInputElement} trace
 */

const root = document.querySelector("[data-composer]");
/** @type {<N extends keyof Elements>(name: N) => Elements[N]} */
const at = (name) => /** @type {any} */ (root.querySelector(`[data-${name}]`));
const readJson = (/** @type {string} */ name) => JSON.parse(root.querySelector(`script[data-${name}-json]`).textContent);
/** @type {Palette} */
const palette = readJson("palette");
const storageKey = `screen:${root.dataset.composer}:${root.dataset.where}`;
const kindNames = Object.fromEntries(palette.widgets.map(({ kind, name }) => [kind, name]));
const JSON_HEADERS = { "Content-Type": "application/json", Accept: "application/json" };
const SVG = "http://www.w3.org/2000/svg";
const REDRAW_MS = 250;

/** @type {Screen} */
let screen = restored() || readJson("screen");
let tap = root.dataset.tap, timer = 0, requests = 0;
/** @type {Path | null} */
let selected = null;

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** @type {(text: string, act: () => void, label?: string, className?: string) => HTMLButtonElement} */
function button(text, act, label = "", className = "") {
  const made = element("button", { type: "button", textContent: text, className });
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

/** @returns {Screen | null} */
function restored() {
  try { return JSON.parse(sessionStorage.getItem(storageKey)); } catch { return null; }
}

function changed() {
  try { sessionStorage.setItem(storageKey, JSON.stringify(screen)); } catch { /* the page still holds it */ }
  clearTimeout(timer);
  timer = setTimeout(draw, REDRAW_MS);
}

/**
 * Long way of writing everywhere: {"title": "A"} becomes {"title": {"label": "A"}}.
 * @param {Screen} value
 */
function normalized(value) {
  for (const widget of value.widgets) {
    for (const [kind, part] of Object.entries(widget)) {
      if (typeof part === "string") widget[kind] = { label: part };
      if (part === null) widget[kind] = {};
    }
  }
  return value;
}

/**
 * @param {Path} path
 * @returns {any}
 */
const follow = (path) => path.reduce((/** @type {any} */ part, key) => part?.[key], screen);

async function draw() {
  const mine = ++requests;
  const answer = await fetch(root.dataset.draw, { method: "POST", headers: JSON_HEADERS, body: JSON.stringify({ screen }) }).catch(() => null);
  if (mine !== requests) return;
  /** @type {{problems: string[], svg?: string, spots?: (Omit<Spot, "path"> & {way: Path})[]}} */
  const drawn = answer?.ok ? await answer.json() : { problems: [palette.words.lost] };
  const problems = at("problems");
  problems.hidden = !drawn.problems.length;
  problems.replaceChildren(...drawn.problems.map((text) => element("p", { textContent: text })));
  if (!drawn.svg) return;
  at("drawing").replaceChildren(parsedSvg(drawn.svg));
  at("spots").replaceChildren(overlay((drawn.spots || []).map(({ way, ...area }) => ({ path: way, ...area }))));
}

/** @param {string} text */
function parsedSvg(text) {
  return document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
}

/**
 * A transparent drawing over the drawing: one button for each thing on it.
 * @param {Spot[]} spots
 */
function overlay(spots) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 360 640");
  svg.append(...spots.map(spotButton));
  return svg;
}

/** @param {Spot} spot */
function spotButton({ path, x, y, width, height }) {
  const part = follow(path), rect = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ x, y, width, height, rx: 12, tabindex: 0 })) rect.setAttribute(name, value);
  rect.setAttribute("role", "button");
  rect.setAttribute("aria-label", part?.label || part?.text || kindNames[path[2]] || "");
  rect.classList.toggle("target", Boolean(tap) && part?.id === tap);
  rect.classList.toggle("chosen", selected?.join() === path.join());
  const choose = () => {
    selected = path;
    drawPanel();
    for (const each of at("spots").querySelectorAll(".chosen")) each.classList.remove("chosen");
    rect.classList.add("chosen");
    rect.scrollIntoView({ block: "nearest" });
  };
  rect.addEventListener("click", choose);
  rect.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); }
  });
  return rect;
}

/** @type {(names: [value: string, name: string][], chosen: string) => HTMLSelectElement} */
function choice(names, chosen) {
  return element("select", {}, ...names.map(([value, name]) => new Option(name, value, false, value === chosen)));
}

/** @type {(part: Part, key: string) => HTMLInputElement | HTMLSelectElement} */
function fieldFor(part, key) {
  const value = part[key];
  if (key === "icon") return choice(palette.icons.map((name) => [name, name]), value);
  if (palette.choices[key]) return choice(Object.entries(palette.choices[key]), value);
  if (typeof value === "boolean") return element("input", { type: "checkbox", checked: value });
  return element("input", { value, type: typeof value === "number" ? "number" : "text", maxLength: 120, autocomplete: "off" });
}

/** @param {HTMLInputElement | HTMLSelectElement} field */
function valueOf(field) {
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  return field.type === "number" ? Number(field.value) : field.value;
}

/** @type {(part: Part, key: string) => HTMLLabelElement} */
function labelledField(part, key) {
  const field = fieldFor(part, key);
  field.addEventListener("input", () => {
    part[key] = valueOf(field);
    changed();
    drawList();
  });
  const label = element("label", {}, palette.fields[key] || key, field);
  if (field.type === "checkbox") label.className = "tick";
  return label;
}

/** @param {Part} part */
function rowFields(part) {
  /** @type {string[][]} */
  const rows = part.rows;
  const made = rows.map((row, index) => {
    const cells = [0, 1].map((side) => {
      const cell = element("input", { value: row[side], maxLength: 120 });
      cell.setAttribute("aria-label", `${palette.fields.rows} ${index + 1}`);
      cell.addEventListener("input", () => { row[side] = cell.value; changed(); });
      return cell;
    });
    const removal = button("✕", () => { rows.splice(index, 1); changed(); drawPanel(); }, palette.words.remove);
    return element("div", { className: "pair" }, ...cells, removal);
  });
  return element("fieldset", {}, element("legend", { textContent: palette.fields.rows }), ...made,
    button(`+ ${palette.words.add}`, () => { rows.push(["", ""]); changed(); drawPanel(); }));
}

function drawPanel() {
  const panel = at("panel"), path = selected, part = path && follow(path);
  panel.hidden = !part;
  if (!path || !part) return;
  const kind = String(path[2]), whole = follow(path.slice(0, 3));
  const close = button(palette.words.done, () => { selected = null; drawPanel(); draw(); }, "", "small");
  /** @type {HTMLElement[]} */
  const made = [element("div", { className: "panel-head" }, element("h2", { textContent: kindNames[kind] || kind }), close)];
  const canBeTapped = !["toast", "gap", "pointer"].includes(kind) && root.dataset.hasTap;
  if (canBeTapped && !Array.isArray(part)) {
    const isTarget = Boolean(tap) && part.id === tap;
    made.push(button(isTarget ? palette.words.is_target : palette.words.target, () => toggleTarget(part), "", isTarget ? "main target" : "main"));
  }
  for (const key of Object.keys(part)) {
    if (key === "rows") made.push(rowFields(part));
    else if (key !== "id" && ["string", "number", "boolean"].includes(typeof part[key])) made.push(labelledField(part, key));
  }
  const items = Array.isArray(whole) ? whole : whole.buttons || whole.items || whole.actions;
  if (items) made.push(itemFields(items, path.slice(0, 3)));
  panel.replaceChildren(...made);
}

/** @type {(items: Part[], path: Path) => HTMLFieldSetElement} */
function itemFields(items, path) {
  const group = element("fieldset", {}, element("legend", { textContent: palette.fields.buttons }));
  items.forEach((item, index) => {
    const own = Array.isArray(follow(path)) ? [...path, index] : null;
    group.append(element("div", { className: "pair" },
      button(item.label || item.icon, () => { selected = own || selected; drawPanel(); }),
      button("✕", () => { items.splice(index, 1); selected = path; changed(); drawPanel(); }, palette.words.remove)));
  });
  group.append(button(`+ ${palette.words.add}`, () => {
    items.push({ ...structuredClone(items[items.length - 1] || { label: "…" }), id: undefined });
    changed();
    drawPanel();
  }));
  return group;
}

/** @param {Part} part */
function toggleTarget(part) {
  if (!part.id) {
    const used = JSON.stringify(screen);
    let number = 1;
    while (used.includes(`"cho-${number}"`)) number += 1;
    part.id = `cho-${number}`;
  }
  tap = tap === part.id ? "" : part.id;
  changed();
  drawPanel();
}

function drawList() {
  at("list").replaceChildren(...screen.widgets.map(listItem));
}

/** @type {(widget: Widget, index: number) => HTMLLIElement} */
function listItem(widget, index) {
  const kind = Object.keys(widget)[0], part = widget[kind];
  const text = part?.label || part?.text || part?.value
    || (Array.isArray(part) ? part.map((each) => each.label).join(", ") : "");
  const move = (/** @type {number} */ by) => () => {
    const other = index + by;
    if (other < 0 || other >= screen.widgets.length) return;
    [screen.widgets[index], screen.widgets[other]] = [screen.widgets[other], screen.widgets[index]];
    selected = null;
    changedAll();
  };
  const open = () => {
    selected = ["widgets", index, kind];
    drawPanel();
    at("panel").scrollIntoView({ block: "nearest" });
  };
  const remove = () => {
    screen.widgets.splice(index, 1);
    selected = null;
    changedAll();
  };
  return element("li", {},
    button(`${kindNames[kind] || kind}${text ? `: ${text}` : ""}`, open, "", "name"),
    button("▲", move(-1), palette.words.up, "small"),
    button("▼", move(1), palette.words.down, "small"),
    button("✕", remove, palette.words.remove, "small danger"));
}

function changedAll() {
  changed();
  drawList();
  drawPanel();
}

/** @param {Screen} next */
function openScreen(next) {
  screen = normalized(structuredClone(next));
  selected = null;
  at("app").value = screen.app;
  changedAll();
}

at("app").append(...Object.entries(palette.apps).map(([app, name]) => new Option(name, app)));
at("app").addEventListener("change", () => { screen.app = at("app").value; changed(); });
at("palette").append(...palette.widgets.map(({ kind, name, start }) => button(name, () => {
  screen.widgets.push({ [kind]: structuredClone(start) });
  selected = ["widgets", screen.widgets.length - 1, kind];
  changedAll();
})));

async function showExisting() {
  const answer = await fetch(root.dataset.knownScreens.replace("{slug}", at("lessons").value), { headers: { Accept: "application/json" } });
  /** @type {{name: string, svg: string, screen: Screen}[]} */
  const found = answer.ok ? await answer.json() : [];
  at("known").replaceChildren(...found.map(({ name, svg, screen: other }) => {
    const made = button("", () => openScreen(other), name, "thumb");
    made.append(parsedSvg(svg), element("span", { textContent: name }));
    return made;
  }));
}
at("lessons").addEventListener("change", showExisting);
const existing = at("known").closest("details");
existing?.addEventListener("toggle", () => { if (existing.open) showExisting(); }, { once: true });

const tracing = /** @type {HTMLImageElement} */ (root.querySelector(".trace"));
at("trace").addEventListener("change", () => {
  const file = at("trace").files?.[0];
  URL.revokeObjectURL(tracing.src);
  tracing.hidden = !file;
  if (file) tracing.src = URL.createObjectURL(file);
  fade();
});
function fade() {
  at("drawing").style.opacity = String(tracing.hidden ? 1 : Number(at("fade").value) / 100);
}
at("fade").addEventListener("input", fade);

at("keep").addEventListener("click", async () => {
  const answer = await fetch(root.dataset.save, {
    method: "POST",
    headers: JSON_HEADERS,
    body: JSON.stringify({ seen: Number(root.dataset.number), where: root.dataset.where, screen, tap }),
  }).catch(() => null);
  const body = await answer?.json().catch(() => ({}));
  if (answer?.ok) {
    sessionStorage.removeItem(storageKey);
    location.assign(body.go);
    return;
  }
  at("problems").hidden = false;
  at("problems").replaceChildren(element("p", { textContent: body?.[document.documentElement.lang] || body?.vi || palette.words.lost }));
});

openScreen(screen);
