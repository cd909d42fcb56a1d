// ---- Colours, patterns and bars. What a colour says, a shape, a pattern or a word says, too. ----

// Okabe and Ito's palette, which most eyes tell apart, and three more.
const NODE_COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c6bb1", "#9c8a4a", "#7a8794"];
const KIND_COLOURS = {
  light: ["#a3307f", "#0065a3", "#00795a", "#9a6200", "#5c4fb0", "#8a94a0", "#6b4a2f", "#b5bcc4"],
  dark: ["#f08ccf", "#63b8f0", "#3fd0a4", "#f0b44d", "#b0a4ff", "#77828f", "#c9a27f", "#565f69"],
};
const nodeColour = (n) => (n < 0 ? "#7a8794" : NODE_COLOURS[n % NODE_COLOURS.length]);

let theme = "light";
let ink = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["paper", "panel", "ink", "quiet", "rule", "lane", "alive", "healed", "violation", "trouble", "trouble-ink", "disk", "line", "focus"])
    ink[name] = style.getPropertyValue("--" + name).trim();
  patterns.clear();
}
function setTheme(name) {
  theme = name;
  document.documentElement.dataset.theme = name;
  readColours();
  document.querySelectorAll("#kinds i").forEach((line, i) => (line.style.background = KIND_COLOURS[name][i]));
  redraw();
}

/** Black or white, whichever is read more easily on a colour. */
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? "#000000" : "#ffffff";
}

const patterns = new Map();
/** Slanted lines; `dense` ones are closer. */
function hatch(pen, colour, dense = false) {
  const key = colour + dense;
  if (!patterns.has(key)) {
    const size = dense ? 5 : 8;
    const tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const brush = tile.getContext("2d");
    brush.strokeStyle = colour;
    brush.lineWidth = 1.5;
    for (const shift of [-size, 0, size]) {
      brush.beginPath();
      brush.moveTo(shift, size);
      brush.lineTo(shift + size, 0);
      brush.stroke();
    }
    patterns.set(key, pen.createPattern(tile, "repeat"));
  }
  return patterns.get(key);
}

const FONT = '"DejaVu Sans", "Segoe UI", system-ui, sans-serif';
const widths = new Map();
function textWidth(pen, text) {
  const key = pen.font + text;
  let width = widths.get(key);
  if (width === undefined) widths.set(key, (width = pen.measureText(text).width));
  return width;
}
/** As much of a text as fits; nothing where hardly anything would. */
function write(pen, text, left, middle, room, colour, size = 10.5) {
  pen.font = `${size}px ${FONT}`;
  if (room < 9) return;
  let shown = text;
  if (textWidth(pen, text) > room) {
    const letters = Math.floor(room / (textWidth(pen, text) / text.length)) - 1;
    if (letters < 3) return;
    shown = text.slice(0, letters) + "\u2026";
  }
  pen.fillStyle = colour;
  pen.textBaseline = "middle";
  pen.fillText(shown, left, middle + 0.5);
}

/** The part of a span that is in view, in pixels; nothing if none is. */
function visible(from, to, least = 1.5) {
  if (to < view.from || from > view.to) return null;
  const left = Math.max(x(from), GUTTER), right = Math.min(x(to), GUTTER + plotWidth);
  return { left, width: Math.max(right - left, least) };
}

/** A bar with its text inside. `style`: fill, ink, border, pattern. Gives where it is, or nothing. */
function bar(pen, from, to, top, height, text, style) {
  const part = visible(from, to);
  if (!part) return null;
  if (style.fill) {
    pen.globalAlpha = style.alpha ?? 1;
    pen.fillStyle = style.fill;
    pen.fillRect(part.left, top, part.width, height);
    pen.globalAlpha = 1;
  }
  if (style.pattern) {
    pen.fillStyle = style.pattern;
    pen.fillRect(part.left, top, part.width, height);
  }
  if (style.border && part.width > 2) {
    pen.strokeStyle = style.border;
    pen.lineWidth = 1;
    pen.strokeRect(part.left + 0.5, top + 0.5, part.width - 1, height - 1);
  }
  if (!text) return part;
  const size = Math.min(10.5, height - 1.5);
  if (style.pattern && part.width > 16) {
    // Letters on slanted lines are hard to read.
    pen.font = `${size}px ${FONT}`;
    pen.fillStyle = style.fill || ink.paper;
    pen.fillRect(part.left + 2, top + 1, Math.min(textWidth(pen, text) + 5, part.width - 4), height - 2);
  }
  write(pen, text, part.left + 4, top + height / 2, part.width - 6, style.ink || ink.ink, size);
  return part;
}

// ---- What can be pointed at: filled while drawing, the topmost last ----

let targets = [];
function target(part, top, height, what) {
  if (part) targets.push({ left: part.left - 1, top, right: part.left + part.width + 1, bottom: top + height, what });
}
function found(px, py) {
  for (let i = targets.length - 1; i >= 0; --i) {
    const t = targets[i];
    if (px >= t.left && px <= t.right && py >= t.top && py <= t.bottom) return t;
  }
  return null;
}

/** Puts items into rows in which they do not touch; those beyond the last row share it. */
function pack(items, most, gap = 0) {
  const ends = [];
  for (const item of [...items].sort((a, b) => a.from - b.from)) {
    let row = ends.findIndex((end) => end + gap <= item.from);
    if (row < 0) row = ends.length < most ? ends.length : ends.indexOf(Math.min(...ends));
    ends[row] = Math.max(ends[row] ?? 0, item.to ?? item.end);
    item.row = row;
  }
  return ends.length;
}
