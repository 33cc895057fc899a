// A match report: pasted or from a file, taken over as one decision; what became of each line is listed.

import { at, make } from "./dom.js";
import { seek, time } from "./player.js";
import { post } from "./server.js";
import { showMisses, store, undo, use } from "./store.js";
import { clock, ms } from "./times.js";
import { t } from "./words.js";

let kicks = [];

export function open() {
  showKicks();
  at("report").showModal();
}

const showKicks = () => { at("report-kicks").textContent = kicks.length ? kicks.map((kick) => clock(kick)).join(", ") : t("kicks_none"); };

async function start() {
  const text = at("report-text").value;
  if (!text.trim()) { at("report-words").textContent = t("report_empty"); return; }
  at("report-start").disabled = true;
  at("report-words").textContent = t("taking_over");
  try {
    const told = await post("api/report", { revision: store.state.revision, text, kick_offs: kicks, times: at("report-times").value });
    use(told.state);
    show(told);
  } catch (error) {
    if (error.body?.state) use(error.body.state);
    at("report-words").textContent = error.message;
  }
  at("report-start").disabled = false;
}

function show({ lines, notes }) {
  at("report-rows").replaceChildren(...lines.map((line) => make("tr", { class: `line-${line.state}` },
    make("td", {}, line.text), make("td", {}, make("b", {}, t(`line_${line.state}`)), line.reason && line.state !== "matched" ? ` ${line.reason}` : ""),
    make("td", {}, line.at_s === null ? "" : make("button", { type: "button", class: "link", onclick: () => { at("report").close(); seek(line.at_s, { playing: false }); } }, clock(line.at_s))))));
  at("report-notes").replaceChildren(...notes.map((note) => make("li", {}, note)));
  const events = lines.filter((line) => line.state === "matched" || line.state === "added").length, doubts = lines.filter((line) => ["doubtful", "contradicts"].includes(line.state) && line.at_s !== null).length;
  const left = lines.filter((line) => ["doubtful", "contradicts", "unreadable"].includes(line.state)).length - doubts;
  at("report-words").textContent = [t("n_events", { n: events }), doubts ? t("n_lines_to_check", { n: doubts }) : "", left ? t("n_lines_left", { n: left }) : ""].filter(Boolean).join(", ");
  at("report-undo").hidden = !store.state.can_undo;
  if (doubts) showMisses(true);
}

export function beginReport() {
  at("report-start").addEventListener("click", start);
  at("report-kick").addEventListener("click", () => { kicks = [...new Set([...kicks, ms(time())])].sort((a, b) => a - b); showKicks(); });
  at("report-unkick").addEventListener("click", () => { kicks = []; showKicks(); });
  at("report-undo").addEventListener("click", async () => { await undo(); at("report-undo").hidden = true; at("report-rows").replaceChildren(); at("report-notes").replaceChildren(); at("report-words").textContent = t("undone"); });
  at("report-file").addEventListener("change", async (event) => { const [file] = event.target.files; if (file) at("report-text").value = await file.text(); event.target.value = ""; });
}
