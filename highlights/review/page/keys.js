// All keys in one table: name and function, and the dialog that lists them.

import { at, make } from "./dom.js";
import { open as openCut } from "./cut.js";
import { open as openGraphic } from "./graphic.js";
import { open as openExport } from "./handover.js";
import { rename } from "./inspector.js";
import { cancelDrag, fit, panBy, zoomBy, zoomToEvent } from "./lanes.js";
import { full, mute, pause, playEvent, seek, setLoop, shuttle, step, time, toggle } from "./player.js";
import { choose, chooseAll, lead, redo, settled, showMisses, store, undo } from "./store.js";
import { toggleTagging } from "./tag.js";
import { accept, add, go, merge, reject, setIn, setOut, split } from "./verbs.js";
import { offerLanguages, t } from "./words.js";

const by = (seconds) => () => seek(store.frames.near(time() + seconds));
const edge = (name) => () => lead() && seek(name === "in" ? lead().in_s : store.frames.near(lead().out_s, -1));

/** [keys as pressed, keys as shown, its words, function]; a heading is a string. */
const TABLE = [
  "play",
  [[" "], "Space", "does_toggle", toggle],
  [["j"], "J", "does_backwards", () => shuttle(-1)],
  [["k"], "K", "does_stop", pause],
  [["l"], "L", "does_forwards", () => shuttle(1)],
  [[","], ",", "does_frame_back", () => step(-1)],
  [["."], ".", "does_frame_on", () => step(1)],
  [["ArrowLeft"], "←", "does_1_back", by(-1)],
  [["ArrowRight"], "→", "does_1_on", by(1)],
  [["Shift+ArrowLeft"], "Shift ←", "does_5_back", by(-5)],
  [["Shift+ArrowRight"], "Shift →", "does_5_on", by(5)],
  [["Home"], "Home", "does_beginning", () => seek(0)],
  [["End"], "End", "does_end", () => seek(store.frames.near(store.state.duration_s - 0.001, -1))],
  [["Enter"], "Enter", "does_play_clip", () => playEvent()],
  [["c"], "C", "does_loop", () => setLoop()],
  [["u"], "U", "does_mute", mute],
  [["f"], "F", "does_full", full],
  "events",
  [["ArrowDown"], "↓", "does_next", () => go(1)],
  [["ArrowUp"], "↑", "does_previous", () => go(-1)],
  [["Shift+ArrowDown"], "Shift ↓", "does_next_too", () => go(1, { range: true })],
  [["Shift+ArrowUp"], "Shift ↑", "does_previous_too", () => go(-1, { range: true })],
  [["Ctrl+a"], "Ctrl A", "does_all", chooseAll],
  [["a"], "A", "does_accept", () => accept()],
  [["x", "Delete"], "X Delete", "does_reject", () => reject()],
  [["i"], "I", "does_in", setIn],
  [["o"], "O", "does_out", setOut],
  [["q"], "Q", "does_to_in", edge("in")],
  [["w"], "W", "does_to_out", edge("out")],
  [["n"], "N", "does_add", () => add()],
  [["b"], "B", "does_tag", () => toggleTagging()],
  [["m"], "M", "does_merge", merge],
  [["s"], "S", "does_split", split],
  [["F2", "t"], "T F2", "does_rename", rename],
  [["v"], "V", "does_misses", () => showMisses()],
  [["/"], "/", "does_search", () => at("search").select()],
  [["Escape"], "Esc", "does_clear", () => cancelDrag() || choose(null)],
  "timeline",
  [["+", "="], "+", "does_zoom_in", () => zoomBy(2)],
  [["-"], "−", "does_zoom_out", () => zoomBy(0.5)],
  [["0"], "0", "does_fit", fit],
  [["z"], "Z", "does_zoom_event", () => zoomToEvent()],
  [["PageUp"], "Page_Up", "does_earlier", () => panBy(-400)],
  [["PageDown"], "Page_Down", "does_later", () => panBy(400)],
  [[], "Wheel", "does_wheel", null],
  [[], "Alt", "does_alt", null],
  "page",
  [["Ctrl+z"], "Ctrl Z", "does_undo", undo],
  [["Ctrl+Shift+z", "Ctrl+y"], "Ctrl Shift Z", "does_redo", redo],
  [["r"], "R", "does_cut", openCut],
  [["e"], "E", "does_export", openExport],
  [["g"], "G", "does_graphic", () => openGraphic()],
  [["?"], "?", "does_keys", open],
];
const DEEDS = new Map(TABLE.filter(Array.isArray).flatMap(([keys, , , deed]) => keys.map((key) => [key, deed])));

export function open() {
  at("keys-list").replaceChildren(...TABLE.map((row) => typeof row === "string"
    ? make("h3", {}, t(row))
    : make("p", {}, make("span", {}, ...row[1].split(" ").map((key) => make("kbd", {}, t(`key_${key}`, {}, key)))), make("span", {}, t(row[2])))));
  at("keys").showModal();
}

function named(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "", shift = event.shiftKey && (key.length > 1 || control) ? "Shift+" : "";
  return control + shift + key;
}

/** Whether the focused control needs the key itself. */
function needed(event, name) {
  const { target } = event;
  if (document.querySelector("dialog[open]")) return true;
  if (target.closest("input:not([type=range], [type=checkbox], [type=radio]), textarea")) return true;
  if (target.closest("select, [type=range]")) return !name.startsWith("Ctrl+");
  return ["Enter", " "].includes(event.key) && Boolean(target.closest("button, a, summary"));
}

addEventListener("keydown", (event) => {
  if (event.altKey || event.isComposing || !store.state) return;
  const name = named(event), deed = DEEDS.get(name);
  if (!deed || needed(event, name)) return;
  event.preventDefault();
  deed();
});

export const beginKeys = () => offerLanguages(at("language"), settled);
