// Diagrams of running cases: the BPMN file drawn by bpmn-js, with what has happened as markers on it.
//
// [data-diagram="URL of the XML"], optionally with data-markers="URL of JSON":
//   {"done": [element ids], "now": [...], "incidents": [...], "taken": [flow ids],
//    "tokens": {element id: number}, "heat": {element id: 1 | 2 | 3}, "labels": {element id: text}}
// A class "mini" draws a small still picture. A diagram too wide to be read as a whole opens at a readable size around
// where the case stands: data-select="element id", else an incident, else a token, else the beginning. A click on an element
// sends the event "diagram:select" (detail: {id, type}) from the container, for the page's list beside it.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import Viewer from "bpmn-js/lib/Viewer";

const CLASSES = { done: "is-done", now: "is-now", incidents: "is-incident", taken: "is-taken" };
const CHINESE = /[\u3400-\u9fff]/;
const IS_STEP = /(Task|Activity|SubProcess)$/;
const KINDS = ["Lane", "Participant"];
const READABLE = { full: 0.6, mini: 0.2 };
const MARGIN = 16; // of the diagram's own units
const LANE_HEAD = 20;
const LABEL_HEIGHT = 22; // pixels
const OPENED_AT = { full: 1, mini: 0.26 };

async function draw(container) {
  const isMini = container.classList.contains("mini");
  const viewer = new (isMini ? Viewer : NavigatedViewer)({ container });
  try {
    const [xml, markers] = await Promise.all([
      load(container.dataset.diagram, (answer) => answer.text()),
      container.dataset.markers ? load(container.dataset.markers, (answer) => answer.json()) : {},
    ]);
    if (document.documentElement.lang === "en") viewer.on("import.parse.complete", sayInEnglish);
    await viewer.importXML(xml);
    markKinds(viewer);
    mark(viewer, markers, isMini);
    open(viewer, standing(viewer, container.dataset.select, markers), isMini ? "mini" : "full");
    container.removeAttribute("aria-busy");
    container.dataset.drawn = "";
  } catch (error) {
    viewer.destroy();
    fail(container);
    throw error;
  }
  if (!isMini) interact(container, viewer);
  if (!isMini) nameLanes(container, viewer);
  new ResizeObserver(() => viewer.get("canvas").resized()).observe(container);
}

async function load(url, read) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return read(response);
}

/** Steps are named by their English gloss, the first line of their documentation; names beside a shape have no room for it. */
function sayInEnglish({ elementsById }) {
  for (const element of Object.values(elementsById ?? {})) {
    const gloss = IS_STEP.test(element.$type) && element.documentation?.[0]?.text?.split("\n")[0].trim();
    if (gloss && !CHINESE.test(gloss)) element.name = gloss;
  }
}

/** Lanes and pools are drawn lighter than the steps in them. */
function markKinds(viewer) {
  const canvas = viewer.get("canvas");
  for (const element of viewer.get("elementRegistry").getAll()) {
    for (const kind of KINDS) if (element.type === `bpmn:${kind}`) canvas.addMarker(element.id, `is-${kind.toLowerCase()}`);
  }
}

function mark(viewer, markers, isMini) {
  const canvas = viewer.get("canvas");
  const known = (id) => viewer.get("elementRegistry").get(id);
  for (const [kind, name] of Object.entries(CLASSES)) {
    for (const id of markers[kind] ?? []) if (known(id)) canvas.addMarker(id, name);
  }
  for (const [id, level] of Object.entries(markers.heat ?? {})) if (known(id)) canvas.addMarker(id, `heat-${level}`);
  if (isMini) return;
  const failed = new Set(markers.incidents ?? []);
  for (const [id, count] of Object.entries(markers.tokens ?? {})) {
    if (known(id)) addPill(viewer, id, String(count), failed.has(id) ? "bad" : "", { top: -10, right: 14 });
  }
  for (const [id, text] of Object.entries(markers.labels ?? {})) {
    if (known(id)) addPill(viewer, id, text, "", { bottom: 10, left: 0 });
  }
}

function addPill(viewer, id, text, kind, position) {
  const pill = document.createElement("span");
  pill.className = `bpmn-pill ${kind}`;
  pill.textContent = text;
  viewer.get("overlays").add(id, { position, html: pill });
}

function fit(viewer) {
  viewer.get("canvas").zoom("fit-viewport", "auto");
}

/** The element a reader looks for first. */
function standing(viewer, chosen, markers) {
  const known = (id) => id && viewer.get("elementRegistry").get(id);
  return [chosen, ...(markers.incidents ?? []), ...(markers.now ?? [])].map(known).find(Boolean);
}

/** The whole diagram where it can be read so, else a part of it at a readable size with the element in its middle. */
function open(viewer, element, size) {
  const canvas = viewer.get("canvas");
  fit(viewer);
  if (canvas.zoom() >= READABLE[size]) return;
  const whole = canvas.viewbox().inner;
  const { width, height } = viewer.get("canvas").getSize();
  const [wide, high] = [width / OPENED_AT[size], height / OPENED_AT[size]];
  const middle = element ? { x: element.x + element.width / 2, y: element.y + element.height / 2 } : { x: 0, y: 0 };
  canvas.viewbox({
    x: within(middle.x - wide / 2, whole.x - MARGIN, whole.x + whole.width + MARGIN - wide),
    y: within(middle.y - high / 2, whole.y - MARGIN, whole.y + whole.height + MARGIN - high),
    width: wide,
    height: high,
  });
}

function within(value, least, most) {
  return most < least ? (least + most) / 2 : Math.min(Math.max(value, least), most);
}

/** The names of the lanes stay at the left edge while their heads are out of sight. */
function nameLanes(container, viewer) {
  const canvas = viewer.get("canvas");
  const lanes = viewer.get("elementRegistry").filter(({ type, children }) => type === "bpmn:Lane" && !children.some((child) => child.type === type));
  const labels = lanes.map((lane) => {
    const label = document.createElement("span");
    label.className = "bpmn-lane";
    label.textContent = lane.businessObject.name ?? "";
    return label;
  });
  const frame = document.createElement("div");
  frame.className = "bpmn-lanes";
  frame.ariaHidden = "true";
  frame.append(...labels);
  container.append(frame);
  const place = () => {
    const box = canvas.viewbox();
    lanes.forEach((lane, number) => {
      const [top, bottom] = [lane.y, lane.y + lane.height].map((y) => (y - box.y) * box.scale);
      const label = labels[number];
      const isHeadSeen = lane.x + LANE_HEAD >= box.x && top >= 0 && bottom <= frame.clientHeight;
      label.hidden = isHeadSeen || bottom < LABEL_HEIGHT || top > frame.clientHeight - LABEL_HEIGHT;
      label.style.top = `${Math.max(top, 0)}px`;
    });
  };
  viewer.on("canvas.viewbox.changed", place);
  place();
}

function interact(container, viewer) {
  const canvas = viewer.get("canvas");
  const actions = {
    fit: () => fit(viewer),
    in: () => canvas.zoom(canvas.zoom() * 1.25),
    out: () => canvas.zoom(canvas.zoom() / 1.25),
  };
  for (const button of container.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => actions[button.dataset.zoom]());
  }
  viewer.on("element.click", ({ element }) => {
    container.dispatchEvent(
      new CustomEvent("diagram:select", { bubbles: true, detail: { id: element.id, type: element.type } }),
    );
  });
}

function fail(container) {
  const text = document.createElement("p");
  text.className = "bpmn-failed muted";
  text.textContent = container.dataset.failed;
  container.replaceChildren(text);
  container.removeAttribute("aria-busy");
}

function drawAll(root) {
  for (const container of root.querySelectorAll("[data-diagram]:not([data-drawn], [aria-busy])")) {
    container.setAttribute("aria-busy", "true");
    draw(container);
  }
}

drawAll(document);
document.addEventListener("htmx:after:settle", () => drawAll(document));
