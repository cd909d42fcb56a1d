// ---- What of the run is in view, and where it is on the screen. ----

const GUTTER = 222;
const SHORTEST = 20;
const view = { from: 0, to: END };
const chart = document.getElementById("chart");
const overview = document.getElementById("overview");
let plotWidth = 100;

const x = (t) => GUTTER + ((t - view.from) / (view.to - view.from)) * plotWidth;
const timeAt = (px) => view.from + ((px - GUTTER) / plotWidth) * (view.to - view.from);
const length = () => view.to - view.from;

function setView(from, to) {
  let size = Math.min(Math.max(to - from, SHORTEST), END);
  const start = Math.min(Math.max(from, 0), END - size);
  view.from = start;
  view.to = start + size;
  rememberView();
  redraw();
}
function zoom(factor, around = (view.from + view.to) / 2) {
  setView(around - (around - view.from) * factor, around + (view.to - around) * factor);
}
function pan(share) { setView(view.from + length() * share, view.to + length() * share); }

/** Brings a stretch of time into view, with something around it. */
function show(from, to = from) {
  const size = Math.max((to - from) * 2.5, Math.min(length(), 1.2e6), 20000);
  const middle = (from + to) / 2;
  setView(middle - size / 2, middle + size / 2);
}

// ---- Links to a view: #from=2.0&to=2.5 (seconds), &theme=dark, &open=legend, &at=SECONDS,LANE to point at something ----

function readHash() { return new URLSearchParams(location.hash.slice(1)); }
let remembering = 0;
function rememberView() {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    const hash = readHash();
    const digits = Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(length() / 1e6))));
    hash.set("from", (view.from / 1e6).toFixed(digits));
    hash.set("to", (view.to / 1e6).toFixed(digits));
    history.replaceState(null, "", "#" + hash);
  }, 250);
}
function viewFromHash() {
  const hash = readHash();
  const from = parseFloat(hash.get("from")), to = parseFloat(hash.get("to"));
  if (from >= 0 && to > from) setView(from * 1e6, to * 1e6);
}

// ---- Redrawing: once a frame at most ----

let drawing = false;
let sceneIsOld = true;
/** `all`: not only what follows the pointer. */
function redraw(all = true) {
  sceneIsOld ||= all;
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    if (sceneIsOld) drawScene();
    sceneIsOld = false;
    drawPointer();
  });
}

/** A canvas of this height, sharp on every screen; its pen counts in pixels of the page. */
function prepare(canvas, height, width = canvas.clientWidth) {
  const ratio = window.devicePixelRatio || 1;
  canvas.style.height = height + "px";
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

/** Round steps for an axis over so many units on so many pixels. */
function stepOf(units, pixels, gap) {
  const least = (units * gap) / pixels;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least);
}
