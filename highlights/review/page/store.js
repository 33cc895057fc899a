// The page's data: the server's state, the rows made of it, the selection and filter; and how decisions are sent.
//
//   decide ──► one at a time ──► answer: a new state ──► rows ──► "state" to all who listen
//                    └─ no answer: kept, reported, retried; no other decision is sent meanwhile

import { at, toast } from "./dom.js";
import { first } from "./first.js";
import { Gone, Refused, get, post } from "./server.js";
import { Frames, GameClock } from "./times.js";
import { t } from "./words.js";

export const store = {
  state: null, analysis: null, frames: null, game: null,
  rows: [],          // all events, near misses and rejected ones, by in point
  shown: [],         // those that the filter lets through, by instant
  begun: [],         // the same by in point
  chosen: new Set(), // keys of the selected rows
  lead: null,        // key of the one that the panel shows
  misses: false,
  filter: { text: "", kind: "", team: "", status: "", confidence: 0 },
  job: null,
};

const listeners = {};
export const on = (what, act) => (listeners[what] ??= []).push(act);
export const tell = (what, ...given) => { for (const act of listeners[what] ?? []) act(...given); };

export const lead = () => store.rows.find((row) => row.key === store.lead) ?? null;
export const chosen = () => store.rows.filter((row) => store.chosen.has(row.key));
export const kind = (name) => store.state.kinds.find((one) => one.name === name);

function rowOf(event, list, index, colours) {
  const [in_s, out_s] = event.clip ?? event.shown ?? [event.start_s, event.end_s];
  const rejected = event.status === "rejected";
  return {
    ...event, in_s, out_s, rejected, near: list === "near_misses" && !rejected, key: list + ":" + index, place: { list, index },
    colour: colours.get(event.name) ?? 7,
    label: [event.title, event.team, event.score].filter(Boolean).join(" "),
    words: [event.title, event.name, event.team, event.player, event.score, event.game_clock, event.description].join(" ").toLowerCase(),
    same: [event.name, event.peak_s, event.start_s, event.end_s].join("|"),
  };
}

const LINES = 3;  // of events that overlap, drawn one above the other

/** Assigns each row a line on the timeline: the first free one, or the last. */
function lineUp(rows) {
  const ends = new Array(LINES).fill(-1);
  let most = 1;
  for (const row of rows) {
    let line = ends.findIndex((end) => end <= row.in_s);
    if (line < 0) line = LINES - 1;
    row.line = line;
    row.crowded = ends[line] > row.in_s;  // another one is drawn below it
    ends[line] = Math.max(ends[line], row.out_s);
    most = Math.max(most, line + 1);
  }
  return most;
}

/** Uses a state as the newest; selected rows that still exist stay selected. */
function take(state, focus) {
  const before = store.rows, colours = new Map(state.kinds.map((one) => [one.name, one.colour]));
  const rows = [
    ...state.events.map((event, i) => rowOf(event, "events", i, colours)),
    ...state.near_misses.map((event, i) => rowOf(event, "near_misses", i, colours)),
  ].sort((a, b) => a.in_s - b.in_s || a.peak_s - b.peak_s);
  store.state = state;
  store.rows = rows;
  store.frames = new Frames(state.frame_rate, state.parts);
  if (focus) {
    store.lead = focus.list + ":" + focus.index;
    store.chosen = new Set([store.lead]);
  } else {
    const where = new Map(rows.map((row) => [row.same, row.key]));
    const moved = new Map(before.map((row) => [row.key, where.get(row.same)]));
    store.chosen = new Set([...store.chosen].map((key) => moved.get(key)).filter(Boolean));
    store.lead = moved.get(store.lead) ?? null;
  }
  sift();
  tell("state");
}

/** Rebuilds from the filter what is shown: `shown` in the order of the instants, `begun` in that of the in points. */
export function sift() {
  const { text, kind, team, status, confidence } = store.filter, needles = text.toLowerCase().split(/\s+/).filter(Boolean);
  store.begun = store.rows.filter((row) =>
    (store.misses || !row.near || status === "near") && (!kind || row.name === kind) && (!team || row.team === team)
    && (!status || (row.near ? "near" : row.status) === status)
    && row.confidence * 100 >= confidence && needles.every((needle) => row.words.includes(needle)));
  store.lines = lineUp(store.begun);
  store.shown = store.begun.toSorted((a, b) => a.peak_s - b.peak_s);
  tell("shown");
}

export function choose(key, { more = false, range = false } = {}) {
  moves++;
  if (range && store.lead) {
    const places = [store.lead, key].map((one) => store.shown.findIndex((row) => row.key === one));
    const [first, last] = [Math.min(...places), Math.max(...places)];
    store.chosen = new Set(store.shown.slice(Math.max(0, first), last + 1).map((row) => row.key));
  } else if (more) {
    const had = store.chosen.delete(key);
    if (!had) store.chosen.add(key);
    store.lead = had ? [...store.chosen].at(-1) ?? null : key;
  } else {
    store.chosen = new Set(key ? [key] : []);
    store.lead = key;
  }
  tell("chosen");
}

export function chooseAll() {
  moves++;
  store.chosen = new Set(store.shown.map((row) => row.key));
  store.lead = store.shown[0]?.key ?? null;
  tell("chosen");
}

export function showMisses(shown = !store.misses) {
  store.misses = shown;
  sift();
}

// ---- decisions ----------------------------------------------------------------------------------------------------------------

let queue = Promise.resolve(), waiting = 0, held = null;
let moves = 0;  // how often somebody has selected something: an answer moves the selection only if nobody has since

/** Sends a decision after those before it are answered. `make` then returns it, or null if it is obsolete. */
export const decide = (deed, make) => send(deed, "api/decide", () => {
  const decision = make();
  return decision && { decision };
});
export const undo = () => store.state.can_undo && send(t("deed_undo"), "api/undo", () => ({}));
export const redo = () => store.state.can_redo && send(t("deed_redo"), "api/redo", () => ({}));
export const save = (deed, path, body) => send(deed, path, () => body);
/** When all decisions so far are answered. */
export const settled = () => queue;

function send(deed, path, make) {
  if (held) {
    toast(t("not_done_before", { deed, first: held.deed }), true);
    take(store.state);
    return Promise.resolve(false);
  }
  waiting++;
  mark();
  const before = moves;
  const turn = queue.then(async () => {
    const body = make();
    return body ? deliver(deed, path, body, before) : false;
  });
  queue = turn.catch(() => {}).then(() => { waiting--; mark(); });
  return turn;
}

/** Posts until there is an answer. */
async function deliver(deed, path, body, before) {
  for (;;) {
    try {
      const state = await post(path, { revision: store.state.revision, ...body });
      take(state, before === moves ? state.focus : null);
      return true;
    } catch (error) {
      if (error instanceof Refused) return refuse(deed, error);
      if (!(error instanceof Gone)) throw error;
      await hold(deed);
    }
  }
}

function refuse(deed, error) {
  if (error.status === 409 && error.body.state) {
    take(error.body.state);
    toast(t("not_done_outdated", { deed }), true);
  } else if (error.status === 401 || error.status === 403) {
    lose(t("link_invalid_unsaved", { deed }));
  } else {
    toast(t("not_done", { deed, why: error.message }), true);
    take(store.state);
  }
  return false;
}

/** Waits, with a banner, until somebody tries again or the server answers the poll. */
function hold(deed) {
  lose(t("no_answer_unsaved", { deed }));
  return new Promise((resolve) => { held = { deed, again: () => { held = null; find(); resolve(); } }; mark(); });
}

function lose(words) {
  at("trouble-words").textContent = words;
  at("trouble").hidden = false;
}

function find() { at("trouble").hidden = true; mark(); }

function mark() {
  const how = held || !at("trouble").hidden ? "lost" : waiting ? "busy" : "";
  at("saved").className = "saved " + how;
  at("saved").textContent = t({ lost: held ? "not_saved" : "no_server", busy: "saving", "": "saved" }[how]);
}

// ---- another tab, a running job, a server that went away -----------------------------------------------------------------------

const POLL_MS = 1000, BUSY_POLL_MS = 400;
let timer = 0;

async function look() {
  clearTimeout(timer);
  try {
    const status = await get("api/status");
    if (held) held.again();
    else if (!waiting && !at("trouble").hidden) find();
    if (!waiting && status.revision !== store.state.revision) await refresh();
    setJob(status.job);
  } catch (error) {
    if (error instanceof Refused) lose(t("link_invalid"));
    else if (error instanceof Gone) { if (!held) lose(t("no_answer_saved")); }
    else throw error;
    mark();
  } finally {
    timer = setTimeout(look, store.job?.state === "running" ? BUSY_POLL_MS : POLL_MS);
  }
}

/** Requests the state again; the answer is ignored if a decision was made meanwhile. */
async function refresh() {
  const state = await get("api/state");
  if (!waiting) take(state);
}

/** What a job is doing, in the language of the page. */
export const doing = (job) => job ? t(`doing_${job.doing.replaceAll(" ", "_")}`, {}, job.doing) : "";

/** Uses the progress of a job; its results come with a new state. */
export function setJob(job) {
  const before = store.job, ended = job && job.state !== "running" && (before?.state === "running" || before?.id !== job.id);
  store.job = job;
  tell("job", job, ended);
  if (ended) refresh().catch(() => {});  // the next look tells if the server is gone
}

export { look, take as use };

/** Loads everything once; later changes come from decisions and polling. */
export async function open() {
  const [state, analysis] = await first;
  store.analysis = analysis;
  store.game = new GameClock(analysis.readings);
  take(state);
  mark();
  at("trouble-retry").addEventListener("click", () => held ? held.again() : look());
  timer = setTimeout(look, POLL_MS);
}
