"use strict";
// What all parts of the page share: the data, the state and small helpers. Plain script, no
// library, and never any HTML from data: text goes in as text. The parts report.js, map.js,
// flows.js, moves.js and tables.js become one script in this order.
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words, map = data.map, count = data.areas.length, days = data.days.length;
const $ = (id) => document.getElementById(id);
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const shares = bytes(data.shares), whole = bytes(data.whole), NONE = 255;
const state = { day: 0, whole: true, group: 0, chosen: -1, hover: -1, timer: 0,
  layers: { coverage: true, roads: true, flows: true, spots: true, labels: true } };

const share = (k, day, group) =>
  day < 0 ? whole[group * count + k] : shares[(group * count + k) * days + day];
const shownDay = () => (state.whole ? -1 : state.day);
const shade = (percent) =>
  percent === NONE ? "none" : "c" + data.colours.steps.filter((s) => percent >= s).length;
const isCut = (k, day) => (data.cutOff[k] || []).some(([a, b]) =>
  day < 0 ? a <= 0 && b >= days - 1 : a <= day && day <= b);
const number = (n) => {
  const [before, after] = String(Math.round(n * 10) / 10).split(".");
  const whole = before.replace(/\B(?=(\d{3})+$)/g, data.numbers[0]);
  return after ? whole + data.numbers[1] + after : whole;
};
const percent = (p) => (p === NONE ? words.need_none : data.numbers[2].replace("{n}", p));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

function make(tag, text, kind) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (kind) node.className = kind;
  return node;
}
const isolated = (text, kind) => make("bdi", text, kind);

function put(parent, ...children) {
  for (const child of children) parent.append(child);
  return parent;
}
