// Season numbers: how often, per team, player, kind or match; each number opens its clips.

import { at, make } from "../page/dom.js";
import { get } from "../page/server.js";
import { clock } from "../page/times.js";
import { library, sport } from "./library.js";
import { t } from "../page/words.js";

const GROUPS = ["team", "player", "kind", "match"];

let turn = 0;

export async function show() {
  const mine = ++turn;
  const sports = [...new Set(library.matches.map((match) => match.sport).filter(Boolean))].sort(), chosen = at("season-sport").value;
  at("season-sport").replaceChildren(make("option", { value: "" }, t("every_sport")), ...sports.map((name) => make("option", { value: name }, sport(name))));
  at("season-sport").value = sports.includes(chosen) ? chosen : "";
  const given = new URLSearchParams({ per: at("per").value, sport: at("season-sport").value });
  at("season-csv").href = `api/season.csv?${given}`;
  const { kinds, rows } = await get(`api/season?${given}`);
  if (mine !== turn) return;  // something else has been chosen meanwhile
  at("numbers").replaceChildren(rows.length ? table(kinds, rows) : make("p", { class: "quiet" }, t("season_empty")));
}

const quoted = (words) => `"${words.replaceAll('"', "")}"`;

function table(kinds, rows) {
  const per = at("per").value, most = Math.max(...rows.map((row) => row.count));
  const link = (row, kind, text) => make("a", { href: `#search?q=${encodeURIComponent([row.name && `${per}:${quoted(row.name)}`, kind && `kind:${quoted(kind)}`, at("season-sport").value && `sport:${at("season-sport").value}`].filter(Boolean).join(" "))}` }, text);
  return make("table", {},
    make("thead", {}, make("tr", {}, ...[t(`per_${per}`), t("n_all"), t("minutes_shown"), ...(per === "kind" ? [] : kinds)].map((words, i) => make("th", { scope: "col", class: i ? "number" : "" }, words)), make("th", { class: "chart" }, make("span", { class: "hidden" }, t("chart"))))),
    make("tbody", {}, ...rows.map((row) => make("tr", {},
      make("th", { scope: "row" }, row.name || t("unnamed")),
      make("td", { class: "number" }, link(row, "", String(row.count))),
      make("td", { class: "number" }, clock(row.seconds)),
      ...(per === "kind" ? [] : kinds.map((kind) => make("td", { class: "number" }, row.kinds[kind] ? link(row, kind, String(row.kinds[kind])) : ""))),
      make("td", { class: "chart" }, make("meter", { min: 0, max: most, value: row.count, "aria-label": `${row.name}: ${row.count}` }))))));
}

export function beginSeason() {
  at("per").replaceChildren(...GROUPS.map((name) => make("option", { value: name }, t(`per_${name}`))));
  at("season-form").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["per", "season-sport"]) at(id).addEventListener("change", show);
}
