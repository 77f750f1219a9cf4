// The map, drawn on a canvas.
const canvas = $("map-canvas");
let view = null, shapes = [], roads = [], symbols = {}, ctx = null, hatch = null, queued = false;
const most = { people: 1 };

function setUpMap() {
  ctx = canvas.getContext("2d");
  shapes = map.at.map(([x, y], k) => {
    const node = $("a" + k);
    if (!node) return { x, y, path: null, box: null };
    const box = node.getBBox();
    return { x, y, path: new Path2D(node.getAttribute("d")), box };
  });
  roads = map.roads.map((r, k) => ({ ...r, shape: new Path2D($("r" + k).getAttribute("d")) }));
  for (const [kind, path] of Object.entries(map.symbols)) symbols[kind] = new Path2D(path);
  most.people = Math.max(1, ...data.people.slice(0, 1), data.people.reduce((a, b) => Math.max(a, b), 1));
  setUpFlows();
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const ink = tile.getContext("2d");
  ink.strokeStyle = "#3a3a38";
  ink.lineWidth = 1.4;
  ink.stroke(new Path2D("M-2 2L2-2M0 8L8 0M6 10L10 6"));
  hatch = ctx.createPattern(tile, "repeat");
  new ResizeObserver(resize).observe($("map-frame"));
  resize();
}

function resize() {
  const wide = $("map-frame").clientWidth;
  if (!wide) return;
  const high = Math.round(Math.min(wide * map.height / map.width, Math.max(380, innerHeight * 0.78)));
  const ratio = devicePixelRatio || 1;
  canvas.style.height = high + "px";
  canvas.width = Math.round(wide * ratio);
  canvas.height = Math.round(high * ratio);
  view = { wide, high, ratio, scale: 1, x: 0, y: 0 };
  showAll();
}

function showAll() {
  view.least = Math.min(view.wide / map.width, view.high / map.height);
  view.scale = view.least;
  view.x = (view.wide - map.width * view.scale) / 2;
  view.y = (view.high - map.height * view.scale) / 2;
  canvas.style.touchAction = "pan-y";
  draw();
}

function zoom(factor, x = view.wide / 2, y = view.high / 2) {
  const next = Math.min(view.least * 40, Math.max(view.least, view.scale * factor));
  view.x = x - (x - view.x) * next / view.scale;
  view.y = y - (y - view.y) * next / view.scale;
  view.scale = next;
  // A map that is zoomed in is moved by one finger; otherwise the finger scrolls the page.
  canvas.style.touchAction = next > view.least * 1.02 ? "none" : "pan-y";
  draw();
}

function pan(dx, dy) {
  view.x += dx;
  view.y += dy;
  draw();
}

function draw() {
  if (!queued) {
    queued = true;
    requestAnimationFrame(() => { queued = false; paint(); });
  }
}

const sx = (x) => x * view.scale + view.x, sy = (y) => y * view.scale + view.y;
const toMap = () => ctx.setTransform(view.ratio * view.scale, 0, 0, view.ratio * view.scale,
  view.ratio * view.x, view.ratio * view.y);
const toScreen = () => ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);

function paint() {
  const day = shownDay();
  toScreen();
  ctx.lineJoin = "round";
  ctx.textAlign = "center";
  ctx.fillStyle = "#eef2f4";
  ctx.fillRect(0, 0, view.wide, view.high);
  paintAreas(day);
  if (state.layers.roads) paintRoads(day);
  if (state.layers.flows) paintFlows(day);
  if (state.layers.roads) paintClosures(day);
  if (state.layers.spots) paintSpots();
  if (state.layers.labels) paintLabels();
  const km = map.scaleKm / 10 ** Math.round(Math.log10(view.scale / view.least));
  $("map-scale").firstElementChild.style.width = km * map.kmUnits * view.scale + "px";
  $("map-scale").lastElementChild.textContent = number(km) + " km";
  $("map-date").textContent = day < 0 ? words.whole : data.longDays[day];
  canvas.dataset.day = day;
  canvas.dataset.flows = dayFlows(day).length;
  showKey(day);
}

const radius = (k) => 6 + 14 * Math.sqrt(data.people[k] / most.people);
const minor = (kind) => kind === "site" || kind === "base" || kind === "hospital";

function paintAreas(day) {
  const line = 1 / view.scale;
  shapes.forEach((shape, k) => {
    if (shape.x === null) return;
    const cut = isCut(k, day);
    const colour = !state.layers.coverage ? "#fff" : cut ? data.colours.cut : colourOf(k, day);
    const marked = k === state.chosen || k === state.hover;
    let path = shape.path;
    if (path) toMap();
    else {
      toScreen();
      path = new Path2D();
      path.arc(sx(shape.x), sy(shape.y), radius(k), 0, 7);
    }
    ctx.fillStyle = colour;
    ctx.fill(path);
    if (cut && state.layers.coverage) {
      hatch.setTransform(new DOMMatrix().scale(shape.path ? line : 1));
      ctx.fillStyle = hatch;
      ctx.fill(path);
    }
    ctx.lineWidth = (marked ? 0 : 0.8) * (shape.path ? line : 1);
    ctx.strokeStyle = "#8a8a86";
    if (!marked) ctx.stroke(path);
  });
  for (const k of [state.hover, state.chosen]) {
    if (k < 0 || !shapes[k].path) continue;
    toMap();
    ctx.lineWidth = (k === state.chosen ? 3 : 1.8) * line;
    ctx.strokeStyle = "#1c1c1a";
    ctx.stroke(shapes[k].path);
  }
}

function colourOf(k, day) {
  const p = share(k, day, state.group);
  return p === NONE ? data.colours.none : data.colours.fills[data.colours.steps.filter((s) => p >= s).length];
}

const roadState = (road, day) => {
  if (day < 0) return Math.max(...road.states.map((s) => s[1]));
  return road.states.reduce((now, s) => (s[0] <= day ? s[1] : now), 0);
};

function paintRoads(day) {
  const near = view.scale / view.least;
  for (const road of roads) {
    const now = roadState(road, day);
    const small = road.rank === 3 && now < 2 && !road.blocks && near < 1.6 && roads.length > 400;
    if (small && (!now || view.wide < 560)) continue;
    toMap();
    const px = 1 / view.scale;
    ctx.setLineDash([]);
    const wide = Math.max([2.8, 2, 1.3, 0.8][road.rank], road.blocks ? 3 : [0, road.rank < 3 ? 1.6 : 1.1, 1.8][now]);
    ctx.lineWidth = (wide + 2) * px;
    ctx.strokeStyle = "rgb(255 255 255 / .55)";
    ctx.stroke(road.shape);
    ctx.lineWidth = wide * px;
    ctx.strokeStyle = ["#75756f", "#8a5a00", "#a3162a"][now];
    ctx.setLineDash([[], [3.4 * wide * px, 2 * wide * px], [1.6 * px, 3.2 * px]][now]);
    ctx.stroke(road.shape);
  }
  ctx.setLineDash([]);
}

// Over the deliveries; what cuts an area off is marked larger.
function paintClosures(day) {
  toScreen();
  for (const road of roads) if (roadState(road, day) === 2) cross(sx(road.x), sy(road.y), road.blocks ? 1.3 : 1);
}

function cross(x, y, size) {
  const arm = 3 * size;
  ctx.beginPath();
  ctx.arc(x, y, 6.5 * size, 0, 7);
  ctx.fillStyle = "#fff";
  ctx.fill();
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = "#a3162a";
  ctx.stroke();
  ctx.lineWidth = 2 * size;
  ctx.stroke(new Path2D(`M${x - arm} ${y - arm}L${x + arm} ${y + arm}M${x + arm} ${y - arm}L${x - arm} ${y + arm}`));
}

function paintSpots() {
  for (const [x, y, kind] of map.spots) {
    const r = view.ratio * (minor(kind) && map.spots.length > 25 ? 0.7 : 1);
    ctx.setTransform(r, 0, 0, r, view.ratio * sx(x), view.ratio * sy(y));
    const path = symbols[kind] || symbols.base;
    ctx.lineWidth = 4;
    ctx.strokeStyle = "#fff";
    ctx.stroke(path);
    ctx.fillStyle = "#1c1c1a";
    ctx.fill(path, "evenodd");
  }
}

function paintLabels() {
  toScreen();
  const taken = map.spots.map(([x, y]) => [sx(x) - 9, sy(y) - 9, sx(x) + 9, sy(y) + 9]);
  const family = getComputedStyle(document.body).fontFamily;
  const write = (text, x, y, font, ink, room = Infinity) => {
    if (x < 0 || y < 0 || x > view.wide || y > view.high) return true;
    ctx.font = font + " " + family;
    const half = ctx.measureText(text).width / 2 + 3;
    if (2 * half > room) return true;
    const box = [x - half, y - 9, x + half, y + 5];
    if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) return false;
    taken.push(box);
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = "rgb(255 255 255 / .88)";
    ctx.strokeText(text, x, y);
    ctx.fillStyle = ink;
    ctx.fillText(text, x, y);
    return true;
  };
  const near = view.scale / view.least;
  const areas = () => {
    for (const k of byPeople) {
      const s = shapes[k];
      if (s.x === null || taken.length > 140 + map.spots.length) continue;
      const room = s.box && count > 40 ? 1.15 * s.box.width * view.scale : Infinity;
      for (const down of s.path ? [4, 24, -16, 40, -32] : [radius(k) + 12]) {
        if (write(data.areas[k], sx(s.x), sy(s.y) + down, "500 12px", "#333330", room)) break;
      }
    }
  };
  // Where there are few, each area gets its name first; where there are many, places go first.
  if (count <= 40) areas();
  for (const [x, y, kind, name] of map.spots) {
    if (near <= (minor(kind) || map.spots.length > 60 ? 2.5 : 0)) continue;
    for (const down of [20, -13]) if (write(name, sx(x), sy(y) + down, "600 12px", "#1c1c1a")) break;
  }
  if (count > 40) areas();
}

const byPeople = data.people.map((_, k) => k).sort((a, b) => data.people[b] - data.people[a]);

function areaAt(x, y) {
  const mx = (x - view.x) / view.scale, my = (y - view.y) / view.scale;
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  for (let k = shapes.length - 1; k >= 0; k--) {
    const { path, box, x: ax, y: ay } = shapes[k];
    if (ax === null) continue;
    if (!path && Math.hypot(sx(ax) - x, sy(ay) - y) <= radius(k) + 2) return k;
    if (path && mx >= box.x && mx <= box.x + box.width && my >= box.y && my <= box.y + box.height &&
      ctx.isPointInPath(path, mx, my)) return k;
  }
  return -1;
}

function spotAt(x, y) {
  return map.spots.find((s) => Math.hypot(sx(s[0]) - x, sy(s[1]) - y) < 11);
}

function closedAt(x, y) {
  const day = shownDay();
  return roads.find((r) => roadState(r, day) === 2 && Math.hypot(sx(r.x) - x, sy(r.y) - y) < 9);
}

function tip(x, y) {
  const box = $("map-tip"), spot = state.layers.spots && spotAt(x, y), road = state.layers.roads && closedAt(x, y);
  const k = spot || road ? -1 : areaAt(x, y);
  if (k !== state.hover) { state.hover = k; draw(); }
  box.hidden = !spot && !road && k < 0;
  if (box.hidden) return;
  box.replaceChildren();
  if (spot) put(box, make("b", spot[3]), spot[4]);
  else if (road) put(box, make("b", road.name), words.road_closed + (road.cause ? " · " + road.cause : ""));
  else {
    put(box, make("b", data.areas[k]), isCut(k, shownDay()) ? words.cut + " · " : "",
      percent(share(k, shownDay(), state.group)), " · ", data.groups[state.group][1], make("br"), words.people + ": " + number(data.people[k]));
  }
  box.style.left = Math.min(x + 14, view.wide - box.offsetWidth - 6) + "px";
  box.style.top = Math.max(6, y - box.offsetHeight - 12) + "px";
}
