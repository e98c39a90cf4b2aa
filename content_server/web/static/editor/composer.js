// The screen composer: widgets are data; the server draws them, this page only moves and fills them.
const box = document.querySelector("[data-composer]");
const at = (name) => box.querySelector(`[data-${name}]`);
const read = (name) => JSON.parse(box.querySelector(`script[data-${name}-json]`).textContent);
const palette = read("palette");
const shelf = `screen:${box.dataset.composer}:${box.dataset.where}`;
const names = Object.fromEntries(palette.widgets.map(({ kind, name }) => [kind, name]));
const SOON_MS = 250;

let screen = restored() || read("screen");
let tap = box.dataset.tap, chosen = null, timer = 0, drawing = 0;

const element = (tag, more = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), more);
  made.append(...inside);
  return made;
};
const button = (text, act, label, more = "") => {
  const made = element("button", { type: "button", textContent: text, className: more });
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
};

function restored() {
  try { return JSON.parse(sessionStorage.getItem(shelf)); } catch { return null; }
}
function changed() {
  try { sessionStorage.setItem(shelf, JSON.stringify(screen)); } catch { /* the page still holds it */ }
  clearTimeout(timer);
  timer = setTimeout(draw, SOON_MS);
}

// Long way of writing everywhere: {"title": "A"} becomes {"title": {"label": "A"}}.
function spelled(value) {
  for (const widget of value.widgets) {
    for (const [kind, thing] of Object.entries(widget)) {
      if (typeof thing === "string") widget[kind] = { label: thing };
      if (thing === null) widget[kind] = {};
    }
  }
  return value;
}
const follow = (way) => way.reduce((part, key) => part?.[key], screen);

async function draw() {
  const mine = ++drawing;
  const answer = await fetch("/-/soan/ve", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ screen }),
  }).catch(() => null);
  if (mine !== drawing) return;
  const drawn = answer?.ok ? await answer.json() : { problems: [palette.words.lost] };
  const trouble = at("problems");
  trouble.hidden = !drawn.problems.length;
  trouble.replaceChildren(...drawn.problems.map((text) => element("p", { textContent: text })));
  if (!drawn.svg) return;
  const svg = new DOMParser().parseFromString(drawn.svg, "image/svg+xml").documentElement;
  at("drawing").replaceChildren(document.importNode(svg, true));
  at("spots").replaceChildren(overlay(drawn.spots));
}

// A transparent drawing over the drawing: one button for each thing on it.
function overlay(spots) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 360 640");
  for (const spot of spots) {
    const part = follow(spot.way);
    const rect = document.createElementNS(svg.namespaceURI, "rect");
    for (const name of ["x", "y", "width", "height"]) rect.setAttribute(name, spot[name]);
    rect.setAttribute("rx", 12);
    rect.setAttribute("tabindex", 0);
    rect.setAttribute("role", "button");
    rect.setAttribute("aria-label", part?.label || part?.text || names[spot.way[2]] || "");
    rect.classList.toggle("target", Boolean(tap) && part?.id === tap);
    rect.classList.toggle("chosen", chosen && chosen.join() === spot.way.join());
    const choose = () => { chosen = spot.way; panel(); rect.parentNode.querySelectorAll(".chosen").forEach((r) => r.classList.remove("chosen")); rect.classList.add("chosen"); rect.scrollIntoView({ block: "nearest" }); };
    rect.addEventListener("click", choose);
    rect.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); }
    });
    svg.append(rect);
  }
  return svg;
}

function input(part, key, rename) {
  const value = part[key];
  let field;
  if (key === "icon") {
    field = element("select", {}, ...palette.icons.map((name) => new Option(name, name, false, name === value)));
  } else if (palette.choices[key]) {
    field = element("select", {}, ...Object.entries(palette.choices[key]).map(([k, n]) => new Option(n, k, false, k === value)));
  } else if (typeof value === "boolean") {
    field = element("input", { type: "checkbox", checked: value });
  } else {
    field = element("input", { value, type: typeof value === "number" ? "number" : "text", maxLength: 120, autocomplete: "off" });
  }
  field.addEventListener("input", () => {
    part[key] = field.type === "checkbox" ? field.checked : field.type === "number" ? Number(field.value) : field.value;
    changed();
    list();
  });
  const label = element("label", {}, palette.fields[key] || rename || key, field);
  if (field.type === "checkbox") label.className = "tick";
  return label;
}

function rows(part) {
  const made = part.rows.map((row, index) => {
    const cells = [0, 1].map((side) => {
      const cell = element("input", { value: row[side], maxLength: 120 });
      cell.setAttribute("aria-label", `${palette.fields.rows} ${index + 1}`);
      cell.addEventListener("input", () => { row[side] = cell.value; changed(); });
      return cell;
    });
    return element("div", { className: "pair" }, ...cells, button("✕", () => { part.rows.splice(index, 1); changed(); panel(); }, palette.words.remove));
  });
  return element("fieldset", {}, element("legend", { textContent: palette.fields.rows }), ...made,
    button(`+ ${palette.words.add}`, () => { part.rows.push(["", ""]); changed(); panel(); }));
}

function panel() {
  const inside = at("panel");
  const part = chosen && follow(chosen);
  inside.hidden = !part;
  if (!part) return;
  const kind = chosen[2], thing = screen.widgets[chosen[1]][kind];
  const close = button(palette.words.done, () => { chosen = null; panel(); draw(); }, "", "small");
  const made = [element("div", { className: "panel-head" }, element("h2", { textContent: names[kind] || kind }), close)];
  const targets = !["toast", "gap", "pointer"].includes(kind) && box.dataset.hasTap;
  if (targets && !Array.isArray(part)) {
    const is = Boolean(tap) && part.id === tap;
    made.push(button(is ? palette.words.is_target : palette.words.target, () => aim(part), "", is ? "main target" : "main"));
  }
  for (const key of Object.keys(part)) {
    if (key === "rows") made.push(rows(part));
    else if (key !== "id" && ["string", "number", "boolean"].includes(typeof part[key])) made.push(input(part, key));
  }
  const items = Array.isArray(thing) ? thing : thing.buttons || thing.items || thing.actions;
  if (items) made.push(several(items, chosen.slice(0, 3)));
  inside.replaceChildren(...made);
}

function several(items, way) {
  const group = element("fieldset", {}, element("legend", { textContent: palette.fields.buttons }));
  items.forEach((item, index) => {
    const here = Array.isArray(follow(way)) ? [...way, index] : null;
    group.append(element("div", { className: "pair" },
      button(item.label || item.icon, () => { chosen = here || chosen; panel(); }),
      button("✕", () => { items.splice(index, 1); chosen = way; changed(); panel(); }, palette.words.remove)));
  });
  group.append(button(`+ ${palette.words.add}`, () => { items.push({ ...structuredClone(items.at(-1) || { label: "…" }), id: undefined }); changed(); panel(); }));
  return group;
}

function aim(part) {
  if (!part.id) {
    const taken = JSON.stringify(screen);
    let number = 1;
    while (taken.includes(`"cho-${number}"`)) number += 1;
    part.id = `cho-${number}`;
  }
  tap = tap === part.id ? "" : part.id;
  changed();
  panel();
}

function list() {
  at("list").replaceChildren(...screen.widgets.map((widget, index) => {
    const kind = Object.keys(widget)[0], thing = widget[kind];
    const words = thing?.label || thing?.text || thing?.value || (Array.isArray(thing) ? thing.map((each) => each.label).join(", ") : "");
    const move = (way) => () => {
      const other = index + way;
      if (other < 0 || other >= screen.widgets.length) return;
      [screen.widgets[index], screen.widgets[other]] = [screen.widgets[other], screen.widgets[index]];
      chosen = null;
      changed(); list(); panel();
    };
    return element("li", {},
      button(`${names[kind] || kind}${words ? `: ${words}` : ""}`, () => { chosen = ["widgets", index, kind]; panel(); at("panel").scrollIntoView({ block: "nearest" }); }, "", "name"),
      button("▲", move(-1), palette.words.up, "small"), button("▼", move(1), palette.words.down, "small"),
      button("✕", () => { screen.widgets.splice(index, 1); chosen = null; changed(); list(); panel(); }, palette.words.remove, "small danger"));
  }));
}

function start(next) {
  screen = spelled(structuredClone(next));
  chosen = null;
  at("app").value = screen.app;
  changed(); list(); panel();
}

at("app").append(...Object.entries(palette.apps).map(([app, name]) => new Option(name, app)));
at("app").addEventListener("change", (event) => { screen.app = event.target.value; changed(); });
at("palette").append(...palette.widgets.map(({ kind, name, start: begin }) => button(name, () => {
  screen.widgets.push({ [kind]: structuredClone(begin) });
  chosen = ["widgets", screen.widgets.length - 1, kind];
  changed(); list(); panel();
})));

async function known() {
  const answer = await fetch(`/-/soan/bai/${at("lessons").value}/vi/co-san`, { headers: { Accept: "application/json" } });
  const found = answer.ok ? await answer.json() : [];
  at("known").replaceChildren(...found.map(({ name, svg, screen: other }) => {
    const picture = document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
    const made = button("", () => start(other), name, "thumb");
    made.append(picture, element("span", { textContent: name }));
    return made;
  }));
}
at("lessons").addEventListener("change", known);
at("known").closest("details").addEventListener("toggle", (event) => event.target.open && known(), { once: true });

at("trace").addEventListener("change", (event) => {
  const picture = box.querySelector(".trace");
  URL.revokeObjectURL(picture.src);
  picture.hidden = !event.target.files.length;
  if (event.target.files.length) picture.src = URL.createObjectURL(event.target.files[0]);
  fade();
});
function fade() {
  const on = !box.querySelector(".trace").hidden;
  at("drawing").style.opacity = on ? at("fade").value / 100 : 1;
}
at("fade").addEventListener("input", fade);

at("keep").addEventListener("click", async () => {
  const answer = await fetch(box.dataset.composer, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ seen: Number(box.dataset.number), where: box.dataset.where, screen, tap }),
  }).catch(() => null);
  const body = await answer?.json().catch(() => ({}));
  if (answer?.ok) {
    sessionStorage.removeItem(shelf);
    location.assign(body.go);
    return;
  }
  at("problems").hidden = false;
  at("problems").replaceChildren(element("p", { textContent: body?.[document.documentElement.lang] || body?.vi || palette.words.lost }));
});

start(screen);
