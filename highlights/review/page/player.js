// The player: the parts of a match on one clock, frame stepping, speeds in both directions, looping a clip.

import { at, icon, perFrame, toast } from "./dom.js";
import { post } from "./server.js";
import { doing, lead, on, setJob, store, tell } from "./store.js";
import { clamp, clock, ms } from "./times.js";
import { current, t } from "./words.js";

const INTO_S = 0.002;  // a frame is asked for a little after it begins: times are whole milliseconds, frames are not
const SPEEDS = [1, 2, 4, 8];
const BACK_HZ = 8;     // pictures a second when playing backwards, each of which is a seek

const video = at("video");
const player = { part: -1, source: "", time: 0, stopAt: null, from: null, loop: false, back: 0, rate: 1, broken: "" };

export const time = () => player.time;
const part = () => store.state.parts[player.part];

/** Seeks to a match time, whether playing or paused. */
export function seek(time, { playing = !video.paused, keep = false } = {}) {
  player.time = ms(clamp(time, 0, store.state.duration_s));
  if (!keep) player.stopAt = player.from = null;
  const index = store.frames.part(Math.min(player.time, store.state.duration_s - 0.001));
  if (index !== player.part || store.state.parts[index].src !== player.source) load(index, playing);
  else if (!player.broken) {
    video.currentTime = within();
    if (playing) start();
  }
  told();
}

/** The first frame's time on the browser's clock of the file: a recording may begin late, a proxy does not. */
const first = () => part().proxy === "ready" ? 0 : part().first_pts_s;
const within = () => Math.min(player.time - part().start_s, part().duration_s - 0.5 / store.frames.hz) + first() + INTO_S;
const start = () => { player.back = 0; video.play().catch(() => {}); };

function load(index, playing) {
  player.part = index;
  player.source = part().src;
  player.broken = part().missing ? t("file_missing", { name: part().name }) : part().playable || part().proxy === "ready" ? "" : t("file_unsupported", { name: part().name });
  if (player.broken) {
    video.removeAttribute("src");
    video.load();
  } else {
    video.src = player.source + (part().proxy === "ready" ? "?proxy=1" : "");
    video.currentTime = within();
    video.playbackRate = video.defaultPlaybackRate = player.rate;
    if (playing) start();
  }
  showBroken();
}

function showBroken() {
  at("unplayable").hidden = !player.broken;
  const making = part().proxy === "making" || (store.job?.state === "running" && part().proxy !== "ready" && !part().playable);
  at("unplayable-words").textContent = player.broken && player.broken + "\n" +
    (making ? t("copy_running", { doing: doing(store.job) }) : t("works_without"));
  at("make-proxy").hidden = part().missing || making;
}

/** Plays a span and stops at its end, or starts again if looped. */
export function playSpan(from, to) {
  seek(from, { playing: true });
  player.from = from;
  player.stopAt = to;
}
export const playEvent = (row = lead()) => row && playSpan(row.in_s, row.out_s);

export function toggle() {
  if (player.back) return pause();
  if (!video.paused) return pause();
  if (player.time >= store.state.duration_s - 0.05) seek(0);
  start();
}
export function pause() {
  player.back = 0;
  video.pause();
  setRate(Number(at("speed").value) > 2 ? 1 : Number(at("speed").value));
}

export function step(frames) {
  pause();
  seek(store.frames.near(player.time, frames), { playing: false });
}

/** J and L: each press doubles the speed in its direction, the other direction begins at normal speed. */
export function shuttle(direction) {
  player.stopAt = player.from = null;
  if (direction > 0) {
    const running = !video.paused && !player.back;
    setRate(running ? SPEEDS.find((speed) => speed > player.rate) ?? SPEEDS.at(-1) : 1);
    start();
  } else {
    const next = player.back ? SPEEDS.find((speed) => speed > player.back) ?? SPEEDS.at(-1) : 1;
    video.pause();
    const running = player.back > 0;
    player.back = next;
    if (!running) requestAnimationFrame(rewind);
  }
  showPlaying();
}

let lastMs = 0;
function rewind(nowMs) {
  if (!player.back) { lastMs = 0; return showPlaying(); }
  if (!lastMs) lastMs = nowMs;
  if (nowMs - lastMs >= 1000 / BACK_HZ && !video.seeking) {
    const speed = player.back, to = player.time - speed * (nowMs - lastMs) / 1000;
    lastMs = nowMs;
    seek(Math.max(0, to), { playing: false });
    player.back = to <= 0 ? 0 : speed;
  }
  requestAnimationFrame(rewind);
}

export function setRate(rate) {
  player.rate = rate;
  video.playbackRate = video.defaultPlaybackRate = rate;
  const choice = [...at("speed").options].find((option) => Number(option.value) === rate);
  if (choice) at("speed").value = choice.value;
}

export function setLoop(looped = !player.loop) {
  player.loop = looped;
  at("loop").ariaPressed = String(looped);
  const row = lead();
  if (looped && row) playEvent(row);
}
export function mute() {
  video.muted = !video.muted;
  at("mute").ariaPressed = String(video.muted);
  at("mute").replaceChildren(icon(video.muted ? "mute" : "sound"));
}
export const full = () => document.fullscreenElement ? document.exitFullscreen() : at("screen").requestFullscreen();

// ---- following the picture ------------------------------------------------------------------------------------------------------

const told = perFrame(() => {
  at("now").textContent = clock(player.time, 2);
  at("game").textContent = store.game.at(player.time);
  tell("time", player.time, !video.paused || player.back > 0);
});

function follow() {
  if (!video.paused && !video.seeking && video.readyState >= 2) {
    player.time = clamp(part().start_s + video.currentTime - first(), 0, store.state.duration_s);
    if (player.stopAt !== null && player.time >= player.stopAt - 0.01) arrive();
    told();
  }
  if (!video.paused) requestAnimationFrame(follow);
}

/** At a span's end: loop, or stay on its last frame. */
function arrive() {
  const [from, to] = [player.from, player.stopAt];
  if (player.loop && from !== null) {
    seek(from, { playing: true, keep: true });
  } else {
    video.pause();
    seek(store.frames.near(to, -1), { playing: false });
  }
}

function showPlaying() {
  const playing = !video.paused || player.back > 0;
  at("play").replaceChildren(icon(playing ? "pause" : "play"));
  at("play").ariaLabel = t(playing ? "pause_playing" : "play");
  at("clip-flag").hidden = !(player.back || player.rate > 1) || !playing;
  at("clip-flag").textContent = player.back ? t("backwards", { rate: player.back }) : `${player.rate.toLocaleString(current())}×`;
}

for (const name of ["play", "pause", "ratechange"]) video.addEventListener(name, showPlaying);
video.addEventListener("play", () => requestAnimationFrame(follow));
video.addEventListener("click", toggle);
video.addEventListener("ended", () => {
  const next = store.state.parts[player.part + 1];
  if (next) seek(next.start_s, { playing: true, keep: true });
});
video.addEventListener("error", () => {
  if (!video.getAttribute("src")) return;
  player.broken = t("file_unplayable", { name: part().name });
  showBroken();
});
at("make-proxy").addEventListener("click", async () => {
  try { setJob(await post("api/proxy", { part: player.part })); } catch (error) { toast(error.message, true); }
  showBroken();
});

on("state", () => { if (player.part >= 0 && (part().src !== player.source || (player.broken && part().proxy === "ready"))) { load(player.part, false); } });
on("job", () => { if (player.part >= 0 && player.broken) showBroken(); });
