// A person's decisions about events, in the server's format.

import { toast } from "./dom.js";
import { choose, chosen, decide, kind, lead, store, tell } from "./store.js";
import { pause, seek, time } from "./player.js";
import { ms } from "./times.js";
import { t } from "./words.js";

const ADDED_S = 5;  // an event added by hand is shown from this long before the playhead until as long after

/** What the server calls a decision, in the language of the page. */
export function deed(words) {
  const [, verb, title = ""] = /^(\w+) ?(.*)$/.exec(words);
  return words === "take over a match report" ? t("deed_report") : t(`deed_${verb}`, { title }, words);
}

/** The current row when its decision is sent. */
const now = (row) => store.rows.find((one) => one.same === row.same && one.title === row.title) ?? store.rows.find((one) => one.same === row.same);

function about(row, verb, make) {
  return decide(t(`deed_${verb}`, { title: row.title }), () => {
    const still = now(row);
    return still ? make(still.place) : null;
  });
}

export const accept = (rows = chosen()) => each(rows.filter((row) => row.status !== "accepted" && row.status !== "added"), "accept");
export const reject = (rows = chosen()) => each(rows.filter((row) => !row.rejected), "reject");

async function each(rows, verb) {
  if (!rows.length) return;
  const keep = rows.length > 1;
  for (const row of rows) if (!await about(row, verb, (place) => ({ verb, place }))) return;
  if (keep) for (const [i, row] of rows.map(now).filter(Boolean).entries()) choose(row.key, { more: i > 0 });
}

/** Moves the given edges; the other one keeps its value at the time of sending. Drawn at once. */
export function trim(row, { in_s, out_s }) {
  if ((in_s ?? row.in_s) >= (out_s ?? row.out_s)) return toast(t("in_before_out"), true);
  Object.assign(row, { in_s: in_s ?? row.in_s, out_s: out_s ?? row.out_s });
  tell("chosen");
  decide(t("deed_trim", { title: row.title }), () => {
    const still = now(row);
    return still && { verb: "trim", place: still.place, shown: [ms(in_s ?? still.in_s), ms(out_s ?? still.out_s)] };
  });
}
export const untrim = (row) => about(row, "trim", (place) => ({ verb: "trim", place, shown: null }));
export const relabel = (row, words) => about(row, "relabel", (place) => ({ verb: "relabel", place, words }));

/** In point at the playhead; of a new event if none is selected. */
export function setIn() {
  const row = lead(), at = store.frames.near(time());
  if (!row) return add({ from: at, to: at + 2 * ADDED_S });
  trim(row, { in_s: at });
}
export function setOut() {
  const row = lead(), at = store.frames.near(time());
  if (!row) return add({ from: at - 2 * ADDED_S, to: at });
  trim(row, { out_s: at });
}

/** Adds an event of the kind last chosen around the playhead. */
export function add({ from, to, at: instant = time() } = {}) {
  const at = store.frames.near(instant), part = store.state.parts[store.frames.part(Math.min(at, store.state.duration_s - 0.001))];
  const start = Math.max(part.start_s, from ?? at - ADDED_S), end = Math.min(part.start_s + part.duration_s, to ?? at + ADDED_S);
  const name = store.filter.kind || lead()?.name || store.state.kinds[0]?.name || "event", title = kind(name)?.title ?? t("event");
  if (end <= start) return;
  pause();
  decide(t("deed_add", { title }), () => ({ verb: "add", name, title, shown: [ms(start), ms(end)], peak_s: ms(Math.min(Math.max(at, start), end)), team: "", player: "" }));
}

export function merge() {
  const rows = chosen();
  if (rows.length < 2) return toast(t("select_to_merge"), true);
  decide(t("deed_merge_n", { n: rows.length }), () => {
    const places = rows.map(now).filter(Boolean).map((row) => row.place);
    return places.length < 2 ? null : { verb: "merge", places };
  });
}

export function split() {
  const row = lead(), at = store.frames.near(time());
  if (!row) return toast(t("select_to_split"), true);
  if (at <= row.in_s || at >= row.out_s) return toast(t("split_inside"), true);
  about(row, "split", (place) => ({ verb: "split", place, at_s: at }));
}

/** Selects the event `by` places further in the list and seeks to its beginning. */
export function go(by, { range = false } = {}) {
  const rows = store.shown;
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.key === store.lead), t = time();
  const next = here >= 0 ? here + by : by > 0 ? rows.findIndex((row) => row.in_s >= t) : rows.findLastIndex((row) => row.in_s <= t);
  const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
  if (range) choose(row.key, { more: !store.chosen.has(row.key) });
  else choose(row.key);
  seek(row.in_s);
}
