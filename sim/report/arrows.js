// ---- Messages, as lines from lane to lane. ----

const shownKinds = new Set(KINDS.map((_, i) => i));
/** More than this in view would be a cloud: then none is drawn. */
const ARROWS_MAX = 900;
const LABELS_MAX = 60;

const hookOf = (node) => lanes[node].status + 8.5;

/** The messages that were on their way within the view; nothing if they are too many. */
function messagesInView() {
  const list = [];
  const inView = (t) => t >= view.from && t <= view.to;
  const isLong = (i) => messages.arrived[i] - messages.sent[i] > length() / 6;
  const fits = (i) => shownKinds.has(messages.kind[i]) && messages.from[i] >= 0 && messages.to[i] >= 0 &&
    (!isLong(i) || inView(messages.sent[i]) || inView(messages.arrived[i]));
  const first = above(messages.sent, view.from - 50000), last = above(messages.sent, view.to);
  for (const i of messages.longs) {
    if (i >= first || messages.arrived[i] < view.from) continue;
    if (fits(i)) list.push(i);
  }
  let count = list.length;
  for (let i = first; i < last; ++i) {
    if (messages.arrived[i] < view.from && messages.sent[i] < view.from) continue;
    if (!fits(i)) continue;
    ++count;
    if (count <= ARROWS_MAX) list.push(i);
  }
  return { list: count <= ARROWS_MAX ? list : null, count };
}

/** The lines of a message. One that was lost ends on its way; of one that was held up for long the two ends are drawn. */
function linesOf(i) {
  const y0 = hookOf(messages.from[i]), y1 = hookOf(messages.to[i]);
  const x0 = x(messages.sent[i]), x1 = x(messages.arrived[i]);
  const down = y1 > y0 ? 1 : -1;
  if (messages.fate[i] === 0) return [{ x0, y0, x1: x0 + 10, y1: y0 + (y1 - y0) * 0.45 }];
  if (x1 - x0 < plotWidth / 6) return [{ x0, y0, x1, y1 }];
  return [{ x0, y0, x1: x0 + 12, y1: y0 + down * 26, leaves: true }, { x0: x1 - 12, y0: y1 - down * 26, x1, y1 }];
}

function drawArrow(pen, i, colour, strong) {
  for (const line of linesOf(i)) drawLine(pen, i, line, colour, strong);
}
function drawLine(pen, i, { x0, y0, x1, y1, leaves }, colour, strong) {
  const fate = messages.fate[i];
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = strong ? 2.4 : messages.routine[i] ? 0.7 : 1.1;
  if (fate === 3) pen.setLineDash([2, 4]);
  else if (messages.arrived[i] - messages.sent[i] > HELD) pen.setLineDash([7, 4]);
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
  pen.setLineDash([]);
  if (leaves) {
    pen.beginPath();
    pen.arc(x1, y1, 2.5, 0, 7);
    return pen.stroke();
  }
  if (fate === 0 || fate === 2) return drawCross(pen, x1, y1);
  const angle = Math.atan2(y1 - y0, x1 - x0), size = strong ? 8 : 5.5;
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x1 - size * Math.cos(angle - 0.4), y1 - size * Math.sin(angle - 0.4));
  pen.lineTo(x1 - size * Math.cos(angle + 0.4), y1 - size * Math.sin(angle + 0.4));
  pen.fill();
}

function drawCross(pen, left, top) {
  pen.lineWidth = 1.8;
  pen.beginPath();
  pen.moveTo(left - 4, top - 4);
  pen.lineTo(left + 4, top + 4);
  pen.moveTo(left + 4, top - 4);
  pen.lineTo(left - 4, top + 4);
  pen.stroke();
}

let drawnMessages = [];
function drawMessages(pen) {
  const { list, count } = messagesInView();
  drawnMessages = list || [];
  drawMessages.note = list ? "" : `${plural(count, "message")} here: zoom in to see them`;
  if (!list) return;
  const colours = KIND_COLOURS[theme];
  pen.save();
  pen.beginPath();
  pen.rect(GUTTER, AXIS, plotWidth, chartHeight);
  pen.clip();
  // Among many, what says nothing new stands back.
  const crowd = list.length > 250;
  for (const i of list) {
    pen.globalAlpha = crowd && messages.routine[i] ? 0.35 : 1;
    drawArrow(pen, i, colours[messages.kind[i]], false);
  }
  pen.globalAlpha = 1;
  if (list.length <= LABELS_MAX) labelMessages(pen, list, colours);
  pen.restore();
}

/** Says what they say, where there is room for it. */
function labelMessages(pen, list, colours) {
  const taken = [];
  const said = list.length > LABELS_MAX / 2 ? list.filter((i) => !messages.routine[i]) : list;
  for (const i of [...said].sort((a, b) => messages.routine[a] - messages.routine[b])) {
    const { x0, y0, x1, y1 } = linesOf(i)[0];
    const text = D.texts[messages.text[i]].slice(0, 70);
    pen.font = `10px ${FONT}`;
    const width = textWidth(pen, text);
    for (const share of [0.22, 0.12, 0.35, 0.5, 0.7]) {
      const left = x0 + (x1 - x0) * share + 5, top = y0 + (y1 - y0) * share - 6;
      if (left < GUTTER || left > GUTTER + plotWidth - 40) continue;
      if (taken.some((t) => left < t.right && left + width > t.left && top < t.bottom && top + 12 > t.top)) continue;
      taken.push({ left: left - 2, right: left + width + 4, top, bottom: top + 12 });
      pen.globalAlpha = 0.85;
      pen.fillStyle = ink.paper;
      pen.fillRect(left - 2, top, width + 4, 12);
      pen.globalAlpha = 1;
      write(pen, text, left, top + 6, width + 4, colours[messages.kind[i]], 10);
      break;
    }
  }
}

/** The message whose line is nearest to a point, if one is near. */
function messageAt(px, py) {
  let best = -1, least = 5;
  for (const i of drawnMessages)
    for (const { x0, y0, x1, y1 } of linesOf(i)) {
      const dx = x1 - x0, dy = y1 - y0;
      const share = Math.min(Math.max(((px - x0) * dx + (py - y0) * dy) / (dx * dx + dy * dy || 1), 0), 1);
      const distance = Math.hypot(px - x0 - share * dx, py - y0 - share * dy);
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
  return best;
}
