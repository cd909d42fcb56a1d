// ---- Drawing it all, and what keys, wheel and pointer do. ----

let pointer = null;
let selected = -1;

const scene = document.createElement("canvas");

/** Everything but what follows the pointer. */
function drawScene() {
  plotWidth = Math.max(chart.clientWidth - GUTTER - 2, 50);
  layOut();
  const pen = prepare(scene, chartHeight, chart.clientWidth);
  targets = [];
  drawLog.range = slotRange();
  drawAxis(pen);
  drawNetwork(pen);
  for (const lane of lanes) drawLane(pen, lane);
  drawResources(pen);
  drawMessages(pen);
  drawViolations(pen);
  drawPinned(pen);
  drawOverview();
  drawLegend();
  byId("window").textContent = `${time(view.from, length() / 1000)} to ${time(view.to, length() / 1000)}: ${span(length())}` + (drawMessages.note ? ` \u00b7 ${drawMessages.note}` : ` \u00b7 ${plural(drawnMessages.length, "message")}`);
}

function drawPointer() {
  const pen = prepare(chart, chartHeight);
  pen.drawImage(scene, 0, 0, chart.clientWidth, chartHeight);
  drawGutter(pen);
}

function drawViolations(pen) {
  let free = -1;
  for (const violation of D.violations) {
    const part = visible(violation.from, violation.to, 2);
    if (!part) continue;
    pen.fillStyle = ink.violation;
    pen.globalAlpha = 0.1;
    pen.fillRect(part.left, AXIS, part.width, chartHeight);
    pen.globalAlpha = 1;
    pen.fillRect(part.left, AXIS - 3, 2, chartHeight);
    const label = `\u2716 ${violation.check}`;
    pen.font = `bold 11px ${FONT}`;
    const width = Math.min(textWidth(pen, label) + 8, 260);
    const left = Math.max(part.left, free);
    if (left < part.left + 300) {
      pen.fillRect(left, AXIS - 4, width, 15);
      write(pen, label, left + 4, AXIS + 3.5, width, ink.paper, 11);
      free = left + width + 3;
      target({ left, width }, AXIS - 4, 15, { kind: "violation", item: violation });
    }
    target({ left: part.left, width: 3 }, AXIS, chartHeight, { kind: "violation", item: violation });
    for (const node of violation.nodes) {
      pen.strokeStyle = ink.violation;
      pen.lineWidth = 2.5;
      pen.strokeRect(part.left - 5, lanes[node].status - 2, part.width + 10, 21);
    }
  }
}

function drawPinned(pen) {
  if (!pinned) return;
  pen.save();
  pen.beginPath();
  pen.rect(GUTTER, 0, plotWidth, chartHeight);
  pen.clip();
  if (pinned.kind === "message") drawArrow(pen, pinned.item, ink.focus, true);
  const { from, to } = explain(pinned);
  pen.strokeStyle = ink.focus;
  pen.lineWidth = 1;
  pen.setLineDash([3, 3]);
  for (const t of [from, to]) {
    pen.beginPath();
    pen.moveTo(x(t), AXIS);
    pen.lineTo(x(t), chartHeight);
    pen.stroke();
  }
  pen.restore();
}

/** At the left: the names of the rows, and how each node is at the pointer. */
function drawGutter(pen) {
  const now = pointer ? timeAt(pointer.x) : (view.from + view.to) / 2;
  const t = Math.min(Math.max(now, view.from), view.to);
  pen.fillStyle = ink.paper;
  pen.fillRect(0, 0, GUTTER, chartHeight);
  write(pen, `at ${stamp(t)}${pointer ? "" : " (the middle)"}`, 4, AXIS - 13, GUTTER - 8, ink.quiet, 11);
  write(pen, "network", 4, layOut.network.top + 6, 120, ink.quiet, 11);
  for (const lane of lanes) drawLaneHead(pen, lane, t);
  if (shownRows.has("resources") && resources.length) {
    write(pen, "by the log; thin: who believes so", 4, layOut.resources + 10, GUTTER - 8, ink.quiet, 10);
    for (const resource of resources) write(pen, resource.name, 4, resource.top + 7, GUTTER - 8, ink.ink, 11);
  }
  if (!pointer || pointer.x < GUTTER) return;
  pen.fillStyle = ink.quiet;
  pen.fillRect(pointer.x, AXIS, 1, chartHeight);
}

function drawLaneHead(pen, lane, t) {
  const state = stateAt(lane.node, t);
  if (lane.node === selected) {
    pen.fillStyle = ink.focus;
    pen.fillRect(0, lane.top + 2, 3, lane.bottom - lane.top - 4);
  }
  pen.fillStyle = nodeColour(lane.node);
  pen.fillRect(6, lane.status + 2, 13, 13);
  pen.font = `bold 12px ${FONT}`;
  pen.fillStyle = ink.ink;
  pen.textBaseline = "middle";
  const title = `node ${lane.name}`;
  pen.fillText(title, 24, lane.status + 9);
  const width = textWidth(pen, title);
  write(pen, state.role, 24 + width + 7, lane.status + 9, GUTTER - width - 36, ink.ink, 11);
  const lines = [];
  if (state.life && state.watermark !== null) lines.push(`promised ${state.promised || "nothing"}`, `chosen up to ${state.watermark}`, `accepted up to ${state.accepted}`);
  lines.push(clockIsOff[lane.node] ? `clock ${time(state.clock, 1000)} (${offset(state.clock - t)})` : "clock true", `its ballots: n.${marks[lane.node].join(", n.")}`);
  let y = lane.status + 26;
  for (const line of lines) {
    if (y + 6 > lane.bottom) break;
    write(pen, line, 24, y, GUTTER - 72, ink.quiet, 10);
    y += 13;
  }
  const rows = { faults: lane.fault, leases: lane.belief, calls: lane.call, log: lane.log, disk: lane.disk, "its clock": lane.clock };
  pen.textAlign = "right";
  for (const [name, row] of Object.entries(rows)) if (row) write(pen, name, GUTTER - 5, row.top + Math.min(row.height * row.count, 30) / 2, 60, ink.quiet, 9.5);
  pen.textAlign = "left";
}

/** The whole run on one strip: who leads, when faults struck, what was broken, what is in view. */
function drawOverview() {
  const pen = prepare(overview, 44);
  const px = (t) => GUTTER + (t / END) * plotWidth;
  write(pen, "the whole run", 4, 15, GUTTER, ink.quiet, 11);
  pen.fillStyle = ink.panel;
  pen.fillRect(GUTTER, 4, plotWidth, 30);
  pen.fillStyle = ink.healed;
  pen.fillRect(px(D.about.healed), 4, plotWidth + GUTTER - px(D.about.healed), 30);
  for (const standing of standings) {
    if (standing.role !== "leader" || !standing.started) continue;
    pen.fillStyle = nodeColour(standing.node);
    const width = Math.max(px(standing.to) - px(standing.from), 1.5);
    pen.fillRect(px(standing.from), 16, width, 10);
    write(pen, D.nodes[standing.node], px(standing.from) + 3, 21, width, inkOn(nodeColour(standing.node)), 9.5);
  }
  for (const piece of network) if (piece.cut) (pen.fillStyle = ink["trouble-ink"]), pen.fillRect(px(piece.from), 28, Math.max(px(piece.to) - px(piece.from), 1), 4);
  for (const fault of struck) (pen.fillStyle = ink["trouble-ink"]), pen.fillRect(px(fault.at), 9, 1.5, 6);
  for (const violation of D.violations) (pen.fillStyle = ink.violation), pen.fillRect(px(violation.from) - 1, 0, 3, 38);
  pen.fillStyle = ink.focus;
  pen.globalAlpha = 0.16;
  pen.fillRect(px(view.from), 2, Math.max(px(view.to) - px(view.from), 2), 34);
  pen.globalAlpha = 1;
  pen.strokeStyle = ink.focus;
  pen.lineWidth = 1.5;
  pen.strokeRect(px(view.from), 2, Math.max(px(view.to) - px(view.from), 2), 34);
}

// ---- The pointer ----

function whatIsAt(px, py) {
  const hit = found(px, py);
  // What is small wins over a message, a message over what is large.
  if (hit && hit.right - hit.left < 16) return hit.what;
  const message = messageAt(px, py);
  if (message >= 0) return { kind: "message", item: message };
  return hit ? { ...hit.what, time: timeAt(px) } : null;
}

let grip = null;
chart.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  chart.setPointerCapture(event.pointerId);
  grip = { x: event.offsetX, from: view.from, to: view.to, moved: false };
});
chart.addEventListener("pointermove", (event) => {
  pointer = { x: event.offsetX, y: event.offsetY };
  if (grip && Math.abs(event.offsetX - grip.x) > 3) grip.moved = true;
  if (grip?.moved) {
    chart.classList.add("moving");
    const shift = ((grip.x - event.offsetX) / plotWidth) * (grip.to - grip.from);
    setView(grip.from + shift, grip.to + shift);
    showTip(null);
  } else showTip(pointer.x >= GUTTER ? whatIsAt(pointer.x, pointer.y) : null, pointer.x, pointer.y);
  redraw(false);
});
chart.addEventListener("pointerup", (event) => {
  chart.classList.remove("moving");
  if (grip && !grip.moved) {
    selected = lanes.findIndex((lane) => event.offsetY >= lane.top && event.offsetY < lane.bottom);
    pin(event.offsetX >= GUTTER ? whatIsAt(event.offsetX, event.offsetY) : null);
  }
  grip = null;
});
chart.addEventListener("pointerleave", () => {
  pointer = null;
  showTip(null);
  redraw(false);
});
chart.addEventListener("wheel", (event) => {
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 30 : 1;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return pan(((event.deltaX || event.deltaY) * lines) / plotWidth);
  zoom(1.0016 ** (event.deltaY * lines), timeAt(Math.max(event.offsetX, GUTTER)));
}, { passive: false });
function centreOn(event) {
  const middle = ((event.offsetX - GUTTER) / plotWidth) * END;
  setView(middle - length() / 2, middle + length() / 2);
}
overview.addEventListener("pointerdown", (event) => (overview.setPointerCapture(event.pointerId), centreOn(event)));
overview.addEventListener("pointermove", (event) => event.buttons & 1 && centreOn(event));

// ---- The keys ----

/** What is in the chosen lane, in the order of time. */
function itemsOf(node) {
  const lane = lanes[node];
  const all = [
    ...livesOf[node].map((item) => ({ kind: "life", item })), ...standingsOf[node].map((item) => ({ kind: "standing", item })),
    ...lane.faults.map((item) => ({ kind: "condition", item: { ...item, node } })), ...lane.beliefs.map((item) => ({ kind: "belief", item })),
    ...lane.calls.map((item) => ({ kind: "call", item })), ...lane.remarks.map((item) => ({ kind: "remark", item })),
  ];
  return all.sort((a, b) => (a.item.from ?? a.item.at) - (b.item.from ?? b.item.at));
}
function stepThrough(by) {
  if (selected < 0) selected = 0;
  const items = itemsOf(selected);
  const start = (each) => each.item.from ?? each.item.at;
  let place = items.findIndex((each) => pinned && each.kind === pinned.kind && start(each) === start(pinned) && each.item.id === pinned.item.id);
  if (place < 0) place = above(items.map(start), view.from) - (by > 0 ? 1 : 0);
  const next = items[Math.min(Math.max(place + by, 0), items.length - 1)];
  if (!next) return;
  if (start(next) < view.from || start(next) > view.to) setView(start(next) - length() * 0.3, start(next) + length() * 0.7);
  pin(next);
}
function choose(by) {
  selected = Math.min(Math.max(selected + by, 0), NODES - 1);
  redraw();
}

const KEYS = {
  "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), "0": () => setView(0, END), Home: () => setView(0, END),
  v: nextViolation, n: () => tellFrom(told + 1), p: () => tellFrom(told - 1), Escape: () => pin(null), t: () => setTheme(theme === "dark" ? "light" : "dark"),
};
const CHART_KEYS = {
  ArrowLeft: (event) => pan(event.shiftKey ? -0.8 : -0.15), ArrowRight: (event) => pan(event.shiftKey ? 0.8 : 0.15),
  ArrowUp: () => choose(-1), ArrowDown: () => choose(1), ",": () => stepThrough(-1), ".": () => stepThrough(1),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const elsewhere = document.activeElement && document.activeElement !== document.body && document.activeElement !== chart;
  const act = KEYS[event.key] || (elsewhere ? null : CHART_KEYS[event.key]);
  if (!act) return;
  event.preventDefault();
  act(event);
});

// ---- Buttons and filters ----

function addFilter(parent, name, title, colour, isOn, change) {
  const label = element("label");
  const box = element("input");
  box.type = "checkbox";
  box.checked = isOn;
  box.onchange = () => (change(box.checked), redraw());
  label.title = title;
  label.append(box);
  if (colour) {
    const line = element("i");
    line.style.background = colour;
    label.append(line);
  }
  label.append(name);
  byId(parent).append(label);
}
const put = (set, value, isIn) => (isIn ? set.add(value) : set.delete(value));
for (const row of ROWS) addFilter("rows", row.name, "", null, true, (on) => put(shownRows, row.id, on));
KINDS.forEach((kind, i) => addFilter("kinds", kind.name, kind.means, KIND_COLOURS.light[i], true, (on) => put(shownKinds, i, on)));

for (const [sort, name] of [["fault", "faults"], ["leader", "leaders"], ["life", "lives"]])
  addFilter("sorts", name, "", null, true, (on) => byId("story").classList.toggle(`no-${sort}`, !on));

byId("zoom-in").onclick = () => zoom(0.6);
byId("zoom-out").onclick = () => zoom(1 / 0.6);
byId("fit").onclick = () => setView(0, END);
byId("earlier").onclick = () => pan(-0.4);
byId("later").onclick = () => pan(0.4);
byId("first-violation").onclick = nextViolation;
byId("first-violation").disabled = !D.violations.length;
byId("theme").onclick = () => setTheme(theme === "dark" ? "light" : "dark");
byId("legend").ontoggle = redraw;
window.addEventListener("resize", redraw);
window.addEventListener("hashchange", viewFromHash);

fillHeader();
fillBroken();
fillPlan();
fillLegend();
writeStory();
const wished = readHash();
for (const id of (wished.get("open") || "").split(",")) if (id && byId(id)) byId(id).open = true;
setTheme(wished.get("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
pin(null);
viewFromHash();
if (wished.has("violation")) nextViolation();
if (wished.has("at")) {
  drawScene();
  const [t, node, below] = wished.get("at").split(",").map(Number);
  pin(whatIsAt(x(t * 1e6), lanes[node].top + below));
}
