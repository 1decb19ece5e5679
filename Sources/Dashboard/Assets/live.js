// Keeps a page up to date whose changing part the server renders: it is fetched anew when something happened.
import { listen } from "./stream.js";

const part = document.getElementById("part");
let isFetching = false;
let isDue = false;

async function fetchPart() {
  if (isFetching) {
    isDue = true;
    return;
  }
  isFetching = true;
  try {
    const answer = await fetch(document.body.dataset.part, { headers: { accept: "text/html" } });
    // A login that is over sends us to its page.
    if (answer.redirected) location.reload();
    if (answer.ok) replace(await answer.text());
  } catch {
    // The stream says that the server is away.
  } finally {
    isFetching = false;
    if (isDue) {
      isDue = false;
      fetchPart();
    }
  }
}

/** Puts the new part in the old one's place; who is in the middle of something stays there. */
function replace(html) {
  const { activeElement } = document;
  const hasFocus = part.contains(activeElement);
  const place = hasFocus ? { id: activeElement.id, href: activeElement.getAttribute("href") } : null;
  part.innerHTML = html;
  if (!place) return;
  const again = place.id
    ? document.getElementById(place.id)
    : [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === place.href);
  again?.focus({ preventScroll: true });
}

let seen = document.body.dataset.version;
const isAlarms = location.pathname === "/alarms";
let revision = null;
listen("part", (update) => {
  // The list of alarms changes with alarms only; a patient, with whatever comes.
  const isNew = isAlarms ? update.feed.revision !== revision : String(update.version) !== seen;
  seen = String(update.version);
  revision = update.feed.revision;
  if (isNew) fetchPart();
});
