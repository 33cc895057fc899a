// Home: the queue, and a card for each match with sorting, filters, renaming and deleting.

import { at, later, make, toast } from "../page/dom.js";
import { post } from "../page/server.js";
import { clock } from "../page/times.js";
import { ask as askJob, library, onChange, refresh, sport } from "./library.js";
import { current, day, left, t } from "../page/words.js";

const STATES = { any: () => true, undecided: (match) => match.undecided > 0, decided: (match) => !match.undecided && !match.error, missing: (match) => match.missing.length > 0, error: (match) => match.error };
const ORDERS = {
  newest: (a, b) => b.date.localeCompare(a.date) || a.name.localeCompare(b.name),
  oldest: (a, b) => a.date.localeCompare(b.date) || a.name.localeCompare(b.name),
  by_name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  longest: (a, b) => b.length_s - a.length_s,
};

const title = (match) => match.teams.length === 2 ? match.teams.join(" – ") : match.name;

function wanted() {
  const words = at("filter").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const text = (match) => [match.name, ...match.teams, match.date, sport(match.sport), ...Object.keys(match.kinds)].join(" ").toLocaleLowerCase();
  return library.matches
    .filter((match) => (!at("by-sport").value || match.sport === at("by-sport").value) && STATES[at("by-state").value](match))
    .filter((match) => words.every((word) => text(match).includes(word)))
    .sort(ORDERS[at("order").value]);
}

let drawn = "";
export function show() {
  showJobs();
  const sports = [...new Set(library.matches.map((match) => match.sport).filter(Boolean))].sort();
  const chosen = at("by-sport").value;
  at("by-sport").replaceChildren(make("option", { value: "" }, t("every_sport")), ...sports.map((name) => make("option", { value: name }, sport(name))));
  at("by-sport").value = sports.includes(chosen) ? chosen : "";
  const matches = wanted();
  at("empty").hidden = library.unread > 0 || library.matches.length > 0 || library.jobs.length > 0;
  at("filters").hidden = !library.matches.length;
  at("library-folder").textContent = library.folder;
  at("count").textContent = library.unread ? t("n_unread", { n: library.unread }) : matches.length === library.matches.length ? t("n_matches", { n: matches.length }) : t("n_of_matches", { n: library.matches.length, shown: matches.length });
  const now = JSON.stringify(matches) + current();
  if (now === drawn) return;
  drawn = now;
  at("cards").replaceChildren(...matches.map(card));
}

function card(match) {
  const kinds = Object.entries(match.kinds).sort((a, b) => b[1] - a[1]).map(([kind, count]) => make("span", { class: "kind" }, make("b", {}, String(count)), ` ${kind}`));
  const none = match.error ? match.error : match.note ? t("no_events") : kinds.length ? "" : t("no_events");
  const state = match.error ? t("unreadable") : match.undecided ? t("n_undecided", { n: match.undecided }) : kinds.length ? t("all_decided") : "";
  const picture = match.error || match.missing.length
    ? make("div", { class: "no-picture" })
    : make("img", { src: `api/picture/${encodeURIComponent(match.name)}?stamp=${encodeURIComponent(match.picture_s + match.date)}`, alt: "", loading: "lazy", onerror: (event) => event.target.replaceWith(make("div", { class: "no-picture" })) });
  return make("li", { class: match.error ? "card wrong" : "card" },
    make("a", { class: "open", href: match.error ? null : match.address, "aria-label": t("open_match", { name: title(match) }) }, picture, match.score ? make("span", { class: "score" }, match.score) : null),
    make("div", { class: "about" },
      make("h3", {}, title(match)),
      make("p", { class: "quiet" }, [title(match) !== match.name && match.name, match.sport && sport(match.sport), day(match.date), match.length_s && clock(match.length_s)].filter(Boolean).join(" · ")),
      make("p", { class: "kinds" }, ...kinds, none),
      match.missing.length ? make("p", { class: "warning" }, t("recording_missing", { files: match.missing.join(", ") })) : null,
      make("p", { class: "foot" }, make("span", { class: match.undecided ? "state todo" : "state" }, state),
        match.reel ? make("a", { class: "link", href: `${match.address}results/reel.mp4?inline=1`, target: "_blank" }, t("watch_reel")) : null,
        make("button", { class: "link", onclick: () => rename(match), "aria-label": t("rename_match", { name: match.name }) }, t("rename")),
        make("button", { class: "link", onclick: () => remove(match), "aria-label": t("delete_match", { name: match.name }) }, t("delete")))));
}

/** Asks a question in the page's own dialog; resolves to the answer, or null. */
export function question(heading, words, yes, value = null) {
  const dialog = at("ask");
  at("ask-title").textContent = heading;
  at("ask-words").textContent = words;
  at("ask-yes").textContent = yes;
  at("ask-label").hidden = value === null;
  at("ask-name").value = value ?? "";
  dialog.returnValue = "";
  dialog.showModal();
  if (value !== null) at("ask-name").select();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" ? at("ask-name").value.trim() || true : null), { once: true }));
}

async function rename(match) {
  let to = match.name, words = t("rename_words");
  for (;;) {
    to = await question(t("rename"), words, t("rename"), to);
    if (typeof to !== "string" || to === match.name) return;
    try {
      await post("api/rename", { name: match.name, to });
      await refresh();
      return;
    } catch (error) {
      words = error.message; // asked again, with the name that was typed
    }
  }
}

async function remove(match) {
  if (!await question(t("delete_title", { name: match.name }), t("delete_words"), t("delete"))) return;
  const answer = await change("api/delete", { name: match.name });
  if (answer?.kept.length) toast(t("kept", { files: answer.kept.join(", ") }));
}

async function change(address, body) {
  try {
    const answer = await post(address, body);
    await refresh();
    return answer;
  } catch (error) {
    toast(error.message, true);
  }
}

// ---- the queue ------------------------------------------------------------------------------------------------------------------

const rows = new Map();

function showJobs() {
  at("jobs").hidden = !library.jobs.length;
  const ids = new Set(library.jobs.map((job) => job.id));
  for (const [id, row] of rows) if (!ids.has(id)) { row.element.remove(); rows.delete(id); }
  for (const job of library.jobs) {
    if (!rows.has(job.id)) rows.set(job.id, row(job));
    const { element, words, bar, verbs } = rows.get(job.id), running = job.state === "running";
    element.className = `job ${job.state}`;
    words.textContent = job.error || [running || (job.state === "paused" && job.stage) ? t(`stage_${job.stage.replace(" ", "_")}`) : "", running ? "" : t(`job_${job.state}`), running ? left(job.seconds_left) : ""].filter(Boolean).join(" · ");
    bar.value = job.done;
    bar.hidden = !["running", "paused"].includes(job.state);
    const now = job.state === "running" || job.state === "waiting" ? ["pause", "cancel"] : job.state === "paused" ? ["resume", "cancel"] : ["retry", "remove"];
    if (verbs.dataset.now !== now.join()) {
      verbs.dataset.now = now.join();
      verbs.replaceChildren(...now.map((verb) => make("button", { class: "plain", onclick: () => act(verb, job.id), "aria-label": `${t(verb)}: ${job.name}` }, t(verb))));
    }
    if (element.parentNode !== at("job-rows")) at("job-rows").append(element);
  }
}

function row(job) {
  const words = make("p", { class: "doing", role: "status" }), bar = make("progress", { max: 1, value: 0, "aria-label": job.name }), verbs = make("div", { class: "verbs" });
  const element = make("li", { class: "job" }, make("div", { class: "about" }, make("b", {}, job.name), make("span", { class: "quiet" }, ` ${sport(job.sport)} · ${job.recordings.join(" + ")}`), words, bar), verbs);
  return { element, words, bar, verbs };
}

async function act(verb, id) {
  try {
    await askJob(verb === "retry" ? "resume" : verb, { id });
  } catch (error) {
    toast(error.message, true);
  }
}

export function beginMatches() {
  at("by-state").replaceChildren(...Object.keys(STATES).map((name) => make("option", { value: name }, t(`state_${name}`))));
  at("order").replaceChildren(...Object.keys(ORDERS).map((name) => make("option", { value: name }, t(name))));
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filter").addEventListener("input", later(120, show));
  for (const id of ["by-sport", "by-state", "order"]) at(id).addEventListener("change", show);
  onChange(() => { if (!at("view-matches").hidden) show(); });
}
