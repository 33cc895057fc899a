// The profile as text, checked while typing; trying a query on the visible span.

import { at, later, make, percent, toast } from "./dom.js";
import { inSightNow } from "./lanes.js";
import { playSpan } from "./player.js";
import { Gone, Refused, get, post } from "./server.js";
import { save, store } from "./store.js";
import { clock } from "./times.js";
import { add } from "./verbs.js";
import { t } from "./words.js";

const dialog = at("profile"), area = at("profile-text"), numbers = at("numbers");
const LINE_PX = 18;
let saved = "", faults = [];

const say = (words, wrong = false) => { at("profile-words").textContent = words; at("profile-words").classList.toggle("wrong", wrong); };

export async function open() {
  try {
    const profile = await get("api/profile");
    area.value = saved = profile.text;
    at("profile-title").textContent = t("profile_named", { name: profile.name });
    at("profile-path").textContent = profile.path ?? t("profile_built_in");
  } catch (error) { return refused(error); }
  say("");
  const [from, to] = inSightNow();
  at("ask-where").textContent = t("query_where", { from: clock(from), to: clock(to) });
  at("ask-no").hidden = Boolean(store.state.model);
  at("ask-row").hidden = at("ask-where").hidden = !store.state.model;
  at("found").replaceChildren();
  dialog.showModal();
  number();
  check();
}

function refused(error) {
  if (!(error instanceof Refused) && !(error instanceof Gone)) throw error;
  if (dialog.open) say(error.message, true); else toast(error.message, true);
}

// ---- lines and faults -------------------------------------------------------------------------------------------------------------

function number() {
  const bad = new Set(faults.map((fault) => fault.line)), count = area.value.split("\n").length;
  numbers.replaceChildren(...Array.from({ length: count }, (_, i) => make("span", { class: bad.has(i + 1) ? "bad" : "" }, String(i + 1))), make("span", {}, "\n"));
  numbers.scrollTop = area.scrollTop;
}

let asked = 0;
async function check() {
  const turn = ++asked;
  try {
    const found = await post("api/profile/check", { text: area.value });
    if (turn === asked) showFaults(found.faults);
  } catch (error) { refused(error); }
}
const checkSoon = later(250, check);

function showFaults(found) {
  faults = found;
  at("faults").replaceChildren(...(found.length ? found.map((fault) =>
    make("button", { type: "button", onclick: () => jump(fault.line) }, fault.line > 0 ? t("fault_at", { line: String(fault.line), problem: fault.problem }) : fault.problem)) : [make("p", { class: "fine" }, t("no_faults"))]));
  at("profile-save").disabled = found.length > 0 || area.value === saved;
  number();
}

/** Selects a line of the text and brings it into sight. */
function jump(line) {
  if (line < 1) return;
  const lines = area.value.split("\n"), start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + lines[line - 1].length);
  area.scrollTop = (line - 1) * LINE_PX - area.clientHeight / 2;
}

area.addEventListener("input", () => { at("profile-save").disabled = true; say(""); number(); checkSoon(); });
area.addEventListener("scroll", () => { numbers.scrollTop = area.scrollTop; });
area.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || event.shiftKey) return;
  event.preventDefault();
  area.setRangeText("  ", area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
});
at("profile-save").addEventListener("click", async () => {
  const text = area.value;
  if (!await save(t("deed_profile"), "api/profile/save", { text })) return;
  saved = text;
  say(t("profile_saved"));
  at("profile-save").disabled = true;
});
dialog.addEventListener("cancel", (event) => {
  if (area.value !== saved && !confirm(t("profile_unsaved"))) event.preventDefault();
});
dialog.querySelector('button[value="close"]').addEventListener("click", (event) => {
  if (area.value !== saved && !confirm(t("profile_unsaved"))) event.preventDefault();
});

// ---- a query ----------------------------------------------------------------------------------------------------------------------

async function ask() {
  const query = at("ask-text").value.trim(), [from_s, to_s] = inSightNow();
  if (!query) return at("ask-text").focus();
  at("ask-start").disabled = true;
  at("found").replaceChildren(make("li", { class: "quiet" }, t("asking", { model: store.state.model })));
  try {
    const { found } = await post("api/ask", { query, from_s, to_s });
    at("found").replaceChildren(...(found.length ? found.map(answer) : [make("li", { class: "quiet" }, t("nothing_found"))]));
  } catch (error) {
    at("found").replaceChildren();
    refused(error);
  } finally {
    at("ask-start").disabled = false;
  }
}

const answer = (one) => make("li", {}, make("b", {}, t("from_to", { from: clock(one.start_s, 1), to: clock(one.end_s, 1) })), make("span", { class: "quiet" }, `${percent(one.confidence)} ${one.because}`),
  make("button", { type: "button", class: "link", onclick: () => { dialog.close(); playSpan(one.start_s, one.end_s); } }, t("play")),
  make("button", { type: "button", class: "link", onclick: () => add({ from: one.start_s, to: one.end_s, at: one.peak_s }) }, t("add")));

at("ask-start").addEventListener("click", ask);
at("ask-text").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); ask(); } });
