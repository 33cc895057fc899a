// The page of a library: language, sections, and what every section needs.

import { at } from "../page/dom.js";
import { get } from "../page/server.js";
import { open as openAdd } from "./add.js";
import { show as showMatches, beginMatches } from "./matches.js";
import { beginSearch, show as showSearch } from "./found.js";
import { beginSeason, show as showSeason } from "./season.js";
import { load, offerLanguages, put, t } from "../page/words.js";
import { library, refresh } from "./library.js";

const VIEWS = { matches: showMatches, search: showSearch, season: showSeason };

/** `#search?q=goal` → the section and its parameters. */
function here() {
  const [name, query] = location.hash.slice(1).split("?");
  return { name: name in VIEWS ? name : "matches", given: new URLSearchParams(query) };
}

export function showHere() {
  const { name, given } = here();
  for (const view of Object.keys(VIEWS)) at(`view-${view}`).hidden = view !== name;
  for (const tab of at("tabs").children) tab.toggleAttribute("aria-current", tab.hash === `#${name}`);
  for (const tab of at("tabs").children) if (tab.hasAttribute("aria-current")) tab.setAttribute("aria-current", "page");
  document.title = `${t(name)} · Highlights`;
  VIEWS[name](given);
}

async function begin() {
  try {
    await load();
    put();
    await refresh();
  } catch (error) {
    at("trouble").textContent = `${error.message}. ${t("reopen")}`;
    at("trouble").hidden = false;
    throw error;
  }
  offerLanguages(at("language"));
  at("add").addEventListener("click", () => openAdd());
  at("add-first").addEventListener("click", () => openAdd());
  beginMatches();
  beginSearch();
  beginSeason();
  addEventListener("hashchange", showHere);
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) openAdd([...event.dataTransfer.files]);
  });
  showHere();
  document.documentElement.dataset.ready = "yes";
}

begin();
