// The timeline with pointer and keys: zoom, pan, seek, select, trim by dragging with snapping, thumbnails.

import { at, later, make, percent, perFrame } from "./dom.js";
import { trim } from "./verbs.js";
import { draw, drag, eventsInSight, lane, lanes, layOut, line, measure, readColours, readScores, scoreAt, timeAt, view, xOf } from "./paint.js";
import { load } from "./pictures.js";
import { playEvent, seek, time } from "./player.js";
import { picture } from "./server.js";
import { choose, lead, on, store, tell } from "./store.js";
import { clamp, clock, lastBefore } from "./times.js";
import { decimal, t } from "./words.js";

const EDGE_PX = 6, SNAP_PX = 9, CLICK_PX = 3;
const HIGH_WINDOW_PX = 860;
const CLOSEST_PX = 14;  // a frame is never drawn wider

const field = at("field"), tip = at("tip"), ghost = at("ghost"), snapMark = at("snap");

const redraw = perFrame(() => { draw(); placeHead(); });

// ---- the visible span -----------------------------------------------------------------------------------------------------------

const duration = () => store.state.duration_s;

function look(from, scale) {
  view.scale = clamp(scale, view.width / duration(), Math.max(view.width / duration(), CLOSEST_PX * store.frames.hz));
  view.from = clamp(from, 0, Math.max(0, duration() - view.width / view.scale));
  redraw();
}

export function zoomBy(factor, x = null) {
  const head = xOf(time()), at = x ?? (head >= 0 && head <= view.width ? head : view.width / 2), fixed = timeAt(at);
  const scale = clamp(view.scale * factor, view.width / duration(), Math.max(view.width / duration(), CLOSEST_PX * store.frames.hz));
  look(fixed - at / scale, scale);
}
export const fit = () => look(0, 0);
export const panBy = (px) => look(view.from + px / view.scale, view.scale);

/** The event in the middle, with twice its length on both sides. */
export function zoomToEvent(row = lead()) {
  if (!row) return;
  const length = Math.max(2, row.out_s - row.in_s), scale = view.width / (length * 3);
  look((row.in_s + row.out_s) / 2 - view.width / scale / 2, scale);
}

/** Scrolls only as far as needed to show a span. */
export function reveal(from, to) {
  if (from >= view.from && to <= timeAt(view.width)) return;
  const middle = (from + to) / 2;
  look(middle - view.width / view.scale / 2, view.scale);
}
export const inSightNow = () => [view.from, Math.min(duration(), timeAt(view.width))];

// ---- head and ghost -------------------------------------------------------------------------------------------------------------

const move = (element, time) => { element.style.transform = `translateX(${Math.round(xOf(time) * 2) / 2}px)`; };

function placeHead() {
  move(at("head"), time());
  at("head").hidden = xOf(time()) < -8 || xOf(time()) > view.width + 8;
}

let headSeen = true;
function follow(now, playing) {
  const x = xOf(now);
  if (playing && headSeen && x > view.width && !drag.row) look(now - view.width * 0.05 / view.scale, view.scale);
  headSeen = xOf(now) >= 0 && xOf(now) <= view.width;
  placeHead();
  field.ariaValueNow = now.toFixed(2);
  field.ariaValueText = clock(now, 1);
}

// ---- under the pointer ----------------------------------------------------------------------------------------------------------

function pointed(event) {
  const box = field.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  return { x, y, time: clamp(timeAt(x), 0, duration()), lane: lanes.find((one) => y < one.top + one.height) ?? lanes.at(-1) };
}

/** The row under the pointer in the lane of events; the selected one before others. */
function rowAt({ x, y, lane, time }) {
  if (lane.key === "clips") return eventOf(clipAt(time), "");
  if (lane.key !== "events") return null;
  const slack = EDGE_PX / view.scale;
  const near = eventsInSight(time - slack, time + slack).filter((row) => {
    const [top, height] = line(row);
    return x >= xOf(row.in_s) - EDGE_PX && x <= Math.max(xOf(row.out_s), xOf(row.in_s) + 3) + EDGE_PX && y - lane.top >= top - 1 && y - lane.top <= top + height + 1;
  });
  const inside = near.filter((row) => time >= row.in_s && time <= row.out_s);
  return near.find((row) => row.key === store.lead) ?? inside.at(-1) ?? near.at(-1) ?? null;
}

const clipAt = (time, slack = 0) => store.state.clips.find((clip) => !clip.replay && clip.start_s - slack <= time && time <= clip.end_s + slack);

/** The event of a clip whose edge is that of the clip. */
function eventOf(clip, edge) {
  const rows = clip?.events.map((index) => store.rows.find((row) => row.key === "events:" + index)).filter(Boolean) ?? [];
  return rows.toSorted((a, b) => edge === "out" ? b.out_s - a.out_s : a.in_s - b.in_s)[0] ?? null;
}

/** The edge under the pointer: its row and which of the two edges. */
function edgeAt(spot) {
  const { x, lane } = spot;
  if (lane.key === "clips") {
    const clip = clipAt(spot.time, EDGE_PX / view.scale), edge = clip && nearer(x, clip.start_s, clip.end_s);
    return edge ? { row: eventOf(clip, edge), edge } : null;
  }
  const row = lane.key === "events" ? rowAt(spot) : null, edge = row && nearer(x, row.in_s, row.out_s);
  const roomy = row && (row.key === store.lead || (row.out_s - row.in_s) * view.scale > 4 * EDGE_PX);
  return edge && roomy ? { row, edge } : null;
}

function nearer(x, in_s, out_s) {
  const [one, other] = [Math.abs(x - xOf(in_s)), Math.abs(x - xOf(out_s))];
  return Math.min(one, other) > EDGE_PX ? "" : one < other ? "in" : "out";
}

/** Where an edge dragged to `time` goes: a near cut, the playhead, or the nearest frame. */
function snapped(time, free) {
  if (free) return { time, to: "" };
  const { scenes } = store.analysis, i = lastBefore(scenes, time, "start_s");
  const spots = [scenes[i], scenes[i + 1]].filter(Boolean).map((scene) => ({ time: scene.start_s, to: "cut" }));
  spots.push({ time: now(), to: "playhead" });
  const best = spots.sort((a, b) => Math.abs(a.time - time) - Math.abs(b.time - time))[0];
  if (best && Math.abs(best.time - time) * view.scale <= SNAP_PX) return best;
  return { time: store.frames.near(time), to: "frame" };
}
let headWas = 0;  // while an edge is dragged the player shows it, so the playhead that snaps is the one from before
const now = () => headWas;

// ---- dragging -------------------------------------------------------------------------------------------------------------------

let held = null;  // what the pointer went down on: {mode, start, ...}

field.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  const spot = pointed(event), edge = edgeAt(spot);
  field.setPointerCapture(event.pointerId);
  hideTip();
  if (edge?.row) {
    held = { mode: "trim", ...edge, spot, was: [edge.row.in_s, edge.row.out_s] };
    headWas = time();
    if (store.lead !== edge.row.key) choose(edge.row.key);
    held.row = drag.row = store.rows.find((row) => row.key === edge.row.key);
    drag.edge = edge.edge;
  } else held = { mode: spot.lane.key === "ruler" ? "scrub" : spot.lane.key === "whole" ? "window" : "pan", spot, from: view.from };
  held.moved = false;
  if (held.mode === "scrub") seek(spot.time);
  if (held.mode === "window") lookAround(spot);
});

const lookAround = ({ x }) => look(x / view.width * duration() - view.width / view.scale / 2, view.scale);

field.addEventListener("pointermove", (event) => {
  const spot = pointed(event);
  if (!held) return hover(spot);
  held.moved ||= Math.abs(spot.x - held.spot.x) > CLICK_PX;
  if (held.mode === "scrub") seek(store.frames.near(spot.time));
  if (held.mode === "window") lookAround(spot);
  if (held.mode === "pan" && held.moved) { field.style.cursor = "grabbing"; look(held.from - (spot.x - held.spot.x) / view.scale, view.scale); }
  if (held.mode === "trim" && held.moved) drawEdge(spot, event.altKey);
});

function drawEdge(spot, free) {
  const { row, edge, was } = held, frame = 1 / store.frames.hz, part = store.state.parts[store.frames.part((was[0] + was[1]) / 2)];
  const to = snapped(timeAt(spot.x), free);
  const low = edge === "in" ? part.start_s : row.in_s + frame, high = edge === "in" ? row.out_s - frame : part.start_s + part.duration_s;
  const time = clamp(to.time, low, high);
  row[edge + "_s"] = time;
  snapMark.hidden = !to.to || time !== to.time;
  snapMark.firstElementChild.textContent = to.to === "frame" ? clock(time, 2) : t(`snap_${to.to}`, { time: clock(time, 2) });
  snapMark.classList.toggle("flip", xOf(time) > view.width - 120);
  move(snapMark, time);
  seek(edge === "in" ? time : store.frames.near(time, -1), { playing: false });
  tell("edge", row);
  measure();
  redraw();
}

field.addEventListener("pointerup", (event) => {
  const spot = pointed(event), { mode, moved, row, edge } = held ?? {};
  if (mode === "trim" && moved) trim(row, { [edge + "_s"]: row[edge + "_s"] });
  else if (mode && !moved && mode !== "scrub" && mode !== "window") click(held.spot, event);
  letGo();
  field.style.cursor = edgeAt(spot) ? "ew-resize" : "default";
});
field.addEventListener("pointercancel", () => { if (held?.mode === "trim") giveBack(); letGo(); });

/** Cancels a drag. */
export function cancelDrag() {
  if (held?.mode !== "trim") return false;
  giveBack();
  letGo();
  return true;
}
function giveBack() {
  [held.row.in_s, held.row.out_s] = held.was;
  seek(headWas, { playing: false });
  tell("edge", held.row);
}
function letGo() {
  held = null;
  drag.row = null;
  snapMark.hidden = true;
  redraw();
}

function click(spot, { shiftKey, ctrlKey, metaKey }) {
  const row = rowAt(spot);
  if (row) choose(row.key, { more: ctrlKey || metaKey, range: shiftKey });
  if (!shiftKey && !ctrlKey && !metaKey) seek(spot.time);
}

field.addEventListener("dblclick", (event) => {
  const row = rowAt(pointed(event));
  if (row) playEvent(row);
});

field.addEventListener("wheel", (event) => {
  event.preventDefault();
  const unit = event.deltaMode === 1 ? 24 : 1;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) panBy((event.deltaX || event.deltaY) * unit);
  else zoomBy(Math.exp(-event.deltaY * unit / 400), pointed(event).x);
  hideTip();
}, { passive: false });

// ---- tooltip and thumbnail under the pointer ------------------------------------------------------------------------------

function hover(spot) {
  field.style.cursor = edgeAt(spot) ? "ew-resize" : ["ruler", "whole"].includes(spot.lane.key) || rowAt(spot) ? "pointer" : "default";
  ghost.hidden = false;
  move(ghost, spot.time);
  tip.lastElementChild.replaceChildren(make("b", {}, clock(spot.time, 2)), ...words(spot).map((line) => "\n" + line));
  tip.hidden = false;
  placeTip(spot);
  at("tip-picture").hidden ||= at("tip-picture").dataset.for !== step(spot.time).toFixed(3);
  showPicture(spot);
}

function placeTip({ x }) {
  const box = field.getBoundingClientRect(), left = box.left + x - tip.offsetWidth / 2;
  tip.style.left = clamp(left, 8, innerWidth - tip.offsetWidth - 8) + "px";
  tip.style.bottom = innerHeight - box.top + 8 + "px";
}

/** Thumbnail times are rounded to a few pixels, so that near ones share a picture. */
const step = (time) => { const every = Math.max(1 / store.frames.hz, 8 / view.scale); return Math.floor(time / every) * every; };

let wanted = null;
const showPicture = later(120, (spot) => {
  if (tip.hidden) return;
  const time = wanted = step(spot.time), image = new Image();
  image.onload = () => {
    if (tip.hidden || wanted !== time) return;
    at("tip-picture").src = image.src;
    at("tip-picture").dataset.for = time.toFixed(3);
    at("tip-picture").hidden = false;
    placeTip(spot);
  };
  load(image, picture(time, 108), () => !tip.hidden && wanted === time);
});

function hideTip() { tip.hidden = ghost.hidden = at("tip-picture").hidden = true; }
field.addEventListener("pointerleave", hideTip);

const MOST_WORDS = 4;

function words(spot) {
  const { time } = spot, { replays, tones, crowd } = store.analysis, slack = 3 / view.scale, near = (row) => row.start_s - slack <= time && time <= row.end_s + slack;
  const hit = rowAt(spot), rows = hit ? [hit] : eventsInSight(time - slack, time + slack).slice(0, MOST_WORDS);
  const level = crowd.values[Math.floor(time / crowd.step_s)];
  return [
    ...rows.map((row) => t(row.near ? "tip_near" : row.rejected ? "tip_rejected" : "", { words: `${row.label} (${percent(row.confidence)})` }, "{words}")),
    ...replays.filter(near).map((row) => t("tip_replay", { because: row.because })),
    ...tones.filter(near).map((row) => t(row.kind === "whistle" ? "tip_whistle" : "tip_buzzer")),
    [store.game.at(time), scoreAt(time)].filter(Boolean).join("  "),
    spot.lane.key === "crowd" && level !== undefined && t("tip_crowd", { level: decimal(level, 2).replace("-", "−") }),
  ].filter(Boolean);
}

// ---- keeping up -----------------------------------------------------------------------------------------------------------------

function relay() {
  const whole = view.scale <= view.width / duration() * 1.001, from = view.from;
  layOut(field.clientWidth, innerHeight >= HIGH_WINDOW_PX);
  at("labels").replaceChildren(...lanes.map((one) => {
    const label = make("li", {}, t(`lane_${one.key}`, {}, ""));
    label.style.height = one.height + "px";
    return label;
  }));
  field.style.height = view.height + "px";
  look(from, whole ? 0 : view.scale);
}

export function begin() {
  readColours();
  readScores();
  measure();
  field.ariaValueMax = duration();
  relay();
  fit();
  new ResizeObserver(relay).observe(field.parentElement);
  addEventListener("resize", relay);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); redraw(); });
  on("shown", () => { measure(); redraw(); });
  on("state", redraw);
  on("chosen", redraw);
  on("time", follow);
}
