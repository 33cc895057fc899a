// The review page: loads everything once, then each part listens for changes.

import { at } from "./dom.js";
import { open as openCut } from "./cut.js";
import { words } from "./first.js";
import { open as openGraphic } from "./graphic.js";
import { open as openExport } from "./handover.js";
import { begin as beginInspector } from "./inspector.js";
import { beginKeys, open as openKeys } from "./keys.js";
import { begin as beginLanes, fit, zoomBy } from "./lanes.js";
import { begin as beginList } from "./list.js";
import { full, mute, seek, setLoop, setRate, step, toggle } from "./player.js";
import { open as openProfile } from "./profile.js";
import { beginReport, open as openReport } from "./report.js";
import { Refused } from "./server.js";
import { choose, on, open, redo, store, undo } from "./store.js";
import { beginTagging } from "./tag.js";
import { clock } from "./times.js";
import { deed, go, setIn, setOut } from "./verbs.js";
import { decimal, t } from "./words.js";

const DEEDS = {
  play: toggle, previous: () => go(-1), next: () => go(1), "frame-back": () => step(-1), "frame-on": () => step(1), "set-in": setIn, "set-out": setOut,
  loop: () => setLoop(), mute, full, undo, redo, "zoom-in": () => zoomBy(2), "zoom-out": () => zoomBy(0.5), "zoom-fit": fit,
  "open-cut": openCut, "open-export": openExport, "open-graphic": openGraphic, "open-report": openReport, "open-profile": openProfile, "open-keys": openKeys,
};

function showHead() {
  const { state } = store, toDecide = state.events.filter((event) => event.status === "found").length;
  const reel_s = state.clips.reduce((sum, clip) => sum + clip.end_s - clip.start_s, 0);
  const title = state.teams.length === 2 ? state.teams.join(" – ") : state.parts[0].name, files = state.parts.map((part) => part.name).join(" + ");
  document.title = t("review_of", { title });
  at("match").textContent = title;
  const small = document.createElement("span");
  small.textContent = [state.sport.replaceAll("_", " "), clock(state.duration_s), files !== title && files].filter(Boolean).join(" · ");
  at("match").append(small);
  at("match").title = files;
  at("tally").textContent = [t(state.note ? "n_moments" : "n_events", { n: state.events.length }), toDecide ? t("n_to_decide", { n: toDecide }) : state.events.length ? t("nothing_to_decide") : "", t("reel_lasts", { length: clock(reel_s) })].filter(Boolean).join(" · ");
  at("offered").hidden = !state.note;
  at("offered").textContent = state.note && t("offered", { why: state.note });
  at("undo").disabled = !state.can_undo;
  at("redo").disabled = !state.can_redo;
  at("undo").title = state.undo ? t("undo_deed", { deed: deed(state.undo) }) : t("undo_keys");
  at("redo").title = state.redo ? t("redo_deed", { deed: deed(state.redo) }) : t("redo_keys");
}

/** The event that the address names, as a search of the library does. */
function goToEvent() {
  const number = /^#event=(\d+)$/.exec(location.hash)?.[1], row = number && store.rows.find((one) => one.place.list === "events" && one.place.index === Number(number));
  if (!row) return;
  choose(row.key);
  seek(row.in_s, { playing: false });
}

async function begin() {
  try {
    await words;
    for (const choice of at("speed").options) choice.textContent = choice.textContent.replace(".", decimal(0, 1)[1]);
    await open();
  } catch (error) {
    document.documentElement.lang ||= "en";  // without a language the page is hidden
    at("trouble-words").textContent = error instanceof Refused ? t("cannot_open", { why: error.message }, "{why}") : t("no_answer", {}, error.message);
    at("trouble-retry").textContent = t("retry", {}, "↻");
    at("trouble").hidden = false;
    at("trouble-retry").addEventListener("click", () => location.reload());
    throw error;
  }
  showHead();
  beginList();
  beginInspector();
  beginLanes();
  seek(0, { playing: false });
  at("home").hidden = !store.state.home;
  beginTagging();
  beginReport();
  beginKeys();
  goToEvent();
  for (const [id, deed] of Object.entries(DEEDS)) at(id).addEventListener("click", deed);
  at("speed").addEventListener("change", () => setRate(Number(at("speed").value)));
  on("state", showHead);
  document.documentElement.dataset.ready = "yes";
  performance.mark("ready");
}

begin();
