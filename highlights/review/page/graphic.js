// The score graphic: a picture with the cell of each counter, what is read in the cells, and saving them into the profile.

import { at, icon, make, toast } from "./dom.js";
import { pause, time } from "./player.js";
import { Gone, Refused, get, post } from "./server.js";
import { save, store } from "./store.js";
import { clamp, clock, ms } from "./times.js";
import { t } from "./words.js";

const dialog = at("graphic"), view = at("pin-view"), stage = at("pin-stage"), picture = at("pin-picture");
const DRAGGED_PX = 4;      // a pointer that moves less has clicked
const STEP = 0.0025;       // of the picture's width and height, for each press of an arrow key
const LEAST = 0.004;       // of the same: a smaller cell holds no number
const CLOSEST = 8;         // times enlarged
const USUAL = [0.05, 0.07]; // width and height of a cell made by keyboard

// `cells` and what was read in them are by counter; those in `proposed` nobody has looked at yet
const here = { counters: [], cells: {}, numbers: {}, proposed: new Set(), rows: [], chosen: "", at_s: 0, zoom: 1, saved: "" };
let turn = 0;  // of the dialog: answers to an earlier one are ignored
let opening = false;  // again, perhaps before the browser has reported that it was closed

const called = (counter) => t(`counter_${counter}`, {}, counter.replaceAll("_", " "));
const titled = (counter) => called(counter)[0].toUpperCase() + called(counter).slice(1);
const team = (counter) => store.state.teams[["home", "away"].indexOf(counter.split("_")[0])] ?? "";
const colour = (counter) => "colour-" + [1, 2, 3, 5, 4, 6][here.counters.indexOf(counter)];
/** Whether both numbers of a score have a cell. */
const enough = () => here.counters.some((one, i) => i % 2 === 0 && here.cells[one] && here.cells[here.counters[i + 1]]);

function say(words, wrong = false) { at("pin-said").textContent = words; at("pin-said").classList.toggle("wrong", wrong); }

/** The answer to a request; null if it was refused, which is then shown, or if the dialog has been closed meanwhile. */
async function asked(request) {
  const mine = turn;
  try {
    const answer = await request;
    return mine === turn ? answer : null;
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof Gone)) throw error;
    if (mine === turn) { if (dialog.open) say(error.message, true); else toast(error.message, true); }
    return null;
  }
}

export async function open(time_s = time()) {
  turn++;
  opening = true;
  pause();
  const shown = await asked(get("api/cells"));
  opening = false;
  if (!shown || dialog.open) return;
  Object.assign(here, { counters: shown.counters, cells: shown.cells, rows: shown.rows, saved: JSON.stringify(shown.cells), numbers: {}, proposed: new Set(), chosen: shown.counters[0] });
  at("pin-file").textContent = t("pin_file", { file: shown.file });
  at("pin-after").hidden = true;
  at("pin-pictures").replaceChildren();
  say("");
  zoom(1);
  showPicture(typeof time_s === "number" ? time_s : time());
  show();
  dialog.showModal();
  at("pin-counters").querySelector("input").focus();
  if (Object.keys(here.cells).length) say(t("pin_known")); else propose();
}

/** Shows what a run takes for the score, where no cell has been given yet. */
async function propose() {
  say(t("pin_looking"));
  const found = await asked(post("api/cells/find"));
  if (!found) return;
  const free = Object.keys(found.cells).filter((counter) => !here.cells[counter]);
  for (const counter of free) {
    here.cells[counter] = found.cells[counter];
    here.numbers[counter] = found.numbers[counter];
    here.proposed.add(counter);
  }
  if (!free.length) say(Object.keys(here.cells).length ? "" : t("pin_none"));
  else say(found.doubt ? t("pin_unsure", { why: found.doubt }) : t("pin_proposed"));
  show();
}

// ---- the picture ----------------------------------------------------------------------------------------------------------------

function showPicture(time_s) {
  here.at_s = ms(time_s);
  at("pin-when").textContent = t("pin_at", { time: clock(here.at_s, 1) });
  view.ariaBusy = "true";
  picture.src = "api/still?t=" + here.at_s.toFixed(3);
}
picture.addEventListener("load", () => { view.parentElement.style.setProperty("--ratio", picture.naturalWidth / picture.naturalHeight); view.ariaBusy = "false"; });
picture.addEventListener("error", () => { view.ariaBusy = "false"; say(t("pin_no_picture"), true); });

/** Enlarges the picture; the given point of it, in shares, stays where it is on the screen. */
function zoom(times, x = middle()[0], y = middle()[1]) {
  const scale = clamp(times, 1, CLOSEST), before = stage.getBoundingClientRect(), frame = view.getBoundingClientRect();
  const across = before.left + x * before.width - frame.left, down = before.top + y * before.height - frame.top;
  here.zoom = scale;
  stage.style.width = stage.style.height = scale * 100 + "%";
  view.scrollLeft = x * frame.width * scale - across;
  view.scrollTop = y * frame.height * scale - down;
}

/** The middle of the chosen cell, of the graphic, or of the picture. */
function middle() {
  const places = here.cells[here.chosen] ? [here.cells[here.chosen]] : here.rows;
  if (!places.length) return [0.5, 0.5];
  const mean = (a, b) => (Math.min(...places.map((place) => place[a])) + Math.max(...places.map((place) => place[b]))) / 2;
  return [mean(0, 2), mean(1, 3)];
}

function spot(event) {
  const box = stage.getBoundingClientRect();
  return [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((event.clientY - box.top) / box.height, 0, 1)];
}

const between = ([x0, y0], [x1, y1]) => [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];

function placed(element, [left, top, right, bottom]) {
  Object.assign(element.style, { left: left * 100 + "%", top: top * 100 + "%", width: (right - left) * 100 + "%", height: (bottom - top) * 100 + "%" });
  return element;
}

function showCells(drawing = null) {
  const cell = (counter, place) => placed(make("div", { class: `cell ${colour(counter)}${counter === here.chosen ? " chosen" : ""}${here.proposed.has(counter) ? " proposed" : ""}${place[3] > 0.9 ? " low" : ""}` },
    counter === here.chosen ? make("span", {}, titled(counter)) : ""), place);
  const cells = drawing ? { ...here.cells, [here.chosen]: drawing } : here.cells;
  at("pin-cells").replaceChildren(...here.rows.map((row) => placed(make("div", { class: "cell row-of" }), row)), ...here.counters.filter((counter) => cells[counter]).map((counter) => cell(counter, cells[counter])));
}

let from = null;  // where the pointer went down: [x, y] in shares, and the event
stage.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  view.focus();
  stage.setPointerCapture(event.pointerId);
  from = { spot: spot(event), event };
});
const dragged = (event) => Math.hypot(event.clientX - from.event.clientX, event.clientY - from.event.clientY) >= DRAGGED_PX;
stage.addEventListener("pointermove", (event) => { if (from && dragged(event)) showCells(between(from.spot, spot(event))); });
stage.addEventListener("pointerup", (event) => {
  if (!from) return;
  const cell = between(from.spot, spot(event)), moved = dragged(event), pointed = from.spot;
  from = null;
  if (!moved) point(...pointed);
  else if (cell[2] - cell[0] >= LEAST && cell[3] - cell[1] >= LEAST) use(here.chosen, cell);
  else showCells();
});
stage.addEventListener("pointercancel", () => { from = null; showCells(); });
view.addEventListener("wheel", (event) => { event.preventDefault(); zoom(here.zoom * (event.deltaY < 0 ? 1.25 : 0.8), ...spot(event)); }, { passive: false });

/** Puts the chosen counter's cell around the number at a point. */
async function point(x, y) {
  const counter = here.chosen;
  view.ariaBusy = "true";
  const found = await asked(post("api/cells/at", { at_s: here.at_s, x, y }));
  view.ariaBusy = "false";
  if (!found) return;
  use(counter, found.cell, found.text);
  if (!found.text) say(t("pin_unread"), true);
}

/** Gives a counter a cell, and goes on to the next counter without one that was looked at. */
function use(counter, cell, number = "", next = true) {
  here.cells[counter] = cell.map((share) => Math.round(share * 10000) / 10000);
  here.numbers[counter] = number;
  here.proposed.delete(counter);
  const unseen = here.counters.find((one) => !here.cells[one] || here.proposed.has(one));
  if (next && counter === here.chosen) here.chosen = unseen ?? counter;
  changed();
}

function changed() {
  say("");
  at("pin-pictures").replaceChildren();
  at("pin-after").hidden = true;
  show();
}

/** Arrow keys move the chosen cell, with Shift its far edges; Enter puts it around the number in its middle. */
function moved(key, larger) {
  const [dx, dy] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key];
  const [x, y] = middle(), [left, top, right, bottom] = here.cells[here.chosen] ?? [x - USUAL[0] / 2, y - USUAL[1] / 2, x + USUAL[0] / 2, y + USUAL[1] / 2];
  const [start_x, start_y] = larger ? [left, top] : [clamp(left + dx, 0, 1), clamp(top + dy, 0, 1)];
  const cell = [start_x, start_y, clamp(right + dx, 0, 1), clamp(bottom + dy, 0, 1)];
  if (cell[2] - cell[0] >= LEAST && cell[3] - cell[1] >= LEAST) use(here.chosen, cell, "", false);
}
view.addEventListener("keydown", (event) => {
  if (event.key.startsWith("Arrow")) moved(event.key, event.shiftKey);
  else if (event.key === "Enter") point(...middle());
  else if (event.key === "+" || event.key === "=") zoom(here.zoom * 1.5);
  else if (event.key === "-") zoom(here.zoom / 1.5);
  else if (event.key === "0") zoom(1);
  else if (event.key === "Escape" && from) { from = null; showCells(); }
  else return;
  event.preventDefault();
});

// ---- the counters -----------------------------------------------------------------------------------------------------------------

function show() {
  const focused = document.activeElement?.closest("#pin-counters") && document.activeElement.type === "radio";
  at("pin-counters").replaceChildren(make("legend", {}, t("pin_which")), ...here.counters.map((counter) => {
    const radio = make("input", { type: "radio", name: "counter", value: counter, checked: counter === here.chosen, onchange: () => { here.chosen = counter; show(); } });
    const number = here.cells[counter] ? here.numbers[counter] || t("pin_set") : "";
    return make("div", { class: "counter " + colour(counter) },
      make("label", {}, radio, make("i", { "aria-hidden": "true" }), make("span", {}, titled(counter)), make("span", { class: "quiet" }, team(counter))),
      make("b", { class: here.numbers[counter] ? "" : "quiet" }, number),
      here.cells[counter] ? make("button", { type: "button", class: "tool", "aria-label": t("pin_remove_of", { counter: called(counter) }), title: t("pin_remove"), onclick: () => { delete here.cells[counter]; here.chosen = counter; changed(); } }, icon("close")) : make("span"));
  }));
  if (focused) at("pin-counters").querySelector(":checked").focus();
  at("pin-read").disabled = !Object.keys(here.cells).length;
  at("pin-save").disabled = !enough() || JSON.stringify(here.cells) === here.saved;
  showCells();
}

async function read() {
  const cells = { ...here.cells }, counters = here.counters.filter((counter) => cells[counter]);
  at("pin-read").disabled = true;
  say(t("pin_reading"));
  const found = await asked(post("api/cells/read", { at_s: here.at_s, cells }));
  at("pin-read").disabled = false;
  if (!found || JSON.stringify(cells) !== JSON.stringify(here.cells)) return;
  for (const counter of counters) here.numbers[counter] = found.pictures[0].numbers[counter] ?? "";
  const whole = found.pictures.filter(({ numbers }) => counters.every((counter) => numbers[counter] !== undefined)).length;
  say([t("pin_read_in", { whole, n: found.pictures.length }), whole < found.pictures.length ? t("pin_hidden") : ""].filter(Boolean).join(" "));
  show();
  at("pin-pictures").replaceChildren(...found.pictures.map(({ time_s, numbers, picture: address }) => make("li", {},
    make("img", { src: address, alt: "" }),
    make("p", {}, ...counters.map((counter) => make("span", { class: numbers[counter] === undefined ? "quiet" : "" }, called(counter) + " ", numbers[counter] === undefined ? t("pin_not_read") : make("b", {}, numbers[counter])))),
    make("button", { type: "button", class: "link", title: t("pin_show"), onclick: () => showPicture(time_s) }, clock(time_s, 1)))));
}

async function keep() {
  if (!await save(t("deed_cells"), "api/cells/save", { cells: here.cells })) return;
  here.proposed.clear();
  here.saved = JSON.stringify(here.cells);
  show();
  const shown = await asked(get("api/cells"));
  if (!shown) return;
  say("");
  at("pin-saved").textContent = t("pin_saved");
  at("pin-command").textContent = shown.command;
  at("pin-season").textContent = t("pin_season", { file: shown.file });
  at("pin-after").hidden = false;
}

at("pin-read").addEventListener("click", read);
at("pin-save").addEventListener("click", keep);
at("pin-closer").addEventListener("click", () => zoom(here.zoom * 1.5));
at("pin-wider").addEventListener("click", () => zoom(here.zoom / 1.5));
at("pin-fit").addEventListener("click", () => zoom(1));
at("pin-copy").addEventListener("click", async () => { await navigator.clipboard.writeText(at("pin-command").textContent); toast(t("copied")); });
dialog.addEventListener("close", () => { if (!opening) turn++; from = null; });
dialog.querySelector("form").addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault(); });
