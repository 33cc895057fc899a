// Tagging: one key and one button for each kind of event, pressed while the match plays, or held for the length of the event.
//
//   1 ──► Goal at the playhead, with that kind's pre- and post-roll ──► H, A: its team   P: its player   + −: its outcome

import { at, make, toast } from "./dom.js";
import { time } from "./player.js";
import { post } from "./server.js";
import { decide, on, store, undo, use } from "./store.js";
import { clock, ms } from "./times.js";
import { relabel } from "./verbs.js";
import { t } from "./words.js";

const HELD_MS = 400;      // a key or button held for longer marks the length of the event
const SHORTEST_S = 0.2;

const panel = at("tagging");
const tagging = { on: false, held: new Map(), last: null, keys: {}, player: false };

const keysName = () => `tag-keys:${store.state.sport}`;
const keyOf = (kind) => tagging.keys[kind.name] ?? kind.key;
const kindOf = (key) => store.state.kinds.find((kind) => keyOf(kind) === key);
const team = (side) => store.state.teams[side] || store.state.roster[side]?.name || t(["home_team", "away_team"][side]);

export function toggleTagging(wanted = !tagging.on) {
  tagging.on = wanted;
  tagging.keys = JSON.parse(localStorage.getItem(keysName()) ?? "{}");
  tagging.held.clear();
  panel.hidden = !wanted;
  document.body.classList.toggle("tagging-on", wanted);
  at("open-tagging").ariaPressed = String(wanted);
  if (wanted) show();
}

function press(kind) {
  if (!tagging.held.has(kind.name)) tagging.held.set(kind.name, { at: store.frames.near(time()), pressed_ms: performance.now() });
  show();
}

function release(kind) {
  const began = tagging.held.get(kind.name);
  tagging.held.delete(kind.name);
  if (!began) return;
  const held = performance.now() - began.pressed_ms >= HELD_MS, end = store.frames.near(time());
  add(kind, began.at, held && end - began.at >= SHORTEST_S ? end : null);
  show();
}

/** Adds an event at `at_s`, shown by its kind's rolls, or until `end_s` if its length was marked. */
function add(kind, at_s, end_s) {
  const part = store.state.parts[store.frames.part(Math.min(at_s, store.state.duration_s - 0.001))], part_end = part.start_s + part.duration_s;
  const start = Math.max(part.start_s, end_s === null ? at_s - kind.pre_roll_s : at_s), end = Math.min(part_end, end_s ?? at_s + kind.post_roll_s);
  if (end <= start) return;
  const last = tagging.last = { name: kind.name, title: kind.title, peak_s: ms(Math.min(Math.max(at_s, start), end)), team: "", player: "", outcome: "" };
  tagging.player = false;
  last.added = decide(t("deed_tag", { title: kind.title }), () => ({ verb: "add", name: kind.name, title: kind.title, shown: [ms(start), ms(end)], peak_s: last.peak_s, team: "", player: "" }));
  show();
}

const rowOf = (tag) => store.rows.find((row) => row.status === "added" && row.name === tag.name && Math.abs(row.peak_s - tag.peak_s) < 0.002);

/** Adds words to the last tag, also while that is still on its way to the server. */
async function complete(words) {
  const tag = tagging.last;
  if (!tag) return;
  Object.assign(tag, words, "description" in words ? { outcome: words.description } : {});
  show();
  await tag.added;
  const row = rowOf(tag);
  if (row) await relabel(row, words);
  show();
}

function named(text) {
  const number = text.trim().replace(/^#/, ""), sides = tagging.last?.team ? store.state.roster.filter((one) => one.name === tagging.last.team) : store.state.roster;
  const found = (sides.length ? sides : store.state.roster).flatMap((one) => one.players.filter((player) => player.number === number).map((player) => ({ player, team: one.name })));
  return found.length === 1 && found[0].player.name ? { player: found[0].player.name, ...(tagging.last?.team ? {} : { team: found[0].team }) } : { player: text.trim() };
}

// ---- the panel ------------------------------------------------------------------------------------------------------------------

function button(kind) {
  const held = tagging.held.has(kind.name), key = keyOf(kind);
  return make("button", {
    class: `tag colour-${kind.colour}${held ? " held" : ""}`, type: "button", "aria-label": t("tag_kind", { title: kind.title }), "aria-keyshortcuts": key || null,
    onpointerdown: (event) => { event.preventDefault(); event.target.setPointerCapture?.(event.pointerId); press(kind); },
    onpointerup: () => release(kind), onpointercancel: () => { tagging.held.delete(kind.name); show(); },
    onclick: (event) => { if (event.detail === 0) { press(kind); release(kind); } },  // from a keyboard or screen reader
  }, make("kbd", {}, key.toUpperCase() || "–"), make("span", {}, kind.title));
}

let buttons = "";
function show() {
  if (!tagging.on) return;
  const now = JSON.stringify([store.state.kinds.map((kind) => [kind.name, kind.title, keyOf(kind)]), [...tagging.held.keys()]]);
  if (now !== buttons && !tagging.held.size) {
    at("tag-buttons").replaceChildren(...store.state.kinds.map(button));
    buttons = now;
  } else if (now !== buttons) {
    for (const [i, kind] of store.state.kinds.entries()) at("tag-buttons").children[i]?.classList.toggle("held", tagging.held.has(kind.name));
    buttons = "";
  }
  at("tag-why").hidden = !store.state.untagged;
  at("tag-why").textContent = store.state.untagged && t("untagged", { why: store.state.untagged });
  const { last } = tagging;
  at("tag-last").hidden = !last;
  if (last) at("tag-last-words").textContent = [last.title, clock(last.peak_s), last.team, last.player, last.outcome].filter(Boolean).join(" · ");
  at("tag-home-name").textContent = team(0);
  at("tag-away-name").textContent = team(1);
  at("tag-player").hidden = !tagging.player;
  at("players").replaceChildren(...store.state.roster.flatMap((one) => one.players.map((player) => make("option", { value: player.name || player.number }, [player.number, one.name].filter(Boolean).join(" ")))));
}

function askPlayer() {
  tagging.player = true;
  show();
  at("tag-player-name").value = tagging.last.player;
  at("tag-player-name").focus();
}

async function playerDone() {
  const text = at("tag-player-name").value;
  tagging.player = false;
  at("video").focus({ preventScroll: true });
  show();
  if (text.trim()) await complete(named(text));
}

function takeBack() {
  tagging.last = null;
  undo();
  show();
}

const good = () => complete({ description: t("outcome_good_note") }), bad = () => complete({ description: t("outcome_bad_note") });
const AFTER = { h: () => complete({ team: team(0) }), a: () => complete({ team: team(1) }), p: askPlayer, "+": good, "=": good, "-": bad, Backspace: takeBack };

function key(event) {
  if (!tagging.on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input:not([type=range], [type=checkbox]), textarea, select")) return;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key, kind = kindOf(name);
  if (event.type === "keyup") {
    if (kind && tagging.held.has(kind.name)) { event.preventDefault(); event.stopImmediatePropagation(); release(kind); }
    return;
  }
  const act = kind ? () => !event.repeat && press(kind) : tagging.last && AFTER[name];
  if (!act) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (kind || !event.repeat) act();
}
addEventListener("keydown", key, { capture: true });
addEventListener("keyup", key, { capture: true });
addEventListener("blur", () => { tagging.held.clear(); show(); });

// ---- keys and roster ------------------------------------------------------------------------------------------------------------

function openKeys() {
  at("tag-keys-rows").replaceChildren(...store.state.kinds.map((kind) => make("label", {}, make("span", {}, kind.title),
    make("input", { name: kind.name, value: keyOf(kind), maxLength: 1, autocomplete: "off", onfocus: (event) => event.target.select() }))));
  at("tag-keys").showModal();
}

function saveKeys() {
  const chosen = Object.fromEntries([...at("tag-keys-rows").querySelectorAll("input")].map((input) => [input.name, input.value.trim().toLowerCase()]));
  const given = Object.values(chosen).filter(Boolean), twice = given.find((one, i) => given.indexOf(one) !== i), taken = given.find((one) => "hap+-= ".includes(one));
  if (twice || taken) { at("tag-keys-words").textContent = twice ? t("tag_key_twice", { key: twice.toUpperCase() }) : t("tag_key_taken", { key: taken.toUpperCase() }); return; }
  localStorage.setItem(keysName(), JSON.stringify(chosen));
  tagging.keys = chosen;
  at("tag-keys").close();
  show();
}

function openRoster() {
  for (const side of [0, 1]) {
    const known = store.state.roster[side];
    at(`roster-name-${side}`).value = known?.name || team(side);
    at(`roster-${side}`).value = (known?.players ?? []).map((player) => `${player.number} ${player.name}`.trim()).join("\n");
  }
  at("roster-words").textContent = "";
  at("roster").showModal();
}

async function saveRoster() {
  try {
    use(await post("api/roster", { teams: [0, 1].map((side) => ({ name: at(`roster-name-${side}`).value.trim(), text: at(`roster-${side}`).value })) }));
    at("roster").close();
    toast(t("roster_saved"));
  } catch (error) {
    at("roster-words").textContent = error.message;
  }
}

async function fromFile(event) {
  const [file] = event.target.files;
  if (file) at(`roster-${event.target.dataset.side}`).value = await file.text();
  event.target.value = "";
}

export function beginTagging() {
  at("open-tagging").addEventListener("click", () => toggleTagging());
  at("tag-done").addEventListener("click", () => toggleTagging(false));
  at("tag-home").addEventListener("click", AFTER.h);
  at("tag-away").addEventListener("click", AFTER.a);
  at("tag-who").addEventListener("click", askPlayer);
  at("tag-good").addEventListener("click", good);
  at("tag-bad").addEventListener("click", bad);
  at("tag-undo").addEventListener("click", takeBack);
  at("tag-player").addEventListener("submit", (event) => { event.preventDefault(); playerDone(); });
  at("tag-player-name").addEventListener("keydown", (event) => { if (event.key === "Escape") { tagging.player = false; show(); } });
  at("tag-open-keys").addEventListener("click", openKeys);
  at("tag-keys-save").addEventListener("click", saveKeys);
  at("open-roster").addEventListener("click", openRoster);
  at("roster-save").addEventListener("click", saveRoster);
  for (const side of [0, 1]) at(`roster-file-${side}`).addEventListener("change", fromFile);
  // so that the space bar plays again, instead of pressing that button once more
  for (const id of ["tag-keys", "roster"]) at(id).addEventListener("close", () => at("video").focus());
  panel.addEventListener("click", (event) => { if (event.detail && !tagging.player && !document.querySelector("dialog[open]") && event.target.closest("button")) at("video").focus({ preventScroll: true }); });
  on("state", show);
  show();
  if (store.state.untagged) toggleTagging(true);
}
