// The risk form: asks the model server through ours, and shows what pushed the risk and what would change it.

const byId = (id) => document.getElementById(id);
const form = byId("risk");
let judged = null;

const percent = (value) => `${(value * 100).toFixed(1)} %`;
const title = (name) => document.querySelector(`label[for="f-${CSS.escape(name)}"]`)?.textContent ?? name;

/** The form's values; nothing written is nothing measured. */
function record() {
  const values = {};
  for (const input of form.querySelectorAll("input")) {
    values[input.name] = input.value.trim() === "" ? null : Number(input.value);
  }
  return values;
}

async function ask(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  const result = await answer.json();
  if (!answer.ok) throw new Error([result.title, result.detail].filter(Boolean).join(": "));
  return result;
}

function showBand(element, level) {
  element.textContent = level;
  element.dataset.band = level;
  element.className = "band-mark";
}

/** Red to the right for what pushes up, blue to the left for what pushes down, the number beside. */
function showBars(shap) {
  const largest = Math.max(...shap.map(({ shap: push }) => Math.abs(push)), 1e-9);
  const rows = shap.map(({ feature, value, shap: push }) => {
    const row = document.createElement("div");
    row.className = "bar-row";
    const name = document.createElement("span");
    name.textContent = `${title(feature)}: ${value === null ? "not measured" : Number(value.toPrecision(4))}`;
    const track = document.createElement("span");
    track.className = "track";
    const bar = document.createElement("span");
    bar.className = `push ${push >= 0 ? "up" : "down"}`;
    const width = (Math.abs(push) / largest) * 50;
    bar.style.width = `${width}%`;
    bar.style.left = `${push >= 0 ? 50 : 50 - width}%`;
    track.append(bar);
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = `${push >= 0 ? "+" : "−"}${Math.abs(push * 100).toFixed(1)} %`;
    row.append(name, track, number);
    return row;
  });
  byId("bars").replaceChildren(...rows);
}

function setUpSlider() {
  const what = byId("what");
  const chosen = what.value;
  what.replaceChildren(...[...form.querySelectorAll("input")].map((input) => {
    const option = document.createElement("option");
    option.value = input.name;
    option.textContent = title(input.name);
    return option;
  }));
  what.value = chosen || (form.querySelector("#f-glucose") ? "glucose" : what.options[0].value);
  aim();
}

/** Sets the slider to the range and the value of the field that is to change. */
function aim() {
  const input = byId(`f-${byId("what").value}`);
  const slide = byId("slide");
  const now = Number(input.value) || 0;
  slide.min = input.min || String(Math.min(0, now * 2));
  slide.max = input.max || String(Math.max(1, now * 2));
  const span = Number(slide.max) - Number(slide.min);
  slide.step = span > 40 ? "1" : span > 4 ? "0.1" : "0.01";
  slide.value = String(now);
  slideMoved();
}

let isAsking = false;
let isDue = false;

async function slideMoved() {
  byId("slide-value").textContent = byId("slide").value;
  if (isAsking) {
    isDue = true;
    return;
  }
  isAsking = true;
  try {
    const changes = { [byId("what").value]: Number(byId("slide").value) };
    const { after } = await ask("/risk/what-if", { record: judged, changes });
    byId("after").textContent = percent(after.probability);
    showBand(byId("after-band"), after.risk_level);
  } catch (error) {
    byId("after").textContent = error.message;
    byId("after-band").textContent = "";
  } finally {
    isAsking = false;
    if (isDue) {
      isDue = false;
      slideMoved();
    }
  }
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const state = byId("risk-state");
  if (!form.reportValidity()) {
    state.textContent = "Some values are out of range.";
    return;
  }
  state.textContent = "Asking the model";
  try {
    judged = record();
    const answer = await ask("/risk/explain", judged);
    byId("probability").textContent = percent(answer.probability);
    showBand(byId("band"), answer.risk_level);
    byId("confidence").textContent = answer.spread === undefined ? "" :
      `The trees differ by ${percent(answer.spread)} (standard deviation): ${
        answer.spread < 0.15 ? "they agree" : answer.spread < 0.3 ? "they agree somewhat" : "they do not agree"}.`;
    showBars(answer.shap);
    byId("result").hidden = false;
    state.textContent = "";
    setUpSlider();
  } catch (error) {
    state.textContent = error.message;
  }
});
byId("what")?.addEventListener("change", aim);
byId("slide")?.addEventListener("input", slideMoved);
