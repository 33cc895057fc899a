// All keys in one table: name and function, and the dialog that lists them.

import { at, make } from "./dom.js";
import { open as openCut } from "./cut.js";
import { open as openGraphic } from "./graphic.js";
import { open as openExport } from "./handover.js";
import { rename } from "./inspector.js";
import { cancelDrag, fit, panBy, zoomBy, zoomToEvent } from "./lanes.js";
import { full, mute, pause, playEvent, seek, setLoop, shuttle, step, time, toggle } from "./player.js";
import { choose, chooseAll, lead, redo, showMisses, store, undo } from "./store.js";
import { toggleTagging } from "./tag.js";
import { accept, add, go, merge, reject, setIn, setOut, split } from "./verbs.js";

const by = (seconds) => () => seek(store.frames.near(time() + seconds));
const edge = (name) => () => lead() && seek(name === "in" ? lead().in_s : store.frames.near(lead().out_s, -1));

/** [keys as pressed, keys as shown, description, function]; a heading is a string. */
const TABLE = [
  "Play",
  [[" "], "Space", "play or pause", toggle],
  [["j"], "J", "backwards, faster each time", () => shuttle(-1)],
  [["k"], "K", "stop", pause],
  [["l"], "L", "forwards, faster each time", () => shuttle(1)],
  [[","], ",", "one frame back", () => step(-1)],
  [["."], ".", "one frame forward", () => step(1)],
  [["ArrowLeft"], "←", "1 s back", by(-1)],
  [["ArrowRight"], "→", "1 s forward", by(1)],
  [["Shift+ArrowLeft"], "Shift ←", "5 s back", by(-5)],
  [["Shift+ArrowRight"], "Shift →", "5 s forward", by(5)],
  [["Home"], "Home", "to the beginning", () => seek(0)],
  [["End"], "End", "to the end", () => seek(store.frames.near(store.state.duration_s - 0.001, -1))],
  [["Enter"], "Enter", "play the clip", () => playEvent()],
  [["c"], "C", "loop the clip", () => setLoop()],
  [["u"], "U", "sound on or off", mute],
  [["f"], "F", "full screen", full],
  "Events",
  [["ArrowDown"], "↓", "next event", () => go(1)],
  [["ArrowUp"], "↑", "previous event", () => go(-1)],
  [["Shift+ArrowDown"], "Shift ↓", "select the next one too", () => go(1, { range: true })],
  [["Shift+ArrowUp"], "Shift ↑", "select the previous one too", () => go(-1, { range: true })],
  [["Ctrl+a"], "Ctrl A", "select all shown", chooseAll],
  [["a"], "A", "accept", () => accept()],
  [["x", "Delete"], "X Delete", "reject", () => reject()],
  [["i"], "I", "in point here", setIn],
  [["o"], "O", "out point here", setOut],
  [["q"], "Q", "go to the in point", edge("in")],
  [["w"], "W", "go to the out point", edge("out")],
  [["n"], "N", "add an event here", () => add()],
  [["b"], "B", "tag by keys", () => toggleTagging()],
  [["m"], "M", "merge the selected", merge],
  [["s"], "S", "split here", split],
  [["F2", "t"], "T F2", "rename", rename],
  [["v"], "V", "near misses", () => showMisses()],
  [["/"], "/", "search", () => at("search").select()],
  [["Escape"], "Esc", "clear the selection", () => cancelDrag() || choose(null)],
  "Timeline",
  [["+", "="], "+", "zoom in", () => zoomBy(2)],
  [["-"], "−", "zoom out", () => zoomBy(0.5)],
  [["0"], "0", "the whole match", fit],
  [["z"], "Z", "zoom to the event", () => zoomToEvent()],
  [["PageUp"], "Page_Up", "earlier", () => panBy(-400)],
  [["PageDown"], "Page_Down", "later", () => panBy(400)],
  [[], "Wheel", "zoom; with Shift earlier, later", null],
  [[], "Alt", "drag an edge without snapping", null],
  "Page",
  [["Ctrl+z"], "Ctrl Z", "undo", undo],
  [["Ctrl+Shift+z", "Ctrl+y"], "Ctrl Shift Z", "redo", redo],
  [["r"], "R", "make reel", openCut],
  [["e"], "E", "export", openExport],
  [["g"], "G", "score graphic", () => openGraphic()],
  [["?"], "?", "these keys", open],
];
const DEEDS = new Map(TABLE.filter(Array.isArray).flatMap(([keys, , , deed]) => keys.map((key) => [key, deed])));

export function open() {
  at("keys-list").replaceChildren(...TABLE.map((row) => typeof row === "string"
    ? make("h3", {}, row)
    : make("p", {}, make("span", {}, ...row[1].split(" ").map((key) => make("kbd", {}, key.replace("_", " ")))), make("span", {}, row[2]))));
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
