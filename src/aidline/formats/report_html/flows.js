// Deliveries: ribbons on the right of the roads that they take, wider for more tonnes, and
// arrows where no road is known. `ribbons.py` draws the same for paper.
const INK = ["#124a8c", "#0d2f4f"], HEADS_APART = 44;
const MANY = 1200, scales = new Map();
let stretches = [], crowd = 0;

// A flow is [from, to, transfer, first and last stretch of each run, day and tonnes of each day].
function setUpFlows() {
  stretches = map.stretches.map((flat) => {
    const points = [[flat[0], flat[1]]];
    for (let k = 2; k < flat.length; k += 2) {
      const [x, y] = points[points.length - 1];
      points.push([x + flat[k], y + flat[k + 1]]);
    }
    const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
    return { points, box: [least(xs), least(ys), largest(xs), largest(ys)] };
  });
}

const least = (list) => list.reduce((a, b) => Math.min(a, b), Infinity);
const largest = (list) => list.reduce((a, b) => Math.max(a, b), -Infinity);

// [flow, tonnes] of a day, or of the whole plan.
function dayFlows(day) {
  const found = [];
  for (const flow of map.flows) {
    let tonnes = 0;
    for (let k = 0; k < flow[4].length; k += 2) if (day < 0 || flow[4][k] === day) tonnes += flow[4][k + 1];
    if (tonnes > 0) found.push([flow, tonnes]);
  }
  return found;
}

// Tonnes on each stretch, deliveries and transfers apart, and the flows that are arrows.
function loadsOf(flows) {
  const on = [new Float64Array(stretches.length), new Float64Array(stretches.length)], arrows = [];
  for (const [flow, tonnes] of flows) {
    const [, , transfer, runs] = flow;
    if (!runs.length) arrows.push([flow, tonnes]);
    for (let k = 0; k < runs.length; k += 2) for (let s = runs[k]; s <= runs[k + 1]; s++) on[transfer][s] += tonnes;
  }
  return { on, arrows };
}

// The most on one line: of any day where days are shown, so that days can be compared.
function mostTonnes(day) {
  const key = day < 0 ? -1 : 0;
  if (!scales.has(key)) {
    let top = 1e-6;
    for (let d = key; d < (key < 0 ? 0 : days); d++) {
      const { on, arrows } = loadsOf(dayFlows(d));
      top = Math.max(top, largest(on[0]), largest(on[1]), largest(arrows.map((a) => a[1])));
    }
    scales.set(key, top);
  }
  return scales.get(key);
}

// In pixels, finer on a phone and where many ribbons are in sight.
const flowWidth = (tonnes, top) => slim() * (1.8 + 6.6 * Math.sqrt(tonnes / top));
const slim = () => Math.min(1, Math.max(0.6, view.wide / 700)) *
  Math.min(1, Math.max(0.55, Math.sqrt(MANY / 2 / Math.max(1, crowd))));

function paintFlows(day) {
  toScreen();
  const flows = dayFlows(day), top = mostTonnes(day);
  crowd = loadsOf(flows).on.reduce((sum, on) => sum + on.filter((t, s) => t && inSight(stretches[s].box)).length, 0);
  const focus = state.chosen < 0 ? [] : flows.filter(([f]) => map.nodes[f[1]][0] === data.areas[state.chosen]);
  ctx.globalAlpha = focus.length ? 0.22 : 1;
  paintLoads(flows, top);
  ctx.globalAlpha = 1;
  if (focus.length) paintLoads(focus, top);
}

function paintLoads(flows, top) {
  const { on, arrows } = loadsOf(flows), ribbons = [];
  for (const transfer of [0, 1]) {
    on[transfer].forEach((tonnes, s) => {
      if (!tonnes || !inSight(stretches[s].box)) return;
      const width = flowWidth(tonnes, top);
      const inner = transfer && on[0][s] ? flowWidth(on[0][s], top) + 1 : 0;
      ribbons.push({ line: beside(thinned(stretches[s].points), width / 2 + 1 + inner), width, transfer });
    });
  }
  ribbons.sort((a, b) => a.width - b.width);
  ctx.lineCap = "round";
  for (const { line, width } of ribbons) stroke(line, width + 1.8 * slim(), "#fff");
  for (const { line, width, transfer } of ribbons) {
    stroke(line, width, INK[transfer]);
    if (transfer) stroke(line, Math.max(0.4 * width, width - 2.2), "#fff");
  }
  ctx.lineCap = "butt";
  paintHeads(ribbons);
  paintEnds(flows);
  paintArrows(arrows, top);
}

const inSight = ([west, north, east, south]) =>
  sx(east) > -20 && sy(south) > -20 && sx(west) < view.wide + 20 && sy(north) < view.high + 20;

// On the screen, without points too close to be seen: shifted, they would only make knots.
function thinned(points) {
  const kept = [];
  points.forEach(([px, py], k) => {
    const x = sx(px), y = sy(py), last = kept[kept.length - 1];
    if (k === 0 || k === points.length - 1 || Math.hypot(x - last[0], y - last[1]) > 3) kept.push([x, y]);
  });
  return kept;
}

// The line shifted to the right as seen in the direction of driving.
function beside(points, shift) {
  const right = points.slice(1).map(([x, y], k) => {
    const dx = x - points[k][0], dy = y - points[k][1], length = Math.hypot(dx, dy) || 1;
    return [-dy / length, dx / length];
  });
  return points.map(([x, y], k) => {
    const a = right[Math.max(0, k - 1)], b = right[Math.min(right.length - 1, k)];
    const nx = a[0] + b[0], ny = a[1] + b[1], size = Math.max(Math.hypot(nx, ny), 1e-9);
    const reach = shift * Math.min(1.5, 2 / Math.max(size, 0.5)) / size;
    return [x + nx * reach, y + ny * reach];
  });
}

function stroke(line, width, ink) {
  ctx.beginPath();
  line.forEach(([x, y], k) => (k ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.lineWidth = width;
  ctx.strokeStyle = ink;
  ctx.stroke();
}

// Heads on the wide ribbons first, none too close to another.
function paintHeads(ribbons) {
  const taken = new Map(), cell = (v) => Math.floor(v / HEADS_APART);
  const free = (x, y) => {
    for (let i = -1; i < 2; i++) {
      for (let j = -1; j < 2; j++) {
        for (const [a, b] of taken.get(cell(x) + i + ":" + (cell(y) + j)) || []) {
          if (Math.hypot(x - a, y - b) < HEADS_APART) return false;
        }
      }
    }
    return true;
  };
  for (const { line, width, transfer } of ribbons.slice().reverse()) {
    const step = line.slice(1).map(([x, y], k) => Math.hypot(x - line[k][0], y - line[k][1]));
    const length = step.reduce((a, b) => a + b, 0), number = Math.max(1, Math.round(length / (2 * HEADS_APART)));
    if (length < Math.max(14, 2.2 * width + 10)) continue;
    for (let n = 0, k = 0, done = 0; n < number; n++) {
      const at = (n + 0.5) * length / number;
      while (k < step.length - 1 && done + step[k] < at) done += step[k++];
      const [ax, ay] = line[k], [bx, by] = line[k + 1], share = (at - done) / (step[k] || 1);
      const x = ax + (bx - ax) * share, y = ay + (by - ay) * share;
      if (x < 0 || y < 0 || x > view.wide || y > view.high || !free(x, y)) continue;
      const key = cell(x) + ":" + cell(y);
      taken.set(key, [...(taken.get(key) || []), [x, y]]);
      head(x, y, Math.atan2(by - ay, bx - ax), width / 2 + 2.8 * slim(), transfer);
    }
  }
}

function head(x, y, angle, half, transfer) {
  const path = new Path2D(), cos = Math.cos(angle), sin = Math.sin(angle);
  const to = (a, b) => [x + a * cos - b * sin, y + a * sin + b * cos];
  path.moveTo(...to(1.5 * half, 0));
  path.lineTo(...to(-0.7 * half, -half));
  path.lineTo(...to(-0.7 * half, half));
  path.closePath();
  ctx.fillStyle = transfer ? "#fff" : INK[0];
  ctx.strokeStyle = transfer ? INK[1] : "#fff";
  ctx.lineWidth = 1;
  ctx.fill(path);
  ctx.stroke(path);
}

// A dot where goods are handed over.
function paintEnds(flows) {
  if (crowd >= MANY) return;
  ctx.lineWidth = 1;
  ctx.fillStyle = INK[0];
  ctx.strokeStyle = "#fff";
  for (const s of new Set(flows.filter(([f]) => !f[2] && f[3].length).map(([f]) => f[3][f[3].length - 1]))) {
    const [x, y] = stretches[s].points[stretches[s].points.length - 1];
    ctx.beginPath();
    ctx.arc(sx(x), sy(y), 3, 0, 7);
    ctx.fill();
    ctx.stroke();
  }
}

function paintArrows(arrows, top) {
  for (const [[from, to, transfer], tonnes] of arrows.slice().sort((a, b) => a[1] - b[1])) {
    const a = map.nodes[from], b = map.nodes[to];
    const path = arrow(sx(a[1]), sy(a[2]), sx(b[1]), sy(b[2]), flowWidth(tonnes, top), 9);
    if (!path) continue;
    ctx.fillStyle = transfer ? "#fff" : INK[0];
    ctx.strokeStyle = transfer ? INK[1] : "rgb(255 255 255 / .8)";
    ctx.lineWidth = transfer ? 1.1 : 0.8;
    ctx.fill(path);
    ctx.stroke(path);
  }
}

function arrow(x0, y0, x1, y1, width, trim) {
  let length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 2.5 * trim) return null;
  const ux = (x1 - x0) / length, uy = (y1 - y0) / length;
  x0 += ux * trim; y0 += uy * trim; x1 -= ux * trim; y1 -= uy * trim;
  length -= 2 * trim;
  const cx = (x0 + x1) / 2 - uy * 0.12 * length, cy = (y0 + y1) / 2 + ux * 0.12 * length;
  const size = Math.hypot(x1 - cx, y1 - cy), tx = (x1 - cx) / size, ty = (y1 - cy) / size;
  const head = Math.min(2.2 * width, 0.4 * length), hx = x1 - tx * head, hy = y1 - ty * head;
  const tail = width / 8, neck = width / 2, path = new Path2D();
  path.moveTo(x0 - uy * tail, y0 + ux * tail);
  path.quadraticCurveTo(cx - uy * neck * 0.7, cy + ux * neck * 0.7, hx - ty * neck, hy + tx * neck);
  path.lineTo(hx - ty * width, hy + tx * width);
  path.lineTo(x1, y1);
  path.lineTo(hx + ty * width, hy - tx * width);
  path.lineTo(hx + ty * neck, hy - tx * neck);
  path.quadraticCurveTo(cx + uy * neck * 0.7, cy - ux * neck * 0.7, x0 + uy * tail, y0 - ux * tail);
  path.closePath();
  return path;
}

// What the widths mean: two round weights.
function showKey(day) {
  const top = mostTonnes(day), key = $("flow-key");
  key.hidden = top <= 1e-6;
  [top / 10, top].forEach((rough, k) => {
    const power = 10 ** Math.floor(Math.log10(rough));
    const tonnes = largest([1, 2, 5].map((s) => s * power).filter((t) => t <= rough * 1.0001));
    key.children[k].querySelector("path").setAttribute("stroke-width", flowWidth(tonnes, top));
    key.children[k].querySelector("bdi").textContent = (tonnes < 1 ? tonnes : number(tonnes)) + " t";
  });
}
