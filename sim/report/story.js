// ---- The page around the lanes: what the run is, what was broken, the plan, the story. ----

const byId = (id) => document.getElementById(id);

/** What a violation says, as a sentence for those who do not know the check. */
function sentenceOf(violation) {
  const expected = D.expectations.find((e) => !e.came_true && e.text === violation.subject && e.at === violation.from);
  if (expected) return `the plan expects that ${meaningOf(expected)}; but ${violation.sentence}`;
  const sentence = readable(violation.sentence);
  return violation.sentence.startsWith(violation.subject) ? sentence : `${violation.subject}: ${sentence}`;
}
/** Of an expectation, with its own duration. */
function meaningOf(expected) { return expected.meaning.replace(/\bD\b/, expected.text.split(" ").pop()); }

function verdict() {
  const { surprises, violates, end } = D.about;
  const fired = [...new Set(D.violations.map((v) => v.check))];
  if (!surprises.length && violates.length) return { well: true, text: `\u2713 As the plan says it must, ${violates.join(" and ")} fired; nothing else did.` };
  if (!surprises.length) return { well: true, text: `\u2713 All is well: in ${time(end, 1e5)} of simulated time no check found anything wrong.` };
  const first = D.violations.find((v) => surprises.includes(v.check));
  if (!first) return { well: false, text: `\u2716 FAILED: the plan says that a check must fire, and it did not (${surprises.join(", ")}).` };
  const more = fired.length > 1 ? ` (${plural(fired.length - 1, "more check")} fired, too)` : "";
  if (D.expectations.some((e) => !e.came_true && e.text === first.subject)) return { well: false, text: `\u2716 FAILED: at ${time(first.from)} ${sentenceOf(first)}${more}.` };
  return { well: false, text: `\u2716 FAILED: ${first.check} was broken at ${time(first.from)}${more}.` };
}

function fillHeader() {
  const { about } = D;
  document.title = `${about.name} \u00b7 conclave-sim report`;
  byId("name").textContent = about.name;
  byId("comment").textContent = about.comment.replace(/^# ?/gm, "").trim();
  const { well, text } = verdict();
  byId("verdict").textContent = text;
  byId("verdict").className = well ? "well" : "failed";
  byId("facts").textContent = [
    plural(NODES, "node"), `seed ${about.seed}`, `${time(about.healed, 1e5)} of faults (${struck.length} struck), then healed`,
    `${time(about.end, 1e5)} simulated`, plural(D.calls.length, "call"),
    plural(messages.count + D.messages_left_out, "message") + (D.messages_left_out ? ` (of which ${D.messages_left_out.toLocaleString("en")} routine ones are not shown: heartbeats, renewals and gossip that came in time)` : ""),
  ].join(" \u00b7 ");
  byId("replay").textContent = about.replay;
  byId("copy").onclick = () => navigator.clipboard.writeText(about.replay);
}

function fillBroken() {
  const rest = element("details");
  rest.append(element("summary", `${plural(D.violations.length - 1, "more finding")}`));
  if (D.violations.length > 1) byId("broken").append(rest);
  for (const violation of D.violations) {
    const expected = D.about.violates.includes(violation.check);
    const card = element("div", undefined, "finding");
    const title = element("h2", `\u2716 ${violation.check} ${violation.undecided ? "(undecided)" : ""}${expected ? "(the plan says that it must fire)" : ""} `);
    const go = element("button", `show ${time(violation.from)}`);
    go.type = "button";
    go.onclick = () => goTo({ kind: "violation", item: violation });
    title.append(go);
    const sides = element("div", undefined, "sides"), left = element("div"), right = element("div");
    sides.append(left, right);
    card.append(title, sides);
    left.append(element("p", sentenceOf(violation), "sentence"));
    if (violation.rules.length) right.append(element("p", "What schema/PROTOCOL.md says:", "quiet"));
    for (const rule of violation.rules) {
      const line = element("p", undefined, "rule");
      line.append(element("b", rule), D.rules[rule] || "");
      right.append(line);
    }
    if (violation.events.length) left.append(eventsOf(violation));
    else for (const text of saidAt(violation)) left.append(element("p", text));
    if (violation === D.violations[0]) byId("broken").prepend(card); else rest.append(card);
  }
}

/** Checks on single events cite none of the history: what the node said at that very instant. */
function saidAt(violation) {
  const said = new Map();
  for (let i = above(messages.sent, violation.from - 2); i < messages.count && messages.sent[i] <= violation.from + 1; ++i) {
    if (!violation.nodes.includes(messages.from[i])) continue;
    const text = readable(D.texts[messages.text[i]]);
    said.set(text, [...(said.get(text) || []), D.nodes[messages.to[i]]]);
  }
  return [...said].map(([text, to]) => `At this instant it says to ${to.join(", ")}: ${text}.`);
}

/** A line of the history as a sentence. */
function eventWords(text) {
  const e = JSON.parse(text);
  const node = e.node ?? e.client;
  const number = `#${(e.token ?? e.epoch) % 2 ** 48}`;
  const until = e.until === undefined ? "without end" : `until ${time(e.until / 1000)}`;
  switch (e.type) {
    case "call": return `${node} calls ${e.op} ${e.obj}` + ["value", "old", "session", "token", "cmd"].filter((key) => key in e).map((key) => `, ${key} ${e[key]}`).join("");
    case "ret": return `call ${e.id} is answered: ${e.status}` + ["value", "token", "n"].filter((key) => key in e).map((key) => `, ${key} ${e[key]}`).join("");
    case "hold": return `node ${node} believes that it holds ${e.res} (${number}, session ${e.session}), ${until}`;
    case "drop": return `node ${node} no longer believes that it holds ${e.res} (${number})`;
    case "lead": return `node ${node} ${e.res === "GROUP" ? "led the cluster, as a majority proved" : `believes that it leads ${e.res} (${number})`}, ${until}`;
    case "unlead": return `node ${node} leads ${e.res === "GROUP" ? "the cluster" : e.res} no more`;
    case "crash": return `node ${node} dies`;
    case "apply": return `node ${node} (life ${e.life}) has applied slot ${e.slot}: command ${e.hash}, state ${e.digest}`;
    case "restore": return `node ${node} (life ${e.life}) has the state up to slot ${e.slot} from an image: ${e.digest}`;
    case "session": return `session ${e.session} of node ${node}: ${e.what}` + (e.until === undefined ? "" : `, trusted ${until}`);
  }
  return "";
}

function eventsOf(violation) {
  const table = element("table");
  for (const event of violation.events) {
    const row = element("tr");
    const cell = element("td", eventWords(event.text));
    cell.append(element("br"), element("code", `line ${event.line}: ${event.text}`, "quiet"));
    row.append(element("td", time(event.at, 10), "at"), cell);
    row.title = "Click to go there";
    row.onclick = () => show(event.at);
    table.append(row);
  }
  return table;
}

function fillPlan() {
  byId("plan-short").textContent = `${plural(struck.length, "fault")}, ${plural(D.expectations.length, "expectation")}, ${plural(D.about.calls_planned, "call")}`;
  for (const fault of struck) byId("plan-faults").append(planRow(fault.at, fault.text, fault.effect));
  for (const e of D.expectations) byId("plan-expectations").append(planRow(e.at, `${e.came_true ? "\u2713" : "\u2716"} ${e.text}`, meaningOf(e)));
  if (!D.expectations.length) byId("plan-expectations").append(planRow(0, "none: only the checks judge this run", ""));
  byId("plan-text").textContent = D.about.plan;
}
function planRow(at, text, meaning) {
  const row = element("tr");
  row.append(element("td", time(at), "at"), element("td", text), element("td", meaning, "quiet"));
  row.onclick = () => show(at);
  return row;
}

// ---- The story ----

const story = [];
function tell(at, sign, text, what, className = "") { story.push({ at, sign, text, what, className }); }

function writeStory() {
  for (const violation of D.violations) tell(violation.from, "\u2716", `${violation.check}: ${sentenceOf(violation)}`, { kind: "violation", item: violation }, "violation");
  // What strikes at one instant is one line.
  for (const at of new Set(struck.map((fault) => fault.at))) {
    const together = struck.filter((fault) => fault.at === at);
    tell(at, "\u25bc", together.map((fault) => fault.text).join(" \u00b7 "), { kind: "fault", item: together[0] }, "fault");
  }
  tell(D.about.healed, "\u2714", "All faults are mended, everybody is started", null, "phase");
  for (const life of lives) {
    const what = { kind: "life", item: life };
    if (life.number > 1) tell(life.from, "\u25b6", `node ${D.nodes[life.node]} starts again (life ${life.number})`, what, "life");
    if (life.ending) tell(life.to, "\u25a0", `node ${D.nodes[life.node]}: ${life.ending}`, what, "life");
    if (life.stopped !== null) tell(life.stopped, "!", `node ${D.nodes[life.node]} stops itself: ${life.why}`, what, "life");
  }
  for (const standing of standings) {
    if (standing.role !== "leader" || !standing.started) continue;
    const what = { kind: "standing", item: standing };
    tell(standing.from, "\u2605", `node ${D.nodes[standing.node]} leads in ${standing.ballot}`, what, "leader");
    if (standing.to < END) tell(standing.to, "\u2606", `node ${D.nodes[standing.node]} leads no more`, what, "leader");
  }
  for (const condition of conditions) if (condition.what === "has no vote") tell(condition.from, "!", `node ${D.nodes[condition.node]} has lost its vote`, { kind: "condition", item: { ...condition, text: condition.what } }, "life");
  story.sort((a, b) => a.at - b.at);
  story.forEach((line, i) => {
    const button = element("button");
    button.type = "button";
    button.append(element("time", time(line.at)), element("span", line.sign), element("span", line.text));
    button.onclick = () => tellFrom(i);
    const entry = element("li", undefined, line.className);
    entry.append(button);
    byId("story").append(entry);
    line.entry = entry;
  });
}

let told = -1;
function tellFrom(i) {
  if (i < 0 || i >= story.length) return;
  story[told]?.entry.classList.remove("current");
  told = i;
  const line = story[i];
  line.entry.classList.add("current");
  line.entry.scrollIntoView({ block: "nearest" });
  show(line.at);
  pin(line.what);
}
function goTo(what) {
  const { from, to } = what.item;
  // Around an instant so little that the messages can be seen.
  if (to - from < 1000) setView(from - 4000, from + 4000); else show(from, to);
  pin(what);
  chart.scrollIntoView({ block: "nearest" });
}
let lastViolation = -1;
function nextViolation() {
  if (!D.violations.length) return;
  lastViolation = (lastViolation + 1) % D.violations.length;
  goTo({ kind: "violation", item: D.violations[lastViolation] });
}

// ---- The legend: signs, drawn with the very pens ----

const SIGNS = [
  ["A node that leads, in the colour of that node", (pen) => block(pen, nodeColour(0), "leads")],
  ["It follows; it stands for leader", (pen) => (block(pen, ink.alive, "", 0, 37), block(pen, ink.paper, "", 41, 37, hatch(pen, nodeColour(1), true)))],
  ["Its process is paused; it has died", (pen) => (block(pen, ink.paper, "", 0, 37, hatch(pen, ink.ink, true)), write(pen, "\u2716", 48, 9, 30, ink.quiet, 12))],
  ["A fault strikes; something is wrong for a while; a direction is cut", (pen) => (triangle(pen, 5), block(pen, ink.trouble, "", 14, 28), block(pen, ink.trouble, "", 46, 32, hatch(pen, ink.quiet)))],
  ["Lease: the node believes that it holds a lock; that it leads an election (slanted). The thin line after it goes to the deadline that its own clock would have kept", (pen) => (block(pen, ink.paper, "", 0, 28, null, nodeColour(2)), block(pen, nodeColour(2), "", 28, 10, null, null, 1, 8, 1), block(pen, ink.paper, "", 41, 37, hatch(pen, nodeColour(2)), nodeColour(2)))],
  ["A client's call until its answer: \u2713 done, \u2298 refused, ! without effect; ? hatched: nobody knows", (pen) => (block(pen, ink.line, "\u2713", 0, 37, null, null, 0.28), block(pen, ink.paper, "?", 41, 37, hatch(pen, ink.violation, true), ink.violation))],
  ["Band: the highest promised ballot, in the colour of its owner; the line below it: as synced. Curve: slots known chosen; dotted: accepted", (pen) => (block(pen, nodeColour(3), "", 0, 78, null, null, 0.3), strokes(pen))],
  ["Disk: written, and not synced yet; hatched: stalled or failing", (pen) => (block(pen, ink.disk, "", 0, 37), block(pen, ink.paper, "", 41, 37, hatch(pen, ink.violation, true)))],
  ["Locks, below the lanes: who has it by the log; thin: who believes so. Two thin lines at one time would be a violation", (pen) => (block(pen, nodeColour(4), "3 #7", 0, 78, null, null, 1, 0, 11), block(pen, nodeColour(4), "", 0, 60, null, null, 1, 13, 4))],
  ["A message: arrived, held up (dashed; with a ring where it left, if that was long before), once more (dotted)", (pen) => [[], [7, 4], [2, 4]].forEach((dash, i) => segment(pen, 2 + i * 26, dash))],
  ["A message that was lost, or damaged on its way", (pen) => (segment(pen, 2, []), drawCross(pen, 22, 9))],
  ["A check was broken: a line across all lanes, and a mark at the nodes it is about", (pen) => (pen.fillStyle = ink.violation, pen.fillRect(38, 0, 2, 18), write(pen, "\u2716", 42, 9, 30, ink.violation, 12))],
  ["What the node's own clock shows, in the lanes of those whose clock is ever wrong", (pen) => (pen.fillStyle = ink.quiet, pen.fillRect(4, 2, 1, 14), write(pen, "3.002 s", 8, 9, 70, ink.quiet, 10))],
];
function block(pen, fill, text, left = 0, width = 78, pattern = null, border = null, alpha = 1, top = 1, height = 16) {
  pen.globalAlpha = alpha;
  pen.fillStyle = fill;
  pen.fillRect(left, top, width, height);
  pen.globalAlpha = 1;
  if (pattern) (pen.fillStyle = pattern), pen.fillRect(left, top, width, height);
  pen.lineWidth = 1;
  if (border || pattern) (pen.strokeStyle = border || ink.quiet), pen.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
  if (text) write(pen, text, left + 4, top + height / 2, width - 6, fill.length === 7 && alpha === 1 ? inkOn(fill) : ink.ink, 10);
}
function triangle(pen, left) {
  pen.fillStyle = ink["trouble-ink"];
  pen.beginPath();
  pen.moveTo(left - 4, 5);
  pen.lineTo(left + 4, 5);
  pen.lineTo(left, 13);
  pen.fill();
}
function strokes(pen) {
  pen.strokeStyle = ink.ink;
  pen.lineWidth = 1.6;
  pen.beginPath();
  pen.moveTo(0, 15);
  for (const [left, top] of [[30, 15], [30, 10], [55, 10], [55, 5], [78, 5]]) pen.lineTo(left, top);
  pen.stroke();
}
function segment(pen, left, dash) {
  pen.strokeStyle = KIND_COLOURS[theme][1];
  pen.lineWidth = 1.4;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(left, 2);
  pen.lineTo(left + 20, 16);
  pen.stroke();
  pen.setLineDash([]);
}
function fillLegend() {
  const list = byId("signs");
  list.replaceChildren();
  for (const [text, draw] of SIGNS) {
    const canvas = element("canvas");
    const term = element("dt");
    term.append(canvas);
    list.append(term, element("dd", text));
    canvas.dataset.sign = "";
    fillLegend.pens ??= [];
    fillLegend.pens.push({ canvas, draw });
  }
}
function drawLegend() {
  if (!byId("legend").open) return;
  for (const { canvas, draw } of fillLegend.pens) draw(prepare(canvas, 18));
}
