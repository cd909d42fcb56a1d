// ---- The run, as it was written down, unpacked. Times are microseconds of true time. ----

const D = JSON.parse(document.getElementById("data").textContent);
const END = Math.max(D.about.end, 1);
const NODES = D.nodes.length;
const KINDS = [
  { id: "election", name: "elections", means: "pre-votes, prepare and promise, refusals" },
  { id: "agreement", name: "agreement", means: "accept, accepted, chosen" },
  { id: "learning", name: "learning", means: "what somebody missed: fetch, learn, images" },
  { id: "session", name: "sessions", means: "commands for the leader, renewals of sessions" },
  { id: "read", name: "reads", means: "up to which slot a read must wait" },
  { id: "heartbeat", name: "heartbeats", means: "evidence of life, rounds and their echoes" },
  { id: "link", name: "links", means: "opening, greeting, closing, founding" },
  { id: "gossip", name: "gossip", means: "who is alive, by datagram" },
];
const FATES = ["lost", "arrived", "damaged", "ghost"];
/** What takes longer has been held up. */
const HELD = 5000;

/** The first place in the sorted `list` whose value is above `value`. */
function above(list, value) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= value) low = middle + 1; else high = middle;
  }
  return low;
}

function unpackLevels(packed) {
  const levels = { at: [], promised: [], promisedSynced: [], accepted: [], acceptedSynced: [], watermark: [] };
  let at = 0;
  for (let i = 0; i < packed.length; i += 6) {
    levels.at.push(at += packed[i]);
    levels.promised.push(D.texts[packed[i + 1]]);
    levels.promisedSynced.push(D.texts[packed[i + 2]]);
    levels.accepted.push(packed[i + 3]);
    levels.acceptedSynced.push(packed[i + 4]);
    levels.watermark.push(packed[i + 5]);
  }
  return levels;
}

function unpackUnsynced(packed) {
  const all = { from: [], to: [], lost: [] };
  let from = 0;
  for (let i = 0; i < packed.length; i += 3) {
    all.from.push(from += packed[i]);
    all.to.push(from + packed[i + 1]);
    all.lost.push(packed[i + 2]);
  }
  return all;
}

function unpackMessages(packed) {
  const count = packed.length / 6;
  const m = {
    count, sent: new Float64Array(count), arrived: new Float64Array(count), from: new Int8Array(count), to: new Int8Array(count),
    fate: new Uint8Array(count), kind: new Uint8Array(count), routine: new Uint8Array(count), text: new Uint32Array(count), longs: [],
  };
  let sent = 0;
  for (let i = 0, at = 0; i < count; ++i, at += 6) {
    m.sent[i] = sent += packed[at];
    m.arrived[i] = sent + packed[at + 1];
    m.from[i] = packed[at + 2];
    m.to[i] = packed[at + 3];
    const sort = packed[at + 4];
    m.routine[i] = sort >= 100 ? 1 : 0;
    m.fate[i] = sort % 100 % 4;
    m.kind[i] = sort % 100 >> 2;
    m.text[i] = packed[at + 5];
    if (packed[at + 1] > 50000) m.longs.push(i);
  }
  return m;
}

const levels = D.levels.map(unpackLevels);
const unsynced = D.unsynced.map(unpackUnsynced);
const messages = unpackMessages(D.messages);
const lives = D.lives;
const standings = D.standings.map(([node, role, ballot, started, from, to]) => ({ node, role, ballot, started: !!started, from, to }));
const conditions = D.conditions.map(([node, peer, what, from, to]) => ({ node, peer, what, from, to }));
const remarks = D.remarks.map(([at, node, level, text]) => ({ at, node, level, text }));
const clocks = D.nodes.map((_, n) => D.clocks.filter((c) => c[0] === n).map(([, at, reading, ppm]) => ({ at, reading, ppm })));
for (const call of D.calls) call.end = call.to === null ? END : call.to;

// ---- Questions ----

/** What the clock of a node shows at a time. */
function localClock(node, at) {
  const pieces = clocks[node];
  let piece = pieces[0];
  for (const next of pieces) if (next.at <= at) piece = next;
  return piece ? piece.reading + (at - piece.at) * (1 + piece.ppm / 1e6) : at;
}
const clockIsOff = D.nodes.map((_, n) => clocks[n].some((c) => Math.abs(c.reading - c.at) > 1 || c.ppm !== 0));

/** The owner of a ballot as traces write it; -1: nobody known. */
function ownerOf(ballot) {
  const mark = ballot.slice(ballot.indexOf(".") + 1);
  return mark in D.owners ? D.owners[mark] : -1;
}
const marks = D.nodes.map((_, n) => Object.keys(D.owners).filter((mark) => D.owners[mark] === n));

/** Says whose each ballot in the text is, and writes times in nanoseconds, as the history has them, in seconds. */
function readable(text) {
  return text.replace(/\b\d{7,15}\b/g, (ns) => (+ns <= END * 1100 ? time(+ns / 1000) : ns)).replace(/\b\d+\.([0-9a-f]{2})\b(?! of node)/g, (ballot, mark) => (mark in D.owners ? `${ballot} (of node ${D.nodes[D.owners[mark]]})` : ballot));
}

function at(list, time) { return list.find((each) => each.from <= time && time < each.to); }
const livesOf = D.nodes.map((_, n) => lives.filter((life) => life.node === n));
const standingsOf = D.nodes.map((_, n) => standings.filter((standing) => standing.node === n));

/** The state of a node at a time, in words and numbers. */
function stateAt(node, time) {
  const life = at(livesOf[node], time);
  const place = above(levels[node].at, time) - 1;
  const standing = at(standingsOf[node], time);
  const of = levels[node];
  let role = standing ? { leader: "leads", follower: "follows", candidate: "stands", observer: "observes" }[standing.role] || standing.role : "starts";
  if (standing && standing.role === "leader") role += standing.started ? ` in ${standing.ballot}` : `, not started, in ${standing.ballot}`;
  if (!life) role = "is down";
  else if (life.stopped !== null && life.stopped <= time) role = "has stopped itself";
  else if (conditions.some((c) => c.node === node && c.what === "paused" && c.from <= time && time < c.to)) role = "is paused";
  return {
    life, role, standing, clock: localClock(node, time),
    promised: life && place >= 0 ? of.promised[place] : "", accepted: life && place >= 0 ? of.accepted[place] : null,
    watermark: life && place >= 0 ? of.watermark[place] : null,
  };
}

// ---- Words ----

function plural(count, one, many) { return `${count.toLocaleString("en")} ${count === 1 ? one : many || one + "s"}`; }

/** A length of time. */
function span(us) {
  const size = Math.abs(us);
  if (size < 1000) return `${Math.round(us)} µs`;
  if (size < 1e6) return `${+(us / 1000).toPrecision(4)} ms`;
  return `${+(us / 1e6).toPrecision(5)} s`;
}
/** A time, with as many digits as tell `step` apart. */
function time(us, step = 1000) {
  const digits = step >= 1e6 ? 0 : step >= 1e5 ? 1 : step >= 1e4 ? 2 : step >= 1000 ? 3 : step >= 100 ? 4 : step >= 10 ? 5 : 6;
  return `${(us / 1e6).toFixed(digits)} s`;
}

// ---- Cuts: what single directions add up to ----

const isCut = (c) => c.peer >= 0 && c.what.startsWith("cut");
const cuts = conditions.filter(isCut);

/** Calls `take(from, to, cuts)` for each stretch of time in which the same directions are cut. */
function eachStretch(list, take) {
  const times = [...new Set(list.flatMap((c) => [c.from, c.to]))].sort((a, b) => a - b);
  for (let i = 0; i + 1 < times.length; ++i) {
    const now = list.filter((c) => c.from <= times[i] && times[i + 1] <= c.to);
    if (now.length) take(times[i], times[i + 1], now);
  }
}
function names(nodes) { return [...nodes].sort((a, b) => a - b).map((n) => D.nodes[n]).join(" "); }
function same(a, b) { return a.size === b.size && [...a].every((each) => b.has(each)); }

/** Neighbours of equal text become one. */
function joined(pieces) {
  const all = [];
  for (const piece of pieces) {
    const last = all[all.length - 1];
    if (last && last.text === piece.text && last.to === piece.from) last.to = piece.to; else all.push({ ...piece });
  }
  return all;
}

/** What is cut, as one node feels it. */
function cutsOf(node) {
  const pieces = [];
  eachStretch(cuts.filter((c) => c.node === node || c.peer === node), (from, to, now) => {
    const out = new Set(now.filter((c) => c.node === node).map((c) => c.peer));
    const into = new Set(now.filter((c) => c.peer === node).map((c) => c.node));
    const everybody = (set) => set.size === NODES - 1;
    let text;
    if (same(out, into)) text = everybody(out) ? "cut off from everybody" : `cut off from ${names(out)}`;
    else text = [into.size ? `deaf to ${names(into)}` : "", out.size ? `unheard by ${names(out)}` : ""].filter(Boolean).join(", ");
    const path = now.find((c) => c.what !== "cut");
    pieces.push({ from, to, text: text + (path ? ` ${path.what.slice(4)}` : ""), cut: true });
  });
  return joined(pieces);
}

/** What is cut, as groups where there are any, else as directions. */
function networkPieces() {
  const pieces = [];
  eachStretch(cuts, (from, to, now) => {
    const closed = new Set(now.map((c) => `${c.node}>${c.peer}`));
    const open = (a, b) => !closed.has(`${a}>${b}`);
    const groups = [];
    for (let n = 0; n < NODES; ++n) {
      const group = groups.find((each) => open(each[0], n) && open(n, each[0]));
      if (group) group.push(n); else groups.push([n]);
    }
    const groupOf = (n) => groups.findIndex((group) => group.includes(n));
    let isPartition = true;
    for (let a = 0; a < NODES; ++a)
      for (let b = 0; b < NODES; ++b) if (a !== b && open(a, b) !== (groupOf(a) === groupOf(b))) isPartition = false;
    const arrows = [...closed].map((pair) => pair.split(">").map((n) => D.nodes[n]).join("\u2192"));
    const text = isPartition ? groups.map((group) => `{${names(group)}}`).join("  |  ") : `cut: ${arrows.join(" ")}`;
    pieces.push({ from, to, text, cut: true });
  });
  return joined(pieces);
}

/** The other faults of directions: those that came and went together are one. */
function routePieces() {
  const together = new Map();
  for (const c of conditions) {
    if (c.peer < 0 || isCut(c)) continue;
    const key = JSON.stringify([c.what, c.from, c.to]);
    if (!together.has(key)) together.set(key, []);
    together.get(key).push(c);
  }
  return [...together.values()].map((list) => {
    const from = new Set(list.map((c) => c.node)), to = new Set(list.map((c) => c.peer));
    let where = list.map((c) => `${D.nodes[c.node]}\u2192${D.nodes[c.peer]}`).join(" ");
    if (list.length === NODES * (NODES - 1)) where = "everywhere";
    else if (from.size === 1 && to.size === NODES - 1) where = `from ${names(from)}`;
    else if (to.size === 1 && from.size === NODES - 1) where = `to ${names(to)}`;
    return { from: list[0].from, to: list[0].to, text: `${where}: ${list[0].what}` };
  });
}
