// The panel of the selected event: its decision, texts, in and out point, and evidence.

import { at, drawn, icon, make, percent, signed, toast } from "./dom.js";
import { open as openGraphic } from "./graphic.js";
import { pause, playEvent, seek } from "./player.js";
import { load } from "./pictures.js";
import { chosen, lead, on, store } from "./store.js";
import { clock, seconds } from "./times.js";
import { accept, merge, reject, relabel, trim, untrim } from "./verbs.js";
import { decimal, t } from "./words.js";

const PRIOR = -2;  // log-odds of an event without evidence, if the state does not have it
const panel = at("inspector");
let shownRow = null;

const FIELDS = ["team", "player", "score", "game_clock"];

function verdict(rows) {
  const all = (status) => rows.every((row) => row.status === status), several = rows.length > 1 ? ` ${rows.length}` : "";
  return make("div", { class: "verdict" },
    make("button", { class: "plain accept", "aria-pressed": String(all("accepted") || all("added")), title: t("accept_keys"), onclick: () => accept(rows) }, icon("accept"), all("accepted") ? t("accepted") : all("added") ? t("added") : t("accept") + several),
    make("button", { class: "plain reject", "aria-pressed": String(all("rejected")), title: t("reject_keys"), onclick: () => reject(rows) }, icon("reject"), all("rejected") ? t("rejected") : t("reject") + several));
}

function field(row, name, whole = false) {
  const input = make("input", { name, value: row[name], autocomplete: "off", spellcheck: false, maxLength: 200, onchange: () => relabel(row, { [name]: input.value.trim() }) });
  if (name === "team") input.setAttribute("list", "teams");
  if (name === "player") input.setAttribute("list", "players");
  return make("label", { class: whole ? "whole" : "" }, make("span", {}, t(`field_${name}`)), input);
}

function words(row) {
  const kinds = store.state.kinds.map((one) => make("option", { value: one.name }, one.title));
  if (!store.state.kinds.some((one) => one.name === row.name)) kinds.push(make("option", { value: row.name }, row.name));
  const select = make("select", { name: "name", onchange: () => relabel(row, renamed(row, select.value)) }, ...kinds);
  select.value = row.name;
  return make("div", { class: "words-of" },
    field(row, "title", true), make("label", { class: "whole" }, make("span", {}, t("field_kind")), select),
    ...FIELDS.map((name) => field(row, name)), field(row, "description", true),
    make("datalist", { id: "teams" }, ...store.state.teams.map((team) => make("option", { value: team }))));
}

/** Changing the kind also changes the title, unless a person has edited the title. */
function renamed(row, name) {
  const title = (kind) => store.state.kinds.find((one) => one.name === kind)?.title;
  return row.title === title(row.name) ? { name, title: title(name) } : { name };
}

const length = (row) => t("n_s", { n: decimal(row.out_s - row.in_s, 2) });

function inOut(row) {
  const point = (name, side) => {
    const input = make("input", { name, value: clock(row[name], 3), autocomplete: "off", spellcheck: false, title: t(`point_${side}`), onchange: () => set(input, name, row) });
    return make("label", {}, make("span", {}, t(side)), input);
  };
  return make("div", { class: "in-out" }, point("in_s", "in"), point("out_s", "out"),
    make("span", { class: "length" }, make("span", { id: "length" }, length(row)), row.shown && make("button", { class: "link", title: t("reset_what"), onclick: () => untrim(row) }, t("reset"))));
}

function set(input, name, row) {
  const time = seconds(input.value);
  if (time === null) {
    input.value = clock(row[name], 3);
    return toast(t("not_a_time"), true);
  }
  trim(row, { [name]: time });
}

// ---- why ------------------------------------------------------------------------------------------------------------------------

function why(row) {
  const gauge = make("i");
  gauge.style.width = row.confidence * 100 + "%";
  return make("section", { class: "why colour-" + row.colour },
    make("h2", {}, row.status === "added" ? t("added_by_hand") : row.near || row.rejected ? t("why_considered") : t("why_found"), make("b", { title: t("confidence") }, percent(row.confidence))),
    make("div", { class: "gauge" }, gauge),
    row.why_not ? make("p", { class: "said not" }, row.why_not) : null,
    row.evidence.length ? bars(row) : null);
}

function bars(row) {
  const claims = [{ signal: t("prior"), because: t("prior_because"), weight: store.state.prior ?? PRIOR }, ...row.evidence];
  const totals = claims.reduce((sums, claim) => [...sums, sums.at(-1) + claim.weight], [0]);
  const farthest = Math.max(...totals.map(Math.abs), 1);
  return make("ul", { class: "sum" }, ...claims.map((claim, i) => {
    const [left, right] = [Math.min(totals[i], totals[i + 1]), Math.max(totals[i], totals[i + 1])].map((total) => total / farthest * 100);
    return make("li", {},
      drawn("svg", { viewBox: "-100 0 200 6", preserveAspectRatio: "none", "aria-hidden": "true", class: claim.weight < 0 ? "against" : "for" },
        drawn("path", { d: "M0 0V6" }), drawn("rect", { x: left, y: 1, width: right - left, height: 4 })),
      make("b", {}, signed(claim.weight)),
      said(claim));
  }));
}

/** Evidence for or against; a click goes to its time. */
function said(claim) {
  const words = [make("i", {}, claim.signal.replaceAll("_", " ")), " " + claim.because];
  return claim.peak_s === undefined ? make("span", {}, ...words) : make("button", { title: t("go_to", { time: clock(claim.peak_s, 1) }), onclick: () => { pause(); seek(claim.peak_s); } }, ...words);
}

function graphics(row) {
  if (!row.graphic) return null;
  const crop = (when) => {
    const figure = make("figure", {}, make("figcaption", {}, t(when)), make("img", { alt: t(`graphic_${when}`) }));
    load(figure.lastElementChild, `api/graphic?list=${row.place.list}&index=${row.place.index}&when=${when}&revision=${store.state.revision}`);
    figure.lastElementChild.addEventListener("error", () => figure.remove());
    return figure;
  };
  return make("section", { class: "why" }, make("h2", {}, t("graphic")), make("div", { class: "graphics" }, crop("before"), crop("after")),
    make("button", { class: "link", title: t("graphic_what"), onclick: () => openGraphic() }, t("wrong_numbers")));
}

/** Why the score graphic was not used, and the way to correct it; null if it was, or if there is none. */
function doubted() {
  const { doubt, doubt_s } = store.analysis;
  return doubt ? make("section", { class: "why" }, make("h2", {}, t("graphic")), make("p", { class: "said not" }, t("graphic_doubt", { why: doubt })),
    make("button", { class: "plain", onclick: () => openGraphic(doubt_s) }, t("graphic_show"))) : null;
}

// ---- showing ----------------------------------------------------------------------------------------------------------------------

function empty() {
  const hints = [["↓", "does_next"], ["A", "does_accept"], ["X", "does_reject"], ["I O", "hint_in_out"], ["N", "does_add"], ["V", "does_misses"], ["?", "hint_keys"]];
  return [make("div", { class: "empty" }, make("p", {}, t("select_an_event")),
    make("div", { class: "hints" }, ...hints.flatMap(([keys, words]) => [make("span", {}, ...keys.split(" ").map((key) => make("kbd", {}, key))), make("span", {}, t(words))])),
    make("p", {}, t("timeline_hint"))), doubted()].filter(Boolean);
}

function several(rows) {
  return [verdict(rows), make("div", { class: "empty" }, make("p", {}, t("n_events_selected", { n: rows.length })),
    make("button", { class: "plain", onclick: merge }, icon("merge"), t("merge_them")))];
}

function one(row) {
  return [verdict([row]), words(row), inOut(row), why(row), graphics(row) ?? doubted(),
    make("div", { class: "why" }, make("button", { class: "plain", title: t("key_Enter"), onclick: () => playEvent(row) }, icon("play"), t("play_clip")))].filter(Boolean);
}

/** Redraws the selected event; a field being edited keeps its content. */
function show() {
  const rows = chosen(), row = lead(), typed = document.activeElement?.closest("#inspector") ? document.activeElement : null;
  const kept = typed && shownRow?.same === row?.same ? { name: typed.name, value: typed.value, dirty: typed.value !== typed.defaultValue && typed.tagName === "INPUT", marked: [typed.selectionStart, typed.selectionEnd] } : null;
  const top = panel.scrollTop;
  panel.replaceChildren(...(rows.length > 1 ? several(rows) : row ? one(row) : empty()));
  panel.scrollTop = shownRow?.same === row?.same ? top : 0;
  shownRow = row;
  const again = kept?.name && panel.querySelector(`[name="${kept.name}"]`);
  if (!again) return;
  again.focus();
  if (kept.dirty) again.value = kept.value;
  if (again.tagName === "INPUT") again.setSelectionRange(...kept.marked);
}

/** Updates the panel while an edge is being dragged. */
function showEdge(row) {
  if (row.key !== shownRow?.key || !at("length")) return;
  for (const name of ["in_s", "out_s"]) panel.querySelector(`[name="${name}"]`).value = clock(row[name], 3);
  at("length").textContent = length(row);
}

/** Puts the cursor into the title of the selected event. */
export function rename() { panel.querySelector('[name="title"]')?.select(); }

panel.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.tagName === "INPUT") { event.preventDefault(); event.target.blur(); at("rows").focus(); }
  if (event.key === "Escape" && event.target.tagName === "INPUT") { event.target.value = event.target.defaultValue; event.target.blur(); at("rows").focus(); event.stopPropagation(); }
});

export function begin() {
  show();
  on("state", show);
  on("chosen", show);
  on("edge", showEdge);
}
