// Times on the match clock: formatting, parsing, whole frames, binary search.

import { decimal } from "./words.js";

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const ms = (time) => Math.round(time * 1000) / 1000;
const two = (number) => String(number).padStart(2, "0");

/** `1:02:03`, with `decimals` places after the seconds, in German as `1:02:03,4`. */
export function clock(seconds, decimals = 0) {
  const unit = 10 ** decimals, ticks = Math.floor(Math.max(0, seconds) * unit + 1e-6), whole = Math.floor(ticks / unit);
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
  const tail = decimals ? decimal(ticks % unit / unit, decimals).slice(1) : "";
  return (h ? `${h}:${two(m)}` : m) + ":" + two(whole % 60) + tail;
}

/** Seconds of `1:02:03.4`, `62:03` or `12.5`, also with a comma; null for anything else. */
export function seconds(words) {
  if (!/^\s*(\d+:){0,2}\d+([.,]\d*)?\s*$/.test(words)) return null;
  return ms(words.replace(",", ".").split(":").reduce((sum, piece) => sum * 60 + Number(piece), 0));
}

/** Index of the last row whose `key` is at most `time`, or -1. */
export function lastBefore(rows, time, key) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][key] <= time) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** Frames of a recording: `rate` is [frames, seconds]; each part begins with one. */
export class Frames {
  constructor(rate, parts) { this.hz = rate[0] / rate[1]; this.parts = parts; }
  part(time) { return Math.max(0, lastBefore(this.parts, time, "start_s")); }
  /** The start of the frame that begins nearest to `time`, `more` frames on. */
  near(time, more = 0) {
    const start = this.parts[this.part(time)].start_s;
    return ms(start + (Math.round((time - start) * this.hz) + more) / this.hz);
  }
}

const REACH_S = 90;  // a game clock is believed to run on this long out of sight

/** The game clock at any match time, from readings of the graphic before and after. */
export class GameClock {
  constructor(readings) {
    this.looks = readings.filter((r) => /^\d+:\d\d/.test(r.clock)).map((r) => ({ time_s: r.time_s, clock_s: seconds(r.clock.replace(/[^\d:.].*$/, "")), text: r.clock }));
    this.looks = this.looks.filter((look) => look.clock_s !== null);
    const ups = this.looks.reduce((sum, look, i) => sum + (i ? Math.sign(look.clock_s - this.looks[i - 1].clock_s) : 0), 0);
    this.way = ups >= 0 ? 1 : -1;
    this.padded = this.looks.every((look) => look.text.indexOf(":") >= 2);
  }
  at(time) {
    const i = lastBefore(this.looks, time, "time_s");
    const near = [this.looks[i], this.looks[i + 1]].filter((look) => look && Math.abs(time - look.time_s) <= REACH_S);
    if (!near.length) return "";
    let now = near[0].clock_s + this.way * (time - near[0].time_s);
    if (near[1]) now = clamp(now, Math.min(near[0].clock_s, near[1].clock_s), Math.max(near[0].clock_s, near[1].clock_s));
    const minutes = Math.floor(Math.max(0, now) / 60);
    return (this.padded ? two(minutes) : minutes) + ":" + two(Math.floor(Math.max(0, now)) % 60);
  }
}
