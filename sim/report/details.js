// ---- What something is, in words: for the tip at the pointer and for the panel. ----

/** {title, rows, from, to, node} of a target. Texts are plain: they become text, never markup. */
function explain(what) {
  const { item } = what;
  const node = (n) => (n >= 0 ? `node ${D.nodes[n]}` : "nobody known");
  const when = [["from", stamp(item.from)], ["to", `${stamp(item.to)} (${span(item.to - item.from)})`]];
  const make = (title, rows, more = {}) => ({ title, rows, from: item.from ?? item.at, to: item.to ?? item.end ?? item.at, node: item.node, ...more });
  switch (what.kind) {
    case "life":
      return make(`Node ${D.nodes[item.node]}, life ${item.number}`, [...when, ...(item.stopped === null ? [] : [["stopped itself", `${stamp(item.stopped)}: ${item.why}`]]), ["ended", item.ending || "not within the run"]]);
    case "standing": {
      const means = { leader: item.started ? "Leads, and its term has started: it may serve." : "Has won its ballot; its first entry is not applied yet, so it serves nobody.", follower: "Follows a leader, or waits for one.", candidate: "Stands for leader: asks for pre-votes or promises.", observer: "Has no vote." };
      return make(`${node(item.node)}: ${item.role}`, [["", means[item.role] || ""], ...(item.ballot ? [["ballot", readable(item.ballot)]] : []), ...when]);
    }
    case "condition":
    case "network":
      return make(item.node === undefined ? `Network: ${item.text}` : `${node(item.node)}: ${item.text}`, [...(item.cut ? [["", "What is sent over links waits until the cut ends, or until a system gives up; datagrams are lost."]] : []), ...when]);
    case "fault":
      return make(item === mended ? item.text : `Fault: ${item.text}`, [["", item.effect], ["at", stamp(item.at)]]);
    case "belief":
      return explainBelief(item, make, node);
    case "holding":
      return make(`${item.election ? "Leadership" : "Lock"} ${item.resource}: granted to ${node(item.node)}`, [["token", String(item.token)], ["granted at", `slot ${item.slot} of the log`], ["seen granted", stamp(item.from)], ["seen ended", item.ending ? `${stamp(item.to)}: ${item.ending}` : "not within the run"]]);
    case "call":
      return explainCall(item, make, node);
    case "promise":
      return make(`${node(item.node)} ${item.ballot ? "has promised " + readable(item.ballot) : "has promised nothing"}`, [["", "It ignores every lower ballot. The line below the band shows what of it is synced to the disk."], ...when]);
    case "log":
    case "clock":
      return explainNode(what);
    case "unsynced":
      return make(`${node(item.node)}: written, and not yet synced`, [...when, ["", item.lost ? "The power went first: it is gone." : "A loss of power in between would have taken it."]]);
    case "remark":
      return make(`${node(item.node)} logs`, [["", readable(item.text)], ["at", stamp(item.at)], ["level", ["debug", "info", "warning", "error"][item.level] || ""]]);
    case "message":
      return explainMessage(item, node);
    case "violation":
      return make(`\u2716 ${item.check}`, [["", sentenceOf(item)], ["rules", item.rules.join(", ")], ["from", stamp(item.from)], ["to", stamp(item.to)]]);
  }
  return make(item.text || what.kind, []);
}

const stamp = (t) => time(t, Math.min(1000, length() / 1000));

function explainBelief(item, make, node) {
  const group = item.resource === "GROUP";
  const title = group ? `${node(item.node)} led the cluster, as a majority proved` : `${node(item.node)} believes: it ${item.election ? "leads" : "holds"} ${item.resource}`;
  const local = (t) => time(localClock(item.node, t), 1000);
  return make(title, [
    [group ? "epoch" : "token", String(item.number)], ...(item.session ? [["session", item.session]] : []),
    ["from", `${stamp(item.from)} true, ${local(item.from)} by its clock`], ["to", `${stamp(item.to)} true, ${local(item.to)} by its clock`],
    ["lasts", span(item.to - item.from)],
    ...(item.until === null ? [] : [["lease until", `${stamp(item.until)} true, ${local(item.until)} by its clock`]]),
  ]);
}

function explainCall(item, make, node) {
  const means = { ok: "it took effect", no: "the object's state refused it", lost: "nobody knows whether it took effect", fail: "certainly without effect" };
  const values = ["old", "value", "session", "token"].filter((key) => key in item).map((key) => [key, String(item[key])]);
  const got = [["got", item.got], ["got token", item.got_token], ["count", item.got_n]].filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]);
  return make(`${node(item.node)} calls ${item.op} ${item.object}`, [...values, ["called", stamp(item.from)], ["answered", item.to === null ? "never" : `${stamp(item.to)}, after ${span(item.to - item.from)}`], ["answer", `${item.status}: ${means[item.status]}`], ...got, ["call", String(item.id)]]);
}

function explainMessage(i, node) {
  const lasted = messages.arrived[i] - messages.sent[i];
  const fates = { lost: "never arrived", arrived: lasted > HELD ? `arrived ${span(lasted)} later: held up` : `arrived ${span(lasted)} later`, damaged: `arrived ${span(lasted)} later with a bit turned, and was refused`, ghost: `came once more, ${span(lasted)} after it was sent` };
  return {
    title: `${D.nodes[messages.from[i]]} \u2192 ${D.nodes[messages.to[i]]}: ${readable(D.texts[messages.text[i]])}`,
    rows: [["kind", KINDS[messages.kind[i]].name], ["sent", `${stamp(messages.sent[i])} true, ${time(localClock(messages.from[i], messages.sent[i]), 1000)} by its sender's clock`], ["fate", fates[FATES[messages.fate[i]]]]],
    from: messages.sent[i], to: messages.arrived[i], node: messages.from[i],
  };
}

function explainNode(what) {
  const lane = what.item, t = what.time;
  const now = stateAt(lane.node, t);
  const value = (of) => (of === null || of === "" ? "none" : readable(String(of)));
  return {
    title: `Node ${lane.name} ${now.role}, at ${stamp(t)}`,
    rows: [["promised", value(now.promised)], ["accepted up to", `slot ${value(now.accepted)}`], ["knows chosen up to", `slot ${value(now.watermark)}`], ["its clock shows", `${time(now.clock, 100)} (${offset(now.clock - t)})`]],
    from: t, to: t, node: lane.node,
  };
}
function offset(us) { return Math.abs(us) < 1 ? "true" : `${us > 0 ? "+" : "\u2212"}${span(Math.abs(us))}`; }

// ---- On the page ----

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}
function tableOf(rows) {
  const table = element("table");
  for (const [key, value] of rows) {
    const row = element("tr");
    if (key) row.append(element("td", key));
    const cell = element("td", value, key ? "" : "sentence");
    if (!key) cell.colSpan = 2;
    row.append(cell);
    table.append(row);
  }
  return table;
}

const tip = document.getElementById("tip");
function showTip(what, px, py) {
  if (!what) {
    tip.hidden = true;
    return;
  }
  const { title, rows } = explain(what);
  tip.replaceChildren(element("b", title), tableOf(rows));
  tip.hidden = false;
  const box = chart.parentElement.getBoundingClientRect();
  const left = px + 16 + tip.offsetWidth > box.width ? Math.max(px - tip.offsetWidth - 12, 4) : px + 16;
  const top = chart.offsetTop + py;
  tip.style.left = left + "px";
  tip.style.top = Math.min(top + 14, chart.offsetTop + chartHeight - tip.offsetHeight) + "px";
}

let pinned = null;
function pin(what) {
  pinned = what;
  const panel = document.getElementById("details");
  if (!what) {
    panel.replaceChildren(element("span", "Point at anything in the lanes to see what it is; click to keep it here.", "quiet"));
    redraw();
    return;
  }
  const { title, rows, from, to } = explain(what);
  const go = element("button", "zoom to it");
  go.type = "button";
  go.onclick = () => setView(from - Math.max((to - from) * 0.3, 2000), to + Math.max((to - from) * 0.3, 2000));
  const close = element("button", "let go");
  close.type = "button";
  close.onclick = () => pin(null);
  panel.replaceChildren(element("b", title, "title"), tableOf(rows), go, " ", close);
  redraw();
}
