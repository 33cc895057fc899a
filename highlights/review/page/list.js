// The list of events: only visible rows are elements. Above it the filter, below it the actions for several events.

import { at, icon, later, make, percent, perFrame } from "./dom.js";
import { pause, playEvent, seek } from "./player.js";
import { load } from "./pictures.js";
import { picture } from "./server.js";
import { choose, lead, on, showMisses, sift, store } from "./store.js";
import { reveal } from "./lanes.js";
import { clock } from "./times.js";
import { accept, add, merge, reject, split } from "./verbs.js";
import { current, t } from "./words.js";

const ROW_PX = 54, MARGIN_ROWS = 4;
const list = at("rows"), made = new Map();
const MARKS = { accepted: "✓", added: "+", rejected: "✕", found: "" };

function element(row, place) {
  const picture_ = make("div", { class: "pic" }, make("img", { alt: "", "data-time": row.peak_s }));
  // for the pointer only: a row of a list box may hold no buttons, and keys do the same
  const quick = (verb, act, words) => make("span", { class: "tool is-" + verb + "ed", title: words, "aria-hidden": "true", onclick: (event) => { event.stopPropagation(); act([row]); } }, icon(verb));
  return make("div", {
    class: `event colour-${row.colour}${row.near ? " near" : ""}${row.rejected ? " rejected" : ""}`, role: "option", id: "row-" + row.key.replace(":", "-"),
    "data-key": row.key, "aria-posinset": place + 1, "aria-setsize": store.shown.length,
  },
  picture_,
  make("div", { class: "name" }, row.title, row.team && make("i", {}, row.team), row.player && make("i", {}, row.player)),
  make("div", { class: "more" }, row.score && make("b", {}, row.score), [clock(row.peak_s), row.game_clock && t("on_clock", { time: row.game_clock }), row.near && t("near_miss"), row.status === "added" && t("status_added")].filter(Boolean).join(" · ")),
  make("div", { class: "side" },
    make("span", { class: "sureness" }, percent(row.confidence)),
    make("span", { class: "mark " + row.status, title: row.near ? t("near_miss") : t(`status_${row.status}`) }, row.near ? "○" : MARKS[row.status]),
    make("span", { class: "quick" }, quick("accept", accept, t("accept")), quick("reject", reject, t("reject")))));
}

function mark(box, key) {
  box.setAttribute("aria-selected", String(store.chosen.has(key)));
  box.classList.toggle("lead", key === store.lead);
}

const loadPictures = later(140, () => {
  for (const image of [...list.querySelectorAll("img[data-time]")].reverse()) {
    load(image, picture(Number(image.dataset.time), 80));
    delete image.dataset.time;
  }
});

function show() {
  const rows = store.shown, first = Math.max(0, Math.floor(list.scrollTop / ROW_PX) - MARGIN_ROWS);
  const last = Math.min(rows.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW_PX) + MARGIN_ROWS);
  const wanted = new Set(rows.slice(first, last).map((row) => row.key));
  for (const [key, box] of made) if (!wanted.has(key)) { box.remove(); made.delete(key); }
  for (let i = first; i < last; i++) {
    let box = made.get(rows[i].key);
    if (!box) {
      box = element(rows[i], i);
      box.style.transform = `translateY(${i * ROW_PX}px)`;
      made.set(rows[i].key, box);
      list.append(box);
    }
    mark(box, rows[i].key);
  }
  list.setAttribute("aria-activedescendant", store.lead && made.has(store.lead) ? "row-" + store.lead.replace(":", "-") : "");
  loadPictures();
}
const showSoon = perFrame(show);

function afresh() {
  for (const box of made.values()) box.remove();
  made.clear();
  at("tall").style.height = store.shown.length * ROW_PX + "px";
  at("none").hidden = store.shown.length > 0;
  at("none").replaceChildren(...why());
  count();
  show();
}

/** The text of an empty list. */
function why() {
  if (!store.rows.length) return [t("no_event_yet")];
  const near = store.rows.filter((row) => row.near).length;
  const shows = near && !store.misses && [make("p", {}, t("n_near_misses", { n: near })), make("button", { class: "plain", onclick: () => showMisses(true) }, t("show_near_misses"))];
  return filtered() ? [t("nothing_matches"), make("button", { class: "plain", onclick: clear }, t("show_all"))] : shows || [t("no_event")];
}

function count() {
  const some = store.chosen.size, all = store.rows.filter((row) => store.misses || !row.near).length;
  at("count").textContent = some > 1 ? t("n_selected", { n: some }) : filtered() ? t("n_of", { shown: store.shown.length, n: all }) : all < 1000 ? t("n_events", { n: all }) : all.toLocaleString(current());
  at("merge").disabled = some < 2;
  at("split").disabled = !lead();
}

function bring() {
  const place = store.shown.findIndex((row) => row.key === store.lead);
  if (place < 0) return;
  const top = place * ROW_PX;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + ROW_PX > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_PX - list.clientHeight;
}

function showChosen() {
  bring();
  show();
  count();
  const row = lead();
  if (row) reveal(row.in_s, row.out_s);
}

list.addEventListener("scroll", showSoon, { passive: true });
list.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); });
list.addEventListener("click", (event) => {
  const key = event.target.closest(".event")?.dataset.key;
  if (!key) return;
  const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey;
  choose(key, { more: !plain && !event.shiftKey, range: event.shiftKey });
  if (plain) { pause(); seek(lead().in_s); }
});
list.addEventListener("dblclick", (event) => { if (event.target.closest(".event") && !event.target.closest(".tool")) playEvent(); });

// ---- filter -----------------------------------------------------------------------------------------------------------------------

const filtered = () => Object.values(store.filter).some(Boolean);

function fill(id, every, choices) {
  const select = at(id), was = select.value;
  select.replaceChildren(...[["", every], ...choices].map(([value, words]) => make("option", { value }, words)));
  select.value = choices.some(([value]) => value === was) ? was : "";
}

function choices() {
  const names = new Set(store.rows.map((row) => row.name));
  fill("by-kind", t("every_kind"), store.state.kinds.filter((one) => names.has(one.name)).map((one) => [one.name, one.title]));
  const teams = [...new Set([...store.state.teams, ...store.rows.map((row) => row.team)])].filter(Boolean);
  fill("by-team", t("every_team"), teams.map((team) => [team, team]));
  fill("by-status", t("status"), ["found", "accepted", "rejected", "added", "near"].map((status) => [status, t(`status_${status}`)]));
}

function read() {
  store.filter = { text: at("search").value, kind: at("by-kind").value, team: at("by-team").value, status: at("by-status").value, confidence: Number(at("by-confidence").value) };
  at("confidence-words").textContent = store.filter.confidence ? `≥ ${store.filter.confidence} %` : t("any_confidence");
  at("clear").hidden = !filtered();
  sift();
}
function clear() {
  at("search").value = at("by-kind").value = at("by-team").value = at("by-status").value = "";
  at("by-confidence").value = 0;
  read();
}
for (const id of ["search", "by-kind", "by-team", "by-status", "by-confidence"]) at(id).addEventListener("input", read);
at("search").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" && event.key !== "Enter" && event.key !== "ArrowDown") return;
  if (event.key === "Escape") { at("search").value = ""; read(); }
  event.preventDefault();
  list.focus();
});
at("clear").addEventListener("click", clear);
at("misses").addEventListener("click", () => showMisses());
at("add").addEventListener("click", () => add());
at("merge").addEventListener("click", merge);
at("split").addEventListener("click", split);

export function begin() {
  choices();
  at("confidence-words").textContent = t("any_confidence");
  afresh();
  on("state", () => { choices(); read(); bring(); show(); });
  on("shown", () => { at("misses").ariaPressed = String(store.misses); afresh(); });
  on("chosen", showChosen);
  new ResizeObserver(showSoon).observe(list);
}
