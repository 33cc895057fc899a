// Draws the timeline's canvas, lane by lane: only what is visible, found by binary search.

import { store } from "./store.js";
import { clamp, clock, lastBefore } from "./times.js";
import { t } from "./words.js";

export const canvas = document.getElementById("canvas");
const brush = canvas.getContext("2d");
/** The visible span: from `from` seconds on, `scale` pixels a second. */
export const view = { from: 0, scale: 1, width: 0, height: 0 };
export const xOf = (time) => (time - view.from) * view.scale;
export const timeAt = (x) => view.from + x / view.scale;
export const drag = { row: null, edge: "" };

/** Lanes from top to bottom; heights in pixels on a low window and a high one. */
export const lanes = [
  { key: "ruler", heights: [22, 24], draw: drawRuler },
  { key: "events", heights: [48, 80], draw: drawEvents },
  { key: "clips", heights: [20, 26], draw: drawClips },
  { key: "score", heights: [24, 30], draw: drawScore },
  { key: "crowd", heights: [36, 66], draw: drawCrowd },
  { key: "replays", heights: [16, 20], draw: drawReplays },
  { key: "scenes", heights: [20, 26], draw: drawScenes },
  { key: "whole", heights: [18, 20], draw: drawWhole },
];
export const lane = (key) => lanes.find((one) => one.key === key);

let ink = {}, wide = new Map(), longest = 0, scores = [];

export function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ink", "quiet", "line", "accent", "panel", "sunk", "crowd", "crowd-fill", "scene", "scene-other", "cut", "replay", "good"];
  ink = Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
  ink.kinds = [...Array(8).keys()].map((i) => style.getPropertyValue("--c" + i).trim());
  ink.font = getComputedStyle(document.body).fontFamily;
}

export function layOut(width, high) {
  view.width = width;
  view.height = 0;
  for (const one of lanes) {
    one.top = view.height;
    one.height = one.heights[high ? 1 : 0];
    view.height += one.height;
  }
  const sharp = devicePixelRatio || 1;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(view.height * sharp);
  canvas.style.width = width + "px";
  canvas.style.height = view.height + "px";
  brush.setTransform(sharp, 0, 0, sharp, 0, 0);
  wide = new Map();
}

/** To be called when other rows are shown. */
export function measure() { longest = store.begun.reduce((most, row) => Math.max(most, row.out_s - row.in_s), 0); }

/** To be called once: how long each score was shown. */
export function readScores() {
  const { readings } = store.analysis;
  scores = readings.filter((reading, i) => reading.text && (!i || reading.text !== readings[i - 1].text)).map((reading, i, all) =>
    ({ start_s: reading.time_s, end_s: all[i + 1]?.time_s ?? store.state.duration_s, text: reading.text }));
}
export const scoreAt = (time) => scores[lastBefore(scores, time, "start_s")]?.text ?? "";

export function draw() {
  const from = view.from, to = timeAt(view.width);
  brush.clearRect(0, 0, view.width, view.height);
  brush.font = "11.5px " + ink.font;
  brush.textBaseline = "middle";
  drawChosen();
  for (const one of lanes) {
    brush.save();
    brush.translate(0, one.top);
    one.draw(one.height, from, to);
    brush.restore();
    if (one.key !== "whole") box(ink.line, 0, one.top + one.height - 1, view.width, 1);
  }
}

function box(colour, x, y, width, height) { brush.fillStyle = colour; brush.fillRect(x, y, width, height); }
function text(words, x, y, colour = ink.ink) { brush.fillStyle = colour; brush.fillText(words, x, y); }
const none = (words, height) => text(words, 10, height / 2, ink.quiet);
const extent = (words) => { if (!wide.has(words)) wide.set(words, brush.measureText(words).width); return wide.get(words); };

/** Rows that begin before `to` and end after `from`, from rows ordered by `first`, none longer than `most`. */
function inSight(rows, from, to, first, last, most) {
  const found = [];
  for (let i = lastBefore(rows, to, first); i >= 0 && rows[i][first] >= from - most; i--) if (rows[i][last] > from) found.push(rows[i]);
  return found.reverse();
}
export const eventsInSight = (from, to) => inSight(store.begun, from, to, "in_s", "out_s", longest);

/** Top and height of a row's block in the lane of events. */
export function line(row) {
  const height = lane("events").height - 7, each = height / store.lines;
  return [3 + row.line * each, each - (store.lines > 1 ? 1 : 0)];
}

function drawChosen() {
  const row = store.rows.find((one) => one.key === store.lead);
  if (!row) return;
  const top = lane("events").top;
  brush.globalAlpha = 0.1;
  box(ink.kinds[row.colour], xOf(row.in_s), top, (row.out_s - row.in_s) * view.scale, lane("whole").top - top);
  brush.globalAlpha = 1;
}

function drawRuler(height, from, to) {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const every = steps.find((step) => step * view.scale > 76) ?? 7200, decimals = every < 1 ? 1 : 0;
  for (let i = Math.floor(from / every); i * every <= to; i++) {
    const x = Math.round(xOf(i * every));
    box(ink.line, x, 0, 1, height);
    text(clock(i * every, decimals), x + 5, height / 2, ink.quiet);
  }
  for (const part of store.state.parts.slice(1)) box(ink.quiet, xOf(part.start_s) - 1, 0, 2, lane("whole").top);
}

function drawEvents(height, from, to) {
  if (!store.rows.length) return none(t("lane_no_events"), height);
  const margin = 200 / view.scale, rows = eventsInSight(from - margin, to), after = new Array(store.lines).fill(view.width);
  for (const row of rows.toReversed()) {
    drawEvent(row, after[row.line]);
    after[row.line] = xOf(row.in_s);
  }
}

function drawEvent(row, limit) {
  const [y, height] = line(row), left = xOf(row.in_s), width = Math.max(3, (row.out_s - row.in_s) * view.scale);
  const colour = ink.kinds[row.colour], chosen = store.chosen.has(row.key), lead = row.key === store.lead;
  if (row.near || row.rejected) {
    brush.strokeStyle = row.rejected ? ink.quiet : colour;
    brush.setLineDash(row.near ? [3, 2] : []);
    brush.strokeRect(left + 0.5, y + 1.5, width - 1, height - 3);
    brush.setLineDash([]);
    if (row.rejected) box(ink.quiet, left, y + height / 2, width, 1);
  } else {
    brush.globalAlpha = chosen ? 0.5 : 0.26;
    box(colour, left, y, width, height);
    brush.globalAlpha = 1;
    box(colour, left, y, width, row.status === "found" ? 2 : 4);
    if (width > 8) box(colour, xOf(row.peak_s) - 0.5, y, 1, height);
  }
  if (chosen) { brush.strokeStyle = lead ? ink.ink : colour; brush.lineWidth = lead ? 2 : 1; brush.strokeRect(left, y, width, height); brush.lineWidth = 1; }
  if (lead) for (const x of [left, left + width]) box(ink.ink, x - 2, y + 1, 4, height - 2);
  nameEvent(row, left, width, y, height, limit);
}

/** The event's name in its block, or after it if there is room, otherwise as much of it as fits. */
function nameEvent(row, left, width, y, height, limit) {
  if (height < 12) return;
  const start = Math.max(left, 0) + 6, room = Math.min(left + width, limit) - start - 4, middle = y + height / 2 + 1;
  const colour = row.near || row.rejected ? ink.quiet : ink.ink;
  for (const words of [row.label, row.title]) if (extent(words) <= room) return text(words, start, middle, colour);
  if (!row.crowded) for (const words of [row.label, row.title]) if (extent(words) + 12 <= limit - (left + width)) return text(words, left + width + 5, middle, colour);
  const some = Math.floor((room - extent("…")) / extent(row.title) * row.title.length);
  if (some >= 2) text(row.title.slice(0, some).trim() + "…", start, middle, colour);
}

function drawClips(height, from, to) {
  const { clips } = store.state;
  if (!clips.length) return none(t("lane_no_clips"), height);
  for (const clip of clips) {
    if (clip.start_s >= to || clip.end_s <= from) continue;
    const left = xOf(clip.start_s), width = Math.max(2, (clip.end_s - clip.start_s) * view.scale - 1);
    box(clip.replay ? ink.replay : ink.quiet, left, 4, width, height - 9);
    if (width > extent(clip.title) + 12) text(clip.title, Math.max(left, 0) + 6, height / 2, ink.panel);
  }
}

function drawScore(height, from, to) {
  const { visible, changes, doubt } = store.analysis;
  if (!visible.length) return none(doubt ? t("lane_score_doubt", { why: doubt }) : t("lane_no_score"), height);
  for (const [start, end] of visible) if (start < to && end > from) box(ink.sunk, xOf(start), 3, (end - start) * view.scale, height - 7);
  for (const score of inSight(scores, from, to, "start_s", "end_s", Infinity)) {
    const left = Math.max(xOf(score.start_s), 0);
    if (xOf(score.end_s) - left > extent(score.text) + 12) text(score.text, left + 7, height / 2);
  }
  for (const change of changes) if (change.shown_s >= from && change.shown_s <= to) box(ink.accent, xOf(change.shown_s) - 1, 3, 2, height - 7);
}

function drawCrowd(height, from) {
  const { step_s: step, values } = store.analysis.crowd, base = height - 2;
  if (!values.length) return none(t("lane_no_sound"), height);
  const y = (value) => base - clamp(value + 0.25, 0, 1.25) / 1.25 * (height - 6);
  brush.beginPath();
  brush.moveTo(0, base);
  for (let x = 0; x <= view.width; x += 2) {
    const first = Math.floor((from + x / view.scale) / step), last = Math.max(first + 1, Math.floor((from + (x + 2) / view.scale) / step));
    let loudest = -1;
    for (let i = first; i < last && i < values.length; i++) if (values[i] > loudest) loudest = values[i];
    brush.lineTo(x, y(loudest));
  }
  brush.lineTo(view.width, base);
  brush.fillStyle = ink["crowd-fill"];
  brush.fill();
  brush.strokeStyle = ink.crowd;
  brush.stroke();
  for (const tone of store.analysis.tones) if (tone.end_s > from && xOf(tone.start_s) < view.width) box(ink.accent, xOf(tone.start_s), 2, 2, 6);
}

function drawReplays(height, from, to) {
  const { replays } = store.analysis;
  if (!replays.length) return none(t("lane_no_replays"), height);
  for (const one of replays) if (one.start_s < to && one.end_s > from) box(ink.replay, xOf(one.start_s), 3, Math.max(2, (one.end_s - one.start_s) * view.scale - 1), height - 7);
}

/** Alternating blocks, hatched where a scene fades or wipes in; zoomed out, the density of cuts instead. */
function drawScenes(height, from, to) {
  const { scenes } = store.analysis;
  if (!scenes.length) return none(t("lane_no_scenes"), height);
  const first = Math.max(0, lastBefore(scenes, from, "start_s")), last = lastBefore(scenes, to, "start_s");
  if (view.width / (last - first + 1) < 4) return drawCutRate(height, first, last);
  for (let i = first; i <= last; i++) {
    const left = xOf(scenes[i].start_s), right = xOf(scenes[i].end_s);
    box(i % 2 ? ink["scene-other"] : ink.scene, left, 3, right - left, height - 7);
    if (scenes[i].transition === "gradual") hatch(left, 3, Math.min(10, right - left), height - 7);
    else box(ink.cut, left, 3, 1, height - 7);
  }
}

function hatch(left, top, width, height) {
  brush.save();
  brush.beginPath();
  brush.rect(left, top, width, height);
  brush.clip();
  brush.strokeStyle = ink.cut;
  brush.beginPath();
  for (let x = left - height; x < left + width; x += 4) { brush.moveTo(x, top + height); brush.lineTo(x + height, top); }
  brush.stroke();
  brush.restore();
}

function drawCutRate(height, first, last) {
  const bins = new Array(Math.ceil(view.width / 4)).fill(0), { scenes } = store.analysis;
  for (let i = first; i <= last; i++) bins[clamp(Math.floor(xOf(scenes[i].start_s) / 4), 0, bins.length - 1)]++;
  const most = Math.max(...bins);
  bins.forEach((count, i) => count && box(ink.cut, i * 4, height - 4 - count / most * (height - 7), 3, count / most * (height - 7)));
}

/** The whole match in small, with the visible span. */
function drawWhole(height) {
  const small = view.width / store.state.duration_s;
  box(ink.sunk, 0, 0, view.width, height);
  for (const row of store.shown) if (!row.near && !row.rejected) box(ink.kinds[row.colour], row.in_s * small, 5, Math.max(1.5, (row.out_s - row.in_s) * small), height - 10);
  const left = view.from * small, width = Math.max(6, view.width / view.scale * small);
  brush.globalAlpha = 0.12;
  box(ink.ink, left, 0, width, height);
  brush.globalAlpha = 1;
  brush.strokeStyle = ink.quiet;
  brush.strokeRect(left + 0.5, 0.5, Math.min(width, view.width - left) - 1, height - 1);
}
