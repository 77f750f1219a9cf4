// The list beside the map, the detail of an area, the coverage table; then everything starts.
function order(day, group, search, limit) {
  const text = search.trim().toLowerCase();
  const rows = [];
  for (let k = 0; k < count; k++) {
    if (!text || data.areas[k].toLowerCase().includes(text) || data.codes[k].toLowerCase().includes(text)) rows.push(k);
  }
  const key = (k) => (isCut(k, day) ? -1 : share(k, day, group));
  rows.sort((a, b) => key(a) - key(b) || data.people[b] - data.people[a]);
  return [rows.slice(0, limit), rows.length];
}

function list() {
  const day = shownDay(), [rows, all] = order(day, state.group, $("twin-search").value, 200);
  $("twin-table").tBodies[0].replaceChildren(...rows.map((k) => {
    const p = share(k, day, state.group), cut = isCut(k, day);
    const pick = put(make("button"), make("i", undefined, "swatch " + (cut ? "cut" : shade(p))), isolated(data.areas[k]));
    pick.type = "button";
    const row = put(make("tr"), put(make("td"), pick), put(make("td", undefined, "num"), isolated(number(data.people[k]))),
      put(make("td", undefined, "num"), isolated(cut && (p === 0 || p === NONE) ? words.cut : percent(p))));
    row.onclick = () => choose(k);
    return row;
  }));
  $("twin-count").textContent = all === 0 ? words.nothing_found
    : all > rows.length ? fill(words.shown, { n: number(rows.length), all: number(all) }) : "";
}

function choose(k) {
  state.chosen = k === state.chosen ? -1 : k;
  detail();
  draw();
  if (state.chosen >= 0 && shapes[k].x !== null) {
    const x = sx(shapes[k].x), y = sy(shapes[k].y);
    if (x < 0 || y < 0 || x > view.wide || y > view.high) pan(view.wide / 2 - x, view.high / 2 - y);
  }
}

function detail() {
  const box = $("twin-detail"), k = state.chosen, day = shownDay();
  box.hidden = k < 0;
  $("twin-list").hidden = k >= 0;
  if (k < 0) return;
  const back = make("button", "‹ " + words.close, "back");
  back.type = "button";
  back.onclick = () => choose(-1);
  const rows = data.groups.map(([, name], g) => put(make("tr"), make("td", name),
    put(make("td", undefined, "num"), put(make("i", undefined, "swatch " + shade(share(k, day, g))), ""), isolated(percent(share(k, day, g))))));
  const table = put(make("table", undefined, "plain"), put(make("tbody"), ...rows));
  const arriving = dayFlows(day).filter(([f]) => !f[2] && map.nodes[f[1]][0] === data.areas[k]);
  const title = put(make("h3"), isolated(data.areas[k]));
  const when = day < 0 ? words.whole : data.longDays[day];
  const node = put(make("div", undefined, "detail"), back, title,
    put(make("p", undefined, "muted"), when + " · " + words.people + ": ", isolated(number(data.people[k]))));
  if (isCut(k, day)) put(node, make("p", words.cut, "badge warn"));
  put(node, table);
  if (arriving.length) {
    const tonnes = arriving.reduce((sum, [, t]) => sum + t, 0);
    const from = [...new Set(arriving.map(([f]) => map.nodes[f[0]][0]))];
    put(node, put(make("p"), words.incoming + ": ", isolated(number(tonnes) + " " + words.tonnes), " — ", ...from.slice(0, 4).flatMap((n, i) => [i ? ", " : "", isolated(n)])));
  }
  if (data.reasons[k].length) {
    put(node, make("h3", words.why), put(make("ol"), ...data.reasons[k].map(([text, when, items]) =>
      put(make("li", text + (when ? " " + when : "") + " "), make("small", items)))));
  }
  box.replaceChildren(node);
}

// ---- The coverage table ------------------------------------------------------------------------
function matrix() {
  const group = Number($("matrix-group").value), [rows] = order(-1, group, $("matrix-search").value, 100);
  $("matrix").tBodies[0].replaceChildren(...rows.map((k) => {
    const row = put(make("tr"), put(make("th"), isolated(data.areas[k])), put(make("td", undefined, "num"), isolated(number(data.people[k]))));
    for (let day = -1; day < days; day++) {
      const p = share(k, day, group);
      const out = day >= 0 && isCut(k, day);
      put(row, make("td", p === NONE ? "–" : p, (out ? "cut" : shade(p)) + (day < 0 ? " total" : "")));
    }
    row.firstChild.scope = "row";
    return row;
  }));
}

if (map) {
  setUpMap();
  listen();
  refresh();
}
if (innerWidth < 700) for (const part of document.querySelectorAll("details.fold")) part.open = false;
$("matrix-group").onchange = matrix;
$("matrix-search").oninput = matrix;
document.documentElement.dataset.ready = "yes";
