// Keeps the tiles of the ward up to date: only what changed is touched, a slice a frame. Tiles stand in sheets, of which
// the browser lays out those near the window alone; what else a frame costs is so the same for any ward.
import { listen, noteAge, setAge, setText } from "./stream.js";

const list = document.getElementById("tiles");
// How many tiles stand in a sheet.
const SHEET = Number(list.dataset.sheet);
const SPARKS = 30;
const WIDTH = 90;
const HEIGHT = 22;
const tiles = new Map();

/** Takes a tile in: what is sorted and searched by, so that nothing is asked of the page for it. */
function adopt(element) {
  const { name, urgency } = element.dataset;
  tiles.set(element.id.slice(2), { element, name, urgency: Number(urgency) });
}

/** Finds the parts of a tile, when it changes first: a thousand at once would hold the page up. */
function findParts(tile) {
  const { element } = tile;
  tile.vitals = [...element.querySelectorAll(".vital")].map((row) => ({
    row,
    shape: row.querySelector(".shape"),
    value: row.querySelector(".value"),
    words: row.querySelector(".words"),
    spark: row.querySelector(".spark"),
    path: row.querySelector(".spark path"),
    points: row.querySelector(".spark").dataset.points.split(",")
      .map((text) => (text === "" ? null : Number(text) / 10)),
  }));
  for (const name of ["score", "news", "note", "alarm", "state", "taken", "clock"]) {
    tile[name] = element.querySelector(`.${name}`);
  }
  tile.age = element.querySelector("time");
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

const clock = (millis) => (millis === null ? "" : new Date(millis).toISOString().slice(11, 19));

function patch(tile, [, level, urgency, score, scoreLevel, note, alarm, age, isStale, vitals, newest, odd]) {
  const { element } = tile;
  if (!tile.vitals) findParts(tile);
  if (element.dataset.level !== level) element.dataset.level = level;
  if (tile.urgency !== urgency) element.dataset.urgency = String(urgency);
  tile.urgency = urgency;
  setText(tile.news, score);
  setText(tile.note, note);
  if (tile.score.dataset.level !== scoreLevel) tile.score.dataset.level = scoreLevel;
  if (tile.alarm.dataset.priority !== alarm) tile.alarm.dataset.priority = alarm;
  setText(tile.alarm, MARKS[alarm]);
  setText(tile.state, isStale ? "Stale" : "Updated");
  setAge(tile.age, age);
  if (newest !== null && Math.abs(newest) < 8e15) setText(tile.taken, clock(newest));
  tile.taken.dataset.newest = String(newest ?? 0);
  setText(tile.clock, odd);
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

function isShown({ element, name }, wanted, level, place) {
  if (wanted && !name.toLowerCase().includes(wanted)) return false;
  if (place && element.querySelector(".ward")?.textContent !== place) return false;
  switch (level) {
    case "": return true;
    case "urgent": return element.dataset.level !== "normal";
    default: return element.dataset.level === level;
  }
}

function filter() {
  let count = 0;
  const wanted = find.value.trim().toLowerCase();
  // Sheets with gaps would look torn: what is left flows as one.
  list.classList.toggle("filtered", wanted !== "" || show.value !== "" || Boolean(ward?.value));
  for (const tile of tiles.values()) {
    const isHere = isShown(tile, wanted, show.value, ward?.value);
    if (tile.element.hidden === isHere) tile.element.hidden = !isHere;
    if (isHere) count += 1;
  }
  setText(document.getElementById("count"), `${count} of ${tiles.size} patients`);
}

/** The members of a row of numbers that rise already, as many as can be: they may stay where they are. */
function rising(numbers) {
  const ends = [];
  const before = numbers.map(() => -1);
  numbers.forEach((number, index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? ends[low - 1] : -1;
    ends[low] = index;
  });
  const members = new Set();
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]) members.add(index);
  return members;
}

function addSheet() {
  const sheet = document.createElement("ul");
  sheet.className = "tiles";
  sheet.setAttribute("role", "presentation");
  return list.appendChild(sheet);
}

/** The tile behind another one, perhaps in the next sheet. */
function follower(element) {
  return element.nextElementSibling ?? element.parentElement.nextElementSibling?.firstElementChild ?? null;
}

/** Makes each sheet as long as it should be, without changing the order of tiles. */
function balance() {
  for (let sheet = list.firstElementChild; sheet; sheet = sheet.nextElementSibling) {
    let next = sheet.nextElementSibling;
    while (sheet.childElementCount > SHEET) {
      next ??= addSheet();
      next.prepend(sheet.lastElementChild);
    }
    while (sheet.childElementCount < SHEET && next) {
      if (next.firstElementChild) {
        sheet.append(next.firstElementChild);
      } else {
        next.remove();
        next = sheet.nextElementSibling;
      }
    }
  }
}

// How many tiles change their place in a frame: each is laid out anew, and pushes others into the next sheet.
const MOVES = 3;
// How many of the most urgent are put in order at each update; all are now and then, in milliseconds.
const FIRST = 100;
const SORT_ALL = 30000;
let sorting = 0;
let sortedAll = 0;

/** Puts the most urgent first, moving as few as possible; nothing moves under who reads or points there. */
function sort() {
  sorting += 1;
  const turn = sorting;
  const wanted = [...tiles.values()].sort((left, right) =>
    right.urgency - left.urgency || (left.name < right.name ? -1 : 1)).map(({ element }) => element);
  const places = new Map([...list.querySelectorAll(".tile")].map((element, place) => [element, place]));
  const staying = rising(wanted.map((element) => places.get(element)));
  const isWhole = find.value !== "" || show.value !== "" || performance.now() - sortedAll > SORT_ALL;
  if (isWhole) sortedAll = performance.now();
  const end = isWhole ? wanted.length : Math.min(FIRST, wanted.length);
  let index = 0;
  const move = () => {
    // Another sorting, or a reader, goes before.
    if (turn !== sorting || list.contains(document.activeElement) || list.matches(":hover")) return;
    balance();
    let moves = 0;
    for (; index < end && moves < MOVES; index += 1) {
      if (staying.has(index)) continue;
      const next = index > 0 ? follower(wanted[index - 1]) : list.firstElementChild.firstElementChild;
      if (next === wanted[index]) continue;
      if (index > 0) wanted[index - 1].after(wanted[index]);
      else list.firstElementChild.prepend(wanted[index]);
      moves += 1;
    }
    if (moves > 0) balance();
    if (index < end) requestAnimationFrame(move);
  };
  move();
}

let waiting = [];
// When the newest update came.
let received = 0;
let isWorking = false;
// Whether more of an update is on its way.
let isComing = false;

/** Works off what came for some milliseconds of each frame. */
function work() {
  const end = performance.now() + 4;
  while (waiting.length > 0 && performance.now() < end) {
    for (const change of waiting.splice(0, 5)) {
      // A text is a whole tile.
      if (typeof change === "string") {
        add(change);
        continue;
      }
      const tile = tiles.get(change[0]);
      if (tile) patch(tile, change);
    }
  }
  if (waiting.length > 0) {
    requestAnimationFrame(work);
  } else {
    isWorking = false;
    if (isComing) return;
    filter();
    // In a frame of its own: what moves is laid out in it too.
    requestAnimationFrame(() => {
      if (!isComing) sort();
    });
  }
}

function add(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const element of [...holder.content.children]) {
    const known = tiles.get(element.id.slice(2))?.element;
    // Nothing is taken away under who reads it by keyboard; the next update brings it up to date.
    if (known?.contains(document.activeElement)) continue;
    if (known) {
      known.replaceWith(element);
    } else {
      const last = list.lastElementChild;
      (last && last.childElementCount < SHEET ? last : addSheet()).append(element);
    }
    adopt(element);
    noteAge(element.querySelector("time"), received);
  }
}

for (const element of list.querySelectorAll(".tile")) adopt(element);
// Otherwise the whole ward comes first, and is counted then.
if (document.body.dataset.version !== "") filter();
for (const control of [find, show, ward]) control?.addEventListener("input", filter);
document.getElementById("tools").addEventListener("submit", (event) => event.preventDefault());

// Of a whole ward, which comes in parts, whoever has come.
let came = new Set();

listen("ward", (update) => {
  received = performance.now();
  isComing = Boolean(update.isPart);
  const fresh = update.new ?? [];
  if (tiles.size + fresh.length > 0) document.getElementById("empty")?.remove();
  // What came as a whole is as new as can be.
  const keys = new Set(fresh.map((html) => html.match(/id="t-([a-z2-7]+)"/)[1]));
  if (update.whole === "begin") {
    // What is being moved may be replaced.
    sorting += 1;
    waiting = [];
    came = new Set();
  }
  if (update.whole) {
    for (const key of keys) came.add(key);
    if (!isComing) forget();
  }
  waiting.push(...fresh, ...update.tiles.filter((change) => !keys.has(change[0])));
  if (!isWorking && (waiting.length > 0 || update.whole)) {
    isWorking = true;
    requestAnimationFrame(work);
  }
});

/** Takes away whoever a whole ward lacks. */
function forget() {
  for (const [key, { element }] of tiles) {
    if (came.has(key)) continue;
    element.remove();
    tiles.delete(key);
  }
}
