// Making a reel: options, the exact cut points before anything is rendered, progress, the reel itself.

import { at, later, make, toast } from "./dom.js";
import { Gone, Refused, post, result } from "./server.js";
import { doing, on, setJob, store } from "./store.js";
import { clock } from "./times.js";
import { decimal, t } from "./words.js";

const dialog = at("cut"), form = at("cut-options"), touched = new Set();
const SHOWS = { slow: "shows_slow", intro: "shows_card", recap: "shows_card", outro: "shows_card" };
const input = (name) => form.querySelector(`[name="${name}"]`);
let mine = null;  // number of the job that this dialog began
let seen = false; // whether the server was asked for a job before: one that ended then is no news

/** Options set by hand; the others follow the preset. */
function options() {
  const given = {};
  for (const name of touched) {
    const field = input(name), value = field.type === "checkbox" ? field.checked : field.type === "number" ? (field.value === "" ? null : Number(field.value)) : field.value.trim();
    given[name] = value === "" ? null : value;
  }
  return given;
}

export function open() {
  const { music, logo, results } = store.state.folder_files;
  fill("preset", t("none"), store.state.presets);
  fill("music", t(music.length ? "none" : "none_in_folder"), music);
  fill("logo", t(logo.length ? "no_logo" : "no_logo_in_folder"), logo);
  at("reel").hidden = true;
  at("reel").removeAttribute("src");
  link(results.find((name) => name === input("out").value));
  if (!dialog.open) dialog.showModal();
  showJob(store.job);
  plan();
}

function fill(name, none, names) {
  const select = input(name), was = select.value;
  select.replaceChildren(...[["", none], ...names.map((one) => [one, one])].map(([value, words]) => make("option", { value }, words)));
  select.value = names.includes(was) ? was : "";
}

let asked = 0;
async function plan() {
  const turn = ++asked;
  try {
    const found = await post("api/plan", { options: options() });
    if (turn === asked) showPlan(found);
  } catch (error) {
    if (turn === asked) showFault(error);
  }
  if (turn === asked) at("plan-sum").ariaBusy = "false";
}
const planSoon = later(200, plan);

function showPlan(found) {
  at("plan-sum").classList.remove("wrong");
  at("plan-sum").textContent = found.clips.length
    ? [t("n_clips", { n: found.clips.length }), clock(found.duration_s, 2), found.size?.[0] ? found.size.join(" × ") : "", t(`way_${found.way}`, {}, found.way)].filter(Boolean).join(" · ")
    : t("nothing_to_cut");
  at("cut-start").disabled = !found.clips.length || running();
  at("plan-rows").replaceChildren(...found.clips.map((clip, i) => make("tr", {},
    make("td", {}, String(i + 1)), make("td", {}, t(SHOWS[clip.shows], { title: clip.title }, "{title}"), clip.subtitle ? make("span", { class: "quiet" }, "  " + clip.subtitle) : ""),
    ...[clip.start_s, clip.end_s].map((time) => make("td", {}, clip.shows === "clip" ? clock(time, 3) : "")),
    make("td", { title: t("n_frames", { n: clip.frames }) }, t("n_s", { n: decimal(clip.reel_end_s - clip.reel_start_s, 2) })), make("td", {}, clock(clip.reel_start_s, 2)))));
}

function showFault(error) {
  if (!(error instanceof Refused) && !(error instanceof Gone)) throw error;
  at("plan-sum").classList.add("wrong");
  at("plan-sum").textContent = error.message;
  at("plan-rows").replaceChildren();
  at("cut-start").disabled = true;
}

// ---- the work ---------------------------------------------------------------------------------------------------------------------

const running = () => store.job?.state === "running";

async function ask(path, body) {
  try {
    const job = await post(path, body);
    if (path === "api/cut") mine = job.id;
    setJob(job);
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof Gone)) throw error;
    toast(error.message, true);
  }
}

function left(job) {
  if (job.seconds_left === null || job.seconds_left === undefined) return "";
  return job.seconds_left < 60 ? t("n_s_left", { n: Math.max(1, Math.round(job.seconds_left)) }) : t("time_left", { time: clock(job.seconds_left) });
}

function told(job) {
  if (job.state === "running") return [doing(job), left(job)].filter(Boolean).join(", ");
  if (job.state === "failed") return t("failed", { why: job.error });
  return job.state === "cancelled" ? t("cancelled") : [t("finished"), job.note].filter(Boolean).join(" ");
}

function showJob(job) {
  const running = job?.state === "running", ours = job && job.id === mine;
  at("job").hidden = !running && !ours;
  at("job-bar").hidden = !running;
  if (job && (running || ours)) {
    at("job-bar").value = job.done;
    at("job-words").textContent = told(job);
    at("job-words").classList.toggle("wrong", job.state === "failed");
  }
  at("cut-cancel").hidden = !running;
  at("cut-start").hidden = running;
  at("cut-start").textContent = ours && job.state === "done" ? t("cut_again") : t("start");
  at("cut-start").disabled = running;
  at("job-chip").hidden = !running;
  if (running) {
    at("job-chip").textContent = `${Math.round(job.done * 100)} %`;
    at("job-chip").title = told(job);
    at("job-chip").style.setProperty("--done", job.done * 100 + "%");
  }
}

function showEnd(job) {
  if (!dialog.open) toast(job.id === mine && job.state === "done" ? t("reel_ready") : told(job), job.state === "failed");
  const reel = job.state === "done" && job.id === mine && job.files.find((name) => name.endsWith(".mp4"));
  at("reel").hidden = !reel;
  link(reel);
  if (reel) at("reel").src = result(reel, true);
}

function link(reel) {
  at("reel-link").hidden = !reel;
  if (!reel) return;
  at("reel-link").href = result(reel);
  at("reel-link").setAttribute("download", reel);
  at("reel-link").textContent = t("download_file", { name: reel });
}

form.addEventListener("input", (event) => {
  at("preset-note").hidden = !input("preset").value;
  if (event.target.value === "" && event.target.tagName !== "SELECT" && event.target.type !== "number") touched.delete(event.target.name);
  else touched.add(event.target.name);
  asked++;  // a plan that is still to come is one for earlier options
  at("plan-sum").ariaBusy = "true";
  planSoon();
});
at("cut-start").addEventListener("click", () => { at("reel").hidden = at("reel-link").hidden = true; ask("api/cut", { options: options() }); });
at("cut-cancel").addEventListener("click", () => ask("api/cancel", {}));
at("job-chip").addEventListener("click", open);
dialog.addEventListener("close", () => at("reel").pause());
dialog.querySelector("form").addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault(); });

on("job", (job, ended) => { showJob(job); if (ended && seen) showEnd(job); seen = true; });
on("state", () => { if (dialog.open) plan(); });
