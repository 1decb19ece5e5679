// Keeps the tiles of the ward up to date: only what changed is touched, a slice a frame.
import { listen, setAge, setText } from "./stream.js";

const list = document.getElementById("tiles");
const SPARKS = 30;
const WIDTH = 90;
const HEIGHT = 22;
const tiles = new Map();

/** Finds the parts of a tile once. */
function adopt(element) {
  const vitals = [...element.querySelectorAll(".vital")].map((row) => ({
    row,
    shape: row.querySelector(".shape"),
    value: row.querySelector(".value"),
    words: row.querySelector(".words"),
    spark: row.querySelector(".spark"),
    path: row.querySelector(".spark path"),
    points: row.querySelector(".spark").dataset.points.split(",").map((text) => (text === "" ? null : Number(text) / 10)),
  }));
  const tile = {
    element, vitals,
    score: element.querySelector(".score"),
    news: element.querySelector(".news"),
    note: element.querySelector(".note"),
    alarm: element.querySelector(".alarm"),
    state: element.querySelector(".state"),
    age: element.querySelector("time"),
  };
  tiles.set(element.id.slice(2), tile);
  return tile;
}

/** The small line, as the server draws it. */
function sparkline(points) {
  const known = points.filter((value) => value !== null);
  if (known.length === 0) return "";
  const low = Math.min(...known);
  const span = Math.max(Math.max(...known) - low, 1);
  const first = SPARKS - points.length;
  let path = "";
  let isDrawing = false;
  points.forEach((value, index) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    const x = Math.round(((first + index) * WIDTH) / (SPARKS - 1));
    const y = Math.round(HEIGHT - 3 - ((value - low) / span) * (HEIGHT - 5));
    path += `${isDrawing ? "L" : "M"}${x} ${y}`;
    isDrawing = true;
  });
  return path;
}

const MARKS = { low: "! low alarm", medium: "!! medium alarm", high: "!!! high alarm", "": "" };

function patch(tile, [, level, urgency, score, scoreLevel, note, alarm, age, isStale, vitals]) {
  const { element } = tile;
  if (element.dataset.level !== level) element.dataset.level = level;
  element.dataset.urgency = String(urgency);
  setText(tile.news, score);
  setText(tile.note, note);
  if (tile.score.dataset.level !== scoreLevel) tile.score.dataset.level = scoreLevel;
  if (tile.alarm.dataset.priority !== alarm) tile.alarm.dataset.priority = alarm;
  setText(tile.alarm, MARKS[alarm]);
  setText(tile.state, isStale ? "Stale" : "Updated");
  setAge(tile.age, age);
  vitals.forEach(([text, vitalLevel, shape, words, number], index) => {
    const vital = tile.vitals[index];
    if (vital.row.dataset.level !== vitalLevel) vital.row.dataset.level = vitalLevel;
    setText(vital.value, text);
    setText(vital.shape, shape);
    setText(vital.words, words);
    if (isStale) return;
    vital.points.push(number);
    if (vital.points.length > SPARKS) vital.points.shift();
    vital.path.setAttribute("d", sparkline(vital.points));
  });
}

const find = document.getElementById("find");
const show = document.getElementById("show");
const ward = document.getElementById("ward");

function isShown(element) {
  const { level, name } = element.dataset;
  const wanted = find.value.trim().toLowerCase();
  if (wanted && !name.toLowerCase().includes(wanted)) return false;
  if (ward && ward.value && element.querySelector(".ward")?.textContent !== ward.value) return false;
  switch (show.value) {
    case "urgent": return level !== "normal";
    case "critical": return level === "critical";
    case "stale": return level === "stale";
    default: return true;
  }
}

function filter() {
  let count = 0;
  for (const { element } of tiles.values()) {
    const isHere = isShown(element);
    if (element.hidden === isHere) element.hidden = !isHere;
    if (isHere) count += 1;
  }
  setText(document.getElementById("count"), `${count} of ${tiles.size} patients`);
}

/** Puts the most urgent first, moving as few as possible; nothing moves under who reads or points there. */
function sort() {
  if (list.contains(document.activeElement) || list.matches(":hover")) return;
  const wanted = [...tiles.values()].map(({ element }) => element).sort((left, right) =>
    Number(right.dataset.urgency) - Number(left.dataset.urgency) || left.dataset.name.localeCompare(right.dataset.name));
  let moves = 0;
  let next = list.firstElementChild;
  for (const element of wanted) {
    if (element === next) {
      next = next.nextElementSibling;
    } else if (moves < 60) {
      list.insertBefore(element, next);
      moves += 1;
    }
  }
  if (moves >= 60) requestAnimationFrame(sort);
}

let waiting = [];
let isWorking = false;

/** Works off what came for some milliseconds of each frame. */
function work() {
  const end = performance.now() + 8;
  while (waiting.length > 0 && performance.now() < end) {
    for (const change of waiting.splice(0, 10)) {
      const tile = tiles.get(change[0]);
      if (tile) patch(tile, change);
    }
  }
  if (waiting.length > 0) {
    requestAnimationFrame(work);
  } else {
    isWorking = false;
    filter();
    sort();
  }
}

function add(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const element of [...holder.content.children]) {
    document.getElementById(element.id)?.remove();
    list.append(element);
    adopt(element);
  }
}

for (const element of list.children) adopt(element);
filter();
for (const control of [find, show, ward]) control?.addEventListener("input", filter);
document.getElementById("tools").addEventListener("submit", (event) => event.preventDefault());

listen("ward", (update) => {
  if (update.whole) {
    list.replaceChildren();
    tiles.clear();
    waiting = [];
  }
  const fresh = new Set();
  for (const html of update.new ?? []) {
    add(html);
    fresh.add(list.lastElementChild.id.slice(2));
  }
  if (tiles.size > 0) document.getElementById("empty")?.remove();
  // What came as a whole is as new as can be.
  waiting.push(...update.tiles.filter((change) => !fresh.has(change[0])));
  if (!isWorking && (waiting.length > 0 || fresh.size > 0)) {
    isWorking = true;
    requestAnimationFrame(work);
  }
});
