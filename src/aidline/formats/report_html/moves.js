// Pointer, wheel, pinch, keys, slider and play button.
function listen() {
  const touches = new Map();
  let moved = 0, spread = 0, middle = null;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    touches.set(event.pointerId, at(event));
    moved = spread = 0;
    middle = null;
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event), before = touches.get(event.pointerId);
    if (!before) return tip(...now);
    touches.set(event.pointerId, now);
    const all = [...touches.values()];
    if (all.length === 1) {
      moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
      if (moved > 4) pan(now[0] - before[0], now[1] - before[1]);
    } else {
      const [p, q] = all, wide = Math.hypot(p[0] - q[0], p[1] - q[1]);
      const centre = [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
      if (middle) pan(centre[0] - middle[0], centre[1] - middle[1]);
      if (spread) zoom(wide / spread, ...centre);
      spread = wide;
      middle = centre;
      moved = 99;
    }
  });
  const up = (event) => {
    if (touches.delete(event.pointerId) && moved <= 4 && event.type === "pointerup") {
      tip(...at(event));
      choose(areaAt(...at(event)));
    }
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => { $("map-tip").hidden = true; state.hover = -1; draw(); });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0016), ...at(event));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const act = { ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60),
      ArrowDown: () => pan(0, -60), "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4),
      0: showAll, PageDown: () => goTo(state.day + 1), PageUp: () => goTo(state.day - 1), " ": play,
      Escape: () => choose(-1) }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  $("zoom-in").onclick = () => zoom(1.6);
  $("zoom-out").onclick = () => zoom(1 / 1.6);
  $("zoom-all").onclick = showAll;
  $("day").oninput = (event) => { stop(); goTo(Number(event.target.value)); };
  $("play").onclick = play;
  $("whole").onchange = (event) => { stop(); state.whole = event.target.checked; refresh(); };
  $("map-group").onchange = (event) => { state.group = Number(event.target.value); refresh(); };
  for (const box of document.querySelectorAll("[data-layer]")) {
    box.onchange = () => { state.layers[box.dataset.layer] = box.checked; draw(); };
  }
  $("twin-search").oninput = list;
}

function goTo(day) {
  state.day = Math.min(days - 1, Math.max(0, day));
  state.whole = false;
  refresh();
}

function play() {
  if (state.timer) return stop();
  if (state.day >= days - 1 || state.whole) goTo(0);
  state.timer = setInterval(() => (state.day >= days - 1 ? stop() : goTo(state.day + 1)), 900);
  label("❚❚", words.pause, true);
}

function stop() {
  clearInterval(state.timer);
  state.timer = 0;
  label("▶", words.play, false);
}

function label(mark, text, pressed) {
  $("play").replaceChildren(mark + " ", make("span", text));
  $("play").setAttribute("aria-pressed", pressed);
}

function refresh() {
  $("day").value = state.day;
  $("day").setAttribute("aria-valuetext", data.longDays[state.day]);
  $("whole").checked = state.whole;
  draw();
  list();
  detail();
}
