// What the library holds now: its matches and jobs. Jobs are asked for often, matches when a job has ended.

import { at } from "../page/dom.js";
import { get, post } from "../page/server.js";
import { t } from "../page/words.js";

const OFTEN_MS = 700, RARELY_MS = 4000;

export const library = { folder: "", unread: 0, matches: [], jobs: [], sports: [], stages: {}, presets: [], compiling: null };
const listeners = [];

export const onChange = (listener) => listeners.push(listener);
const tell = () => { for (const listener of listeners) listener(); };

export async function refresh() {
  Object.assign(library, await get("api/library"));
  tell();
  if (library.unread) setTimeout(() => refresh().catch(() => {}), 0);  // they appear as they are read
}

/** Asks the server to change a job, and shows the queue after it. */
export async function ask(verb, body) {
  Object.assign(library, await post(verb ? `api/jobs/${verb}` : "api/jobs", body));
  tell();
  again(OFTEN_MS);
}

let timer = 0;
function again(wait_ms) {
  clearTimeout(timer);
  timer = setTimeout(look, wait_ms);
}

async function look() {
  let wait_ms = RARELY_MS;
  try {
    const before = library.jobs.length;
    Object.assign(library, await get("api/jobs"));
    at("trouble").hidden = true;
    if (library.jobs.length < before) await refresh();
    else tell();
    if (library.jobs.some((job) => job.state === "running" || job.state === "waiting") || library.compiling?.state === "running") wait_ms = OFTEN_MS;
  } catch (error) {
    at("trouble").textContent = t("gone");
    at("trouble").hidden = false;
  }
  again(wait_ms);
}
again(OFTEN_MS);

export const soon = () => again(0);
export const sport = (name) => library.sports.find((one) => one.name === name)?.title ?? name.replaceAll("_", " ");
