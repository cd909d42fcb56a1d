// ---- The lanes: the network, one for each node, and the locks and elections as the log has them. ----

const ROWS = [
  { id: "faults", name: "faults" },
  { id: "beliefs", name: "leases" },
  { id: "calls", name: "calls" },
  { id: "log", name: "log" },
  { id: "disk", name: "disk" },
  { id: "clock", name: "clock" },
  { id: "resources", name: "locks" },
];
const shownRows = new Set(ROWS.map((row) => row.id));

const struck = D.faults.filter((fault) => fault.at < D.about.healed);
const network = [...networkPieces(), ...routePieces()];
const mended = { at: D.about.healed, text: "all faults mended", effect: "The network is whole, disks and clocks are well, everybody is started: from here on all must come well.", nodes: [] };
const networkMarks = [...struck.filter((fault) => !fault.nodes.length), mended];
const networkRows = pack(network, 5);
const lanes = D.nodes.map((name, node) => {
  const faults = [...conditions.filter((c) => c.node === node && c.peer < 0).map((c) => ({ ...c, text: c.what })), ...cutsOf(node)];
  const beliefs = D.beliefs.filter((belief) => belief.node === node);
  const calls = D.calls.filter((call) => call.node === node);
  return {
    node, name, faults, beliefs, calls, remarks: remarks.filter((remark) => remark.node === node),
    marks: struck.filter((fault) => fault.nodes.includes(node)),
    faultRows: Math.max(pack(faults, 4), 1), beliefRows: Math.max(pack(beliefs, 3), 1), callRows: Math.max(pack(calls, 3), 1),
  };
});
const resources = [...new Set([...D.holdings, ...D.beliefs.filter((b) => b.resource !== "GROUP")].map((h) => `${h.election ? "election" : "lock"} ${h.resource}`))]
  .sort()
  .map((name) => {
    const belongs = (h) => `${h.election ? "election" : "lock"} ${h.resource}` === name;
    const beliefs = D.beliefs.filter(belongs).map((belief) => ({ ...belief }));
    return { name, holdings: D.holdings.filter(belongs), beliefs, beliefRows: Math.max(pack(beliefs, 3), 1) };
  });

const AXIS = 24;
let chartHeight = 0;
/** Where everything is, from top to bottom. */
function layOut() {
  let top = AXIS;
  const take = (height) => (top += height) - height;
  const rows = (id, count, height) => (shownRows.has(id) ? { top: take(count * height + 3), height, count } : null);
  layOut.network = { top: take(Math.max(networkRows, 1) * 14 + 10), height: 14 };
  for (const lane of lanes) {
    lane.top = take(3);
    lane.status = take(20);
    lane.clock = clockIsOff[lane.node] ? rows("clock", 1, 11) : null;
    lane.mark = shownRows.has("faults") && lane.marks.length ? take(10) : 0;
    lane.fault = rows("faults", lane.faultRows, 12);
    lane.belief = rows("beliefs", lane.beliefRows, 13);
    lane.call = rows("calls", lane.callRows, 12);
    lane.log = rows("log", 1, 38);
    lane.disk = rows("disk", 1, 8);
    lane.bottom = take(6) + 6;
  }
  layOut.resources = top;
  if (shownRows.has("resources") && resources.length) {
    take(18);
    for (const resource of resources) {
      resource.top = take(14 + resource.beliefRows * 5 + 5);
      resource.bottom = top;
    }
  }
  chartHeight = top + 6;
}

// ---- Around the lanes ----

function drawAxis(pen) {
  pen.fillStyle = ink.healed;
  const healed = visible(D.about.healed, END);
  if (healed) pen.fillRect(healed.left, AXIS, healed.width, chartHeight - AXIS);
  const step = stepOf(length(), plotWidth, 90);
  pen.font = `11px ${FONT}`;
  pen.lineWidth = 1;
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) {
    const left = Math.round(x(t)) + 0.5;
    pen.strokeStyle = ink.rule;
    pen.beginPath();
    pen.moveTo(left, AXIS - 5);
    pen.lineTo(left, chartHeight);
    pen.stroke();
    pen.fillStyle = ink.quiet;
    pen.textBaseline = "middle";
    pen.textAlign = "center";
    pen.fillText(time(t, step), Math.min(Math.max(left, GUTTER + 18), GUTTER + plotWidth - 26), AXIS - 13);
    pen.textAlign = "left";
  }
}

function drawNetwork(pen) {
  const { top, height } = layOut.network;
  for (const piece of network) {
    const style = piece.cut
      ? { fill: ink.trouble, pattern: hatch(pen, ink.quiet), border: ink["trouble-ink"], ink: ink["trouble-ink"] }
      : { fill: ink.trouble, ink: ink["trouble-ink"] };
    target(bar(pen, piece.from, piece.to, top + piece.row * height, height - 2, piece.text, style), top + piece.row * height, height, { kind: "network", item: piece });
  }
  drawMarks(pen, networkMarks, top + Math.max(networkRows, 1) * height);
}

/** Faults as they strike: triangles that point down. */
function drawMarks(pen, marks, top) {
  let free = -1;
  for (const fault of marks) {
    if (fault.at < view.from || fault.at > view.to) continue;
    const left = x(fault.at);
    pen.fillStyle = ink["trouble-ink"];
    pen.beginPath();
    pen.moveTo(left - 4, top);
    pen.lineTo(left + 4, top);
    pen.lineTo(left, top + 8);
    pen.fill();
    target({ left: left - 4, width: 8 }, top, 9, { kind: "fault", item: fault });
    if (left > free) {
      pen.font = `9.5px ${FONT}`;
      const width = textWidth(pen, fault.text);
      const next = marks.find((other) => other.at > fault.at);
      if (left + width < GUTTER + plotWidth && (!next || x(next.at) - left > width + 14)) {
        write(pen, fault.text, left + 6, top + 4, 300, ink["trouble-ink"], 9.5);
        free = left + width + 10;
      }
    }
  }
}

// ---- A node ----

function drawLane(pen, lane) {
  pen.fillStyle = ink.rule;
  pen.fillRect(0, lane.top, GUTTER + plotWidth, 1);
  drawStatus(pen, lane);
  if (lane.clock) drawClock(pen, lane);
  if (lane.fault) drawFaults(pen, lane);
  if (lane.belief) drawBeliefs(pen, lane);
  if (lane.call) drawCalls(pen, lane);
  if (lane.log) drawLog(pen, lane);
  if (lane.disk) drawDisk(pen, lane);
}

function drawStatus(pen, lane) {
  const top = lane.status, height = 17, colour = nodeColour(lane.node);
  for (const life of livesOf[lane.node]) {
    const part = bar(pen, life.from, life.to, top, height, "", { fill: ink.alive });
    target(part, top, height, { kind: "life", item: life });
    const end = visible(life.to, life.to);
    const next = livesOf[lane.node].find((other) => other.from >= life.to);
    if (life.ending && end) write(pen, `\u2716 ${life.ending}`, end.left + 2, top + height / 2, next ? x(next.from) - end.left : 200, ink.quiet);
  }
  for (const standing of standingsOf[lane.node]) {
    if (standing.role === "follower") {
      const part = visible(standing.from, standing.to);
      target(part, top, height, { kind: "standing", item: standing });
      if (part) write(pen, "follows", part.left + 4, top + height / 2, part.width - 6, ink.quiet);
      continue;
    }
    const leads = standing.role === "leader";
    const text = leads ? (standing.started ? `leads in ${standing.ballot}` : `leads, term not started, ${standing.ballot}`) : standing.role === "candidate" ? "stands for leader" : standing.role;
    const style = leads && standing.started
      ? { fill: colour, ink: inkOn(colour) }
      : leads ? { fill: colour, alpha: 0.35, pattern: hatch(pen, colour), border: colour } : { fill: ink.paper, pattern: standing.role === "candidate" ? hatch(pen, colour, true) : null, border: ink.quiet };
    target(bar(pen, standing.from, standing.to, top, height, text, style), top, height, { kind: "standing", item: standing });
  }
  for (const life of livesOf[lane.node])
    if (life.stopped !== null) target(bar(pen, life.stopped, life.to, top, height, `stopped itself: ${life.why}`, { fill: ink.paper, border: ink.violation, ink: ink.violation }), top, height, { kind: "life", item: life });
  for (const condition of lane.faults)
    if (condition.what === "paused") bar(pen, condition.from, condition.to, top, height, "paused", { fill: ink.paper, alpha: 0.75, pattern: hatch(pen, ink.ink, true), border: ink.ink });
  let last = -9;
  for (const remark of lane.remarks) {
    if (remark.at < view.from || remark.at > view.to) continue;
    const left = x(remark.at);
    if (left - last < 1 && remark.level < 2) continue;
    last = left;
    pen.fillStyle = remark.level >= 2 ? ink.violation : ink.quiet;
    pen.fillRect(left - 1, top + height, 2, remark.level >= 2 ? 4 : 3);
    target({ left: left - 2, width: 4 }, top + height - 1, 5, { kind: "remark", item: remark });
  }
}

/** The time that the node's own clock shows, as an axis of its own. */
function drawClock(pen, lane) {
  const step = stepOf(length(), plotWidth, 90), top = lane.clock.top;
  pen.font = `9.5px ${FONT}`;
  for (let i = 0; i < clocks[lane.node].length; ++i) {
    const piece = clocks[lane.node][i], next = clocks[lane.node][i + 1];
    const from = Math.max(piece.at, view.from), to = Math.min(next ? next.at : END, view.to);
    const speed = 1 + piece.ppm / 1e6;
    if (to <= from || speed <= 0) continue;
    const reading = (t) => piece.reading + (t - piece.at) * speed;
    for (let shown = Math.ceil(reading(from) / step) * step; shown <= reading(to); shown += step) {
      const left = x(piece.at + (shown - piece.reading) / speed);
      pen.fillStyle = ink.quiet;
      pen.fillRect(left, top, 1, 10);
      write(pen, time(shown, step), left + 3, top + 5, 80, ink.quiet, 9.5);
    }
  }
  target({ left: GUTTER, width: plotWidth }, top, 11, { kind: "clock", item: lane });
}

function drawFaults(pen, lane) {
  const { top, height } = lane.fault;
  for (const item of lane.faults) {
    const style = item.cut
      ? { fill: ink.trouble, pattern: hatch(pen, ink.quiet), ink: ink["trouble-ink"], border: ink["trouble-ink"] }
      : { fill: ink.trouble, ink: ink["trouble-ink"] };
    target(bar(pen, item.from, item.to, top + item.row * height, height - 1, item.text, style), top + item.row * height, height, { kind: "condition", item });
  }
  if (lane.mark) drawMarks(pen, lane.marks, lane.mark + 1);
}

/** What the node believes to have: solid until its own clock reaches the deadline or it lets go. */
function drawBeliefs(pen, lane) {
  const { top, height } = lane.belief, colour = nodeColour(lane.node);
  // A lease that was given back early would have lasted so long.
  for (const belief of lane.beliefs) {
    const rest = belief.until > belief.to && belief.resource !== "GROUP" ? visible(belief.to, belief.until) : null;
    if (!rest) continue;
    pen.fillStyle = colour;
    pen.globalAlpha = 0.6;
    pen.fillRect(rest.left, top + belief.row * height + 5, rest.width, 1);
    pen.fillRect(rest.left + rest.width - 1, top + belief.row * height + 3, 1, 5);
    pen.globalAlpha = 1;
  }
  for (const belief of lane.beliefs) {
    const y = top + belief.row * height;
    const isGroup = belief.resource === "GROUP";
    const text = isGroup ? "proof that it led" : `${belief.election ? "\u2605 leads" : "holds"} ${belief.resource} #${belief.number % 2 ** 48}`;
    const part = bar(pen, belief.from, belief.to, y + (isGroup ? 3 : 0), isGroup ? 6 : height - 1, isGroup ? "" : text, isGroup ? { fill: colour, alpha: 0.45 } : { fill: ink.paper, border: colour, pattern: belief.election ? hatch(pen, colour) : null, ink: ink.ink });
    if (part && !isGroup) {
      pen.fillStyle = colour;
      pen.fillRect(part.left, y, 3, height - 1);
    }
    target(part, y, height, { kind: "belief", item: belief });
  }
}

const ANSWERS = { ok: "\u2713", no: "\u2298", lost: "?", fail: "!" };
function callText(call) {
  const got = call.got_token ?? call.got_n ?? call.got;
  return `${ANSWERS[call.status]} ${call.op} ${call.object}${got === undefined ? "" : " \u2192 " + (call.got_token ? "#" + (got % 2 ** 48) : got)}`;
}
function drawCalls(pen, lane) {
  const { top, height } = lane.call;
  for (const call of lane.calls) {
    const y = top + call.row * height;
    const ok = call.status === "ok", lost = call.status === "lost";
    const style = ok ? { fill: ink.line, alpha: 0.28 } : lost ? { fill: ink.paper, border: ink.violation, pattern: hatch(pen, ink.violation, true) } : { fill: ink.paper, border: ink.line };
    const part = bar(pen, call.from, call.end, y, height - 2, callText(call), style);
    if (part) {
      pen.fillStyle = lost ? ink.violation : ink.line;
      pen.fillRect(part.left, y, 1, height - 2);
    }
    target(part, y, height - 1, { kind: "call", item: call });
  }
}

// ---- Its log: who owns what it promised, and how far it has come ----

function slotRange() {
  let low = Infinity, high = 0;
  for (const of of levels) {
    const first = Math.max(above(of.at, view.from) - 1, 0), last = above(of.at, view.to) - 1;
    if (first < of.at.length && of.at[first] <= view.to) low = Math.min(low, of.watermark[first]);
    if (last >= 0) high = Math.max(high, of.accepted[last], of.watermark[last]);
  }
  return { low: low === Infinity ? 0 : low, high: Math.max(high, low === Infinity ? 1 : low + 1) };
}

/** Calls `take(from, to, value)` for each stretch of equal values of a level. */
function eachStep(lane, column, take) {
  const of = levels[lane.node];
  for (const life of livesOf[lane.node]) {
    let i = above(of.at, Math.max(life.from, view.from)) - 1;
    if (i < 0 || of.at[i] < life.from) ++i;
    while (i < of.at.length && of.at[i] < life.to && of.at[i] <= view.to) {
      let next = i + 1;
      while (next < of.at.length && of.at[next] < life.to && of[column][next] === of[column][i]) ++next;
      take(of.at[i], next < of.at.length ? Math.min(of.at[next], life.to) : life.to, of[column][i]);
      i = next;
    }
  }
}

function drawLog(pen, lane) {
  const top = lane.log.top, { low, high } = drawLog.range;
  eachStep(lane, "promised", (from, to, ballot) => {
    const colour = ballot ? nodeColour(ownerOf(ballot)) : ink.alive;
    const part = bar(pen, from, to, top, 12, ballot ? `promised ${ballot}` : "nothing promised", { fill: colour, alpha: 0.3 });
    if (part) {
      pen.fillStyle = colour;
      pen.fillRect(part.left, top, 2, 12);
    }
    target(part, top, 12, { kind: "promise", item: { node: lane.node, ballot, from, to } });
  });
  eachStep(lane, "promisedSynced", (from, to, ballot) => {
    const part = visible(from, to);
    if (!part || !ballot) return;
    pen.fillStyle = nodeColour(ownerOf(ballot));
    pen.fillRect(part.left, top + 12, part.width, 2);
  });
  const bottom = top + 36, room = 20;
  const y = (slot) => bottom - ((slot - low) / (high - low)) * room;
  const line = (column, dashes, colour, width) => {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(dashes);
    pen.beginPath();
    let beyond = -1;
    eachStep(lane, column, (from, to, slot) => {
      const left = Math.max(x(from), GUTTER), right = Math.min(x(to), GUTTER + plotWidth);
      if (Math.abs(left - beyond) < 1) pen.lineTo(left, y(slot)); else pen.moveTo(left, y(slot));
      pen.lineTo(right, y(slot));
      beyond = right;
    });
    pen.stroke();
    pen.setLineDash([]);
  };
  line("accepted", [1.5, 2], ink.quiet, 1);
  line("acceptedSynced", [], ink.quiet, 0.7);
  line("watermark", [], ink.ink, 1.6);
  if (high - low <= plotWidth / 25)
    eachStep(lane, "watermark", (from, to, slot) => {
      const part = visible(from, to);
      if (part && part.width > 26) write(pen, String(slot), part.left + 3, Math.max(y(slot) - 6, top + 20), part.width - 4, ink.ink, 9.5);
    });
  target({ left: GUTTER, width: plotWidth }, top + 14, 23, { kind: "log", item: lane });
}

// ---- Its disk ----

function drawDisk(pen, lane) {
  const top = lane.disk.top, of = unsynced[lane.node];
  pen.fillStyle = ink.rule;
  pen.fillRect(GUTTER, top + 6, plotWidth, 1);
  for (const condition of lane.faults)
    if (condition.what && condition.what.startsWith("disk")) bar(pen, condition.from, condition.to, top, 7, "", { pattern: hatch(pen, ink.violation, true) });
  let beyond = -1;
  pen.fillStyle = ink.disk;
  for (let i = Math.max(above(of.from, view.from) - 1, 0); i < of.from.length && of.from[i] <= view.to; ++i) {
    const part = visible(of.from[i], of.to[i], 1);
    if (!part || part.left + part.width <= beyond) continue;
    beyond = part.left + part.width;
    pen.fillRect(part.left, top, part.width, 6);
    if (part.width > 2 || of.lost[i]) target(part, top, 7, { kind: "unsynced", item: { node: lane.node, from: of.from[i], to: of.to[i], lost: of.lost[i] } });
    if (!of.lost[i]) continue;
    write(pen, "\u2716 lost", part.left + part.width + 2, top + 3, 80, ink.violation, 10);
    pen.fillStyle = ink.disk;
  }
}

// ---- Locks and elections ----

function drawResources(pen) {
  if (!shownRows.has("resources") || !resources.length) return;
  pen.fillStyle = ink.rule;
  pen.fillRect(0, layOut.resources, GUTTER + plotWidth, 1);
  for (const resource of resources) {
    for (const holding of resource.holdings) {
      const colour = nodeColour(holding.node);
      const text = `${D.nodes[holding.node] ?? "?"} #${holding.token % 2 ** 48}`;
      target(bar(pen, holding.from, holding.to, resource.top, 13, text, { fill: colour, ink: inkOn(colour), border: ink.paper }), resource.top, 13, { kind: "holding", item: holding });
    }
    for (const belief of resource.beliefs) {
      const y = resource.top + 14 + belief.row * 5;
      target(bar(pen, belief.from, belief.to, y, 4, "", { fill: nodeColour(belief.node) }), y, 4, { kind: "belief", item: belief });
    }
  }
}
