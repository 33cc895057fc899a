// Searching the whole library: results play in place, some of them become a reel, a search can be saved.

import { at, later, make, toast } from "../page/dom.js";
import { get, post } from "../page/server.js";
import { clock } from "../page/times.js";
import { SHAPES, SIZES } from "./add.js";
import { library, onChange, soon, sport } from "./library.js";
import { day, left, t } from "../page/words.js";

const video = at("video");
const state = { hits: [], picked: new Map(), stop_s: 0, turn: 0, job: 0 };

const key = (hit) => `${hit.match}\n${hit.number}`;
const saved = () => JSON.parse(localStorage.getItem("searches") ?? "[]");

export function show(given = new URLSearchParams()) {
  if (given.has("q")) at("search").value = given.get("q");
  find();
  showSaved();
  if (!given.has("q")) at("search").focus();
}

async function find() {
  const turn = ++state.turn;
  let answer;
  try {
    answer = await get(`api/search?q=${encodeURIComponent(at("search").value)}`);
  } catch (error) {
    at("search-words").textContent = error.message;
    return;
  }
  if (turn !== state.turn) return;
  state.hits = answer.found;
  const n = state.hits.length, matches = new Set(state.hits.map((hit) => hit.match)).size;
  at("search-words").textContent = n ? t(matches > 1 ? "n_found" : "n_found_in_one", { n, matches }) : t("no_hits");
  at("found").replaceChildren(...state.hits.map(row));
  showPicked();
}

function row(hit) {
  const teams = hit.teams.length === 2 ? hit.teams.join(" – ") : hit.match;
  const words = [hit.title, hit.player, hit.team, hit.score].filter(Boolean).join(" · ");
  const where = [teams, teams !== hit.match && hit.match, day(hit.date), hit.clock || clock(hit.peak_s)].filter(Boolean).join(" · ");
  const box = make("input", { type: "checkbox", checked: state.picked.has(key(hit)), "aria-label": t("pick", { words }), onchange: (event) => pick(hit, event.target.checked) });
  return make("li", {},
    make("label", { class: "box" }, box),
    make("button", { class: "hit", type: "button", disabled: hit.missing, onclick: () => play(hit) }, make("b", {}, words), make("span", { class: "quiet" }, where), hit.description ? make("span", {}, hit.description) : null),
    make("a", { class: "link", href: hit.address, "aria-label": t("open_match", { name: teams }) }, t("open")));
}

function play(hit) {
  at("player").hidden = false;
  state.stop_s = hit.file_s + hit.out_s - hit.in_s;
  if (video.getAttribute("src") !== hit.media) video.src = hit.media;
  video.currentTime = hit.file_s;
  video.play().catch(() => {});
  at("player-words").textContent = [hit.title, hit.player, hit.match].filter(Boolean).join(" · ");
  state.playing = hit;
  at("player").scrollIntoView({ block: "nearest" });
}

function pick(hit, on) {
  if (on) state.picked.set(key(hit), hit); else state.picked.delete(key(hit));
  showPicked();
}

function showPicked() {
  const hits = [...state.picked.values()], clips = new Map(hits.map((hit) => [[hit.match, hit.in_s, hit.out_s].join("\n"), hit.out_s - hit.in_s]));  // events may share one
  at("picked").hidden = !state.hits.length && !hits.length;
  at("picked-words").textContent = hits.length ? t("n_picked", { n: clips.size, length: clock([...clips.values()].reduce((sum, length) => sum + length, 0)) }) : t("pick_some");
  at("make-reel").disabled = !hits.length;
  at("pick-all").textContent = state.hits.length && state.hits.every((hit) => state.picked.has(key(hit))) ? t("pick_none") : t("pick_all");
}

function pickAll() {
  const all = state.hits.every((hit) => state.picked.has(key(hit)));
  for (const hit of state.hits) if (all) state.picked.delete(key(hit)); else state.picked.set(key(hit), hit);
  at("found").replaceChildren(...state.hits.map(row));
  showPicked();
}

// ---- saved searches -------------------------------------------------------------------------------------------------------------

function showSaved() {
  at("saved").replaceChildren(...saved().map((words) => make("li", {},
    make("a", { class: "plain", href: `#search?q=${encodeURIComponent(words)}` }, words),
    make("button", { type: "button", class: "tool", "aria-label": t("forget_search", { words }), onclick: () => keep(saved().filter((one) => one !== words)) }, "✕"))));
}

function keep(searches) {
  localStorage.setItem("searches", JSON.stringify(searches));
  showSaved();
}

// ---- a reel of clips from several matches ---------------------------------------------------------------------------------------

function openReel() {
  at("reel-job").hidden = at("reel-link").hidden = at("reel-video").hidden = true;
  at("reel-error").textContent = "";
  at("reel-start").disabled = false;
  at("reel-size").replaceChildren(...SIZES.map((size) => make("option", { value: size }, size || t("any_size"))));
  at("reel-aspect").replaceChildren(...SHAPES.map((shape) => make("option", { value: shape }, shape || t("as_recorded"))));
  if (at("search").value.trim()) at("reel-name").value = at("search").value.replace(/[^\p{L}\p{N} -]+/gu, " ").trim().slice(0, 60) || "reel";
  at("reel-dialog").showModal();
}

async function start() {
  at("reel-error").textContent = "";
  const picks = [...state.picked.values()].map((hit) => ({ match: hit.match, number: hit.number }));
  const options = { titles: at("reel-titles").checked, ...(at("reel-aspect").value ? { aspect: at("reel-aspect").value } : {}), ...(at("reel-size").value ? { max_size: at("reel-size").value } : {}) };
  try {
    state.job = (await post("api/reel", { name: at("reel-name").value.trim() || "reel", picks, options })).id;
    soon();
  } catch (error) {
    at("reel-error").textContent = error.message;
  }
}

function showJob() {
  const job = library.compiling;
  if (!job || job.id !== state.job) return;
  at("reel-job").hidden = job.state === "done" && !job.note;
  at("reel-bar").hidden = job.state === "done";
  at("reel-bar").value = job.done;
  at("reel-words").textContent = job.state === "running" ? [t("stage_reel"), left(job.seconds_left)].filter(Boolean).join(" · ") : job.note;
  at("reel-start").disabled = job.state === "running";
  at("reel-error").textContent = job.error;
  if (job.state === "done" && job.files.length && at("reel-link").hidden) {
    const address = `reels/${encodeURIComponent(job.files[0])}`;
    at("reel-link").href = address;
    at("reel-link").hidden = at("reel-video").hidden = false;
    at("reel-video").src = `${address}?inline=1`;
  }
}

export function beginSearch() {
  at("search-form").addEventListener("submit", (event) => { event.preventDefault(); find(); });
  at("search").addEventListener("input", later(200, find));
  at("save-search").addEventListener("click", () => { const words = at("search").value.trim(); if (words && !saved().includes(words)) keep([...saved(), words]); });
  at("pick-all").addEventListener("click", pickAll);
  at("make-reel").addEventListener("click", openReel);
  at("reel-start").addEventListener("click", start);
  video.addEventListener("timeupdate", () => { if (video.currentTime >= state.stop_s) video.pause(); });
  video.addEventListener("error", () => { if (video.getAttribute("src")) toast(t("cannot_play", { match: state.playing?.match ?? "" }), true); });
  onChange(showJob);
}
