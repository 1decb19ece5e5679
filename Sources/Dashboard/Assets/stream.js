// What live pages share: the stream of updates, the line about the pipeline, ages, the interval and the pause.

const byId = (id) => document.getElementById(id);

/** A duration in milliseconds for people, as the server writes it. */
export function seconds(millis) {
  if (millis < 10000) return `${Math.floor(millis / 1000)}.${Math.floor((millis % 1000) / 100)} s`;
  if (millis < 120000) return `${Math.floor(millis / 1000)} s`;
  if (millis < 7200000) return `${Math.floor(millis / 60000)} min`;
  if (millis < 172800000) return `${Math.floor(millis / 3600000)} h`;
  return `${Math.floor(millis / 86400000)} days`;
}

/** Sets a text only where it is another one, so that nothing is laid out, or read aloud, for nothing. */
export function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function showFeed(feed) {
  byId("feed").dataset.level = feed.level;
  setText(byId("feed-words"), feed.words);
  setText(byId("feed-lag"), feed.lag);
  setText(byId("feed-spool"), String(feed.spool));
  setText(byId("feed-letters"), String(feed.letters));
  setText(byId("feed-alarms"), String(feed.alarms));
}

// Ages are counted here from what the server said and when, so that no clock of this machine matters.
const births = new WeakMap();

/** Notes how old something is now. */
export function setAge(element, millis) {
  births.set(element, performance.now() - millis);
  setText(element, seconds(millis));
}

/** Notes how old something was at a moment of this page's clock. */
export function noteAge(element, moment) {
  births.set(element, moment - Number(element.dataset.age));
}

/** Counts all ages on, for some milliseconds of each frame: a ward has a thousand. */
function countAges(elements = [...document.querySelectorAll("time[data-age]")], start = 0) {
  const end = performance.now() + 4;
  let index = start;
  while (index < elements.length && (index % 10 > 0 || performance.now() < end)) {
    const element = elements[index];
    if (!births.has(element)) noteAge(element, performance.now());
    setText(element, seconds(performance.now() - births.get(element)));
    index += 1;
  }
  if (index < elements.length) requestAnimationFrame(() => countAges(elements, index));
}

function countDown() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = Math.max(0, Number(element.dataset.countdown) - 1);
    element.dataset.countdown = String(left);
    setText(element, `${left} s`);
  }
}

/** Listens for updates, and keeps the controls of the page. */
export function listen(view, onUpdate) {
  const { epoch, version } = document.body.dataset;
  let last = version === "" ? "" : `${epoch}-${version}`;
  let source = null;
  let isHeld = false;
  const every = byId("every");
  const kept = Number(localStorage.getItem("vitals-every"));
  if (kept >= 1 && kept <= 30) every.value = String(kept);

  const open = () => {
    source?.close();
    source = new EventSource(`/events?view=${view}&every=${every.value}&since=${encodeURIComponent(last)}`);
    source.onmessage = (event) => {
      last = event.lastEventId;
      const update = JSON.parse(event.data);
      showFeed(update.feed);
      document.body.dataset.updated = String(Date.now());
      onUpdate(update);
    };
    source.onerror = () => {
      byId("feed").dataset.level = "critical";
      setText(byId("feed-words"), "No connection to the server: trying again");
      // A server that refuses ends the source for good; one that is away is tried by the browser itself.
      if (source.readyState === EventSource.CLOSED && !isHeld) setTimeout(open, 3000);
    };
  };

  const show = () => setText(byId("every-shown"), `${every.value} s`);
  every.addEventListener("input", show);
  every.addEventListener("change", () => {
    localStorage.setItem("vitals-every", every.value);
    if (!isHeld) open();
  });
  byId("hold").addEventListener("click", (event) => {
    isHeld = !isHeld;
    event.target.setAttribute("aria-pressed", String(isHeld));
    setText(event.target, isHeld ? "Go on" : "Pause");
    if (isHeld) {
      source.close();
      setText(byId("feed-words"), "Paused: what is shown grows old");
      byId("feed").dataset.level = "raised";
    } else {
      open();
    }
  });
  show();
  open();
  countAges();
  setInterval(() => {
    countAges();
    countDown();
  }, 1000);
  addEventListener("pagehide", () => source.close());
}
