// Adding a match: choose recordings of this machine, which are opened in place, or drop files, which are copied into the library.

import { at, make, toast } from "../page/dom.js";
import { get, post } from "../page/server.js";
import { ask, library } from "./library.js";
import { day, left, size, t } from "../page/words.js";

const CHUNK_BYTES = 4 << 20, TRIES = 6;
export const SIZES = ["", "8MB", "16MB", "50MB", "100MB"], SHAPES = ["", "16:9", "9:16", "1:1"];
const REELS = ["auto", "edit", "none"], LENGTHS = ["", "60", "180", "300", "600"];

const dialog = at("add-dialog");
const chosen = { files: [], sending: 0, browsing: 0, guess: 0, path: "", further: false };

function step(name) {
  for (const each of ["choosing", "sending", "setting"]) at(each).hidden = each !== name;
  at("back").hidden = name !== "setting" && !(name === "choosing" && chosen.further);
  at("queue").hidden = name !== "setting";
  at("add-words").textContent = "";
}

/** Opens the dialog, with files that were dropped on the page. */
export async function open(files = []) {
  if (!dialog.open || !files.length) chosen.further = false;
  if (!dialog.open) dialog.showModal();
  if (files.length) return send(files);
  step("choosing");
  await browse(localStorage.getItem("folder") ?? "");
}

async function browse(path) {
  const turn = ++chosen.browsing;
  let folder;
  try {
    folder = await get(`api/folder?path=${encodeURIComponent(path)}`);
  } catch (error) {
    if (path && !chosen.path) return browse("");
    at("add-words").textContent = error.message;
    return;
  }
  if (turn !== chosen.browsing) return;  // another folder has been opened meanwhile
  at("add-words").textContent = "";
  chosen.path = folder.path;
  localStorage.setItem("folder", folder.path);
  at("path").value = folder.shown;
  at("above").disabled = !folder.above;
  at("above").onclick = () => browse(folder.above);
  at("places").replaceChildren(...folder.places.map((place) => make("li", {}, make("button", { type: "button", class: "link", onclick: () => browse(place.path) }, place.name))));
  const below = (name) => folder.path.replace(/[/\\]$/, "") + (folder.path.includes("\\") ? "\\" : "/") + name;
  const folders = folder.folders.map((name) => make("li", {}, make("button", { type: "button", class: "entry folder", onclick: () => browse(below(name)) }, name)));
  const recordings = folder.files.map((file) => make("li", {}, make("button", { type: "button", class: "entry", onclick: () => take(below(file.name)) }, make("span", {}, file.name), make("span", { class: "quiet" }, `${size(file.size_bytes)} · ${day(file.date)}`))));
  at("entries").replaceChildren(...recordings, ...folders, ...(recordings.length || folders.length ? [] : [make("li", { class: "quiet" }, t("folder_empty"))]));
  at("entries").scrollTop = 0;
}

/** Takes a recording, with those that belong to the same match; a further one goes to the end of those chosen before. */
async function take(path) {
  if (chosen.further) {
    return takeFurther([path]);
  }
  try {
    const found = await post("api/siblings", { path });
    settle(found.files, found.name, found, found.why, found.known);
  } catch (error) {
    at("add-words").textContent = error.message;
  }
}

function takeFurther(paths) {
  chosen.files.push(...paths.filter((path) => !chosen.files.includes(path)));
  chosen.further = false;
  step("setting");
  showFiles();
}

const named = (path) => path.split(/[/\\]/).at(-1);

function settle(files, name, { sport, named: told }, why = "", known = "") {
  chosen.files = files;
  chosen.guess++;
  at("guessed").textContent = "";
  step("setting");
  at("why").textContent = why ? t("joined", { why }) : "";
  at("known").hidden = !known;
  at("known").textContent = known ? t("known", { name: known }) : "";
  at("job-name").value = name;
  at("job-sport").replaceChildren(...library.sports.map((one) => make("option", { value: one.name, selected: one.name === sport }, one.title)));
  at("job-reel").replaceChildren(...REELS.map((kind) => make("option", { value: kind }, t(`reel_${kind}`))));
  at("job-length").replaceChildren(...LENGTHS.map((length) => make("option", { value: length }, length ? t("n_minutes", { n: Number(length) / 60 }) : t("all_events"))));
  at("job-aspect").replaceChildren(...SHAPES.map((shape) => make("option", { value: shape }, shape || t("as_recorded"))));
  at("job-size").replaceChildren(...SIZES.map((largest) => make("option", { value: largest }, largest || t("any_size"))));
  showFiles();
  showOptions();
  at("job-name").focus();
  if (!told) guess(files);
}

/** Selects the sport that the score graphic shows, unless one is chosen meanwhile; without an answer all stays as it is. */
async function guess(files) {
  const turn = ++chosen.guess;
  const { sport } = await post("api/guess", { recordings: files }).catch(() => ({ sport: "" }));
  if (!sport || turn !== chosen.guess) return;
  at("job-sport").value = sport;
  at("guessed").textContent = t("guessed");
}

function showFiles() {
  at("chosen").replaceChildren(...chosen.files.map((file, i) => make("li", {}, make("span", { title: file }, named(file)),
    chosen.files.length > 1 ? make("span", { class: "verbs" },
      make("button", { type: "button", class: "plain", disabled: i === 0, "aria-label": `${t("earlier")}: ${named(file)}`, onclick: () => move(i, i - 1) }, "↑"),
      make("button", { type: "button", class: "plain", disabled: i === chosen.files.length - 1, "aria-label": `${t("later")}: ${named(file)}`, onclick: () => move(i, i + 1) }, "↓"),
      make("button", { type: "button", class: "plain", "aria-label": `${t("leave_out")}: ${named(file)}`, onclick: () => { chosen.files.splice(i, 1); showFiles(); } }, "✕")) : null)));
}

function move(from, to) {
  chosen.files.splice(to, 0, ...chosen.files.splice(from, 1));
  showFiles();
}

/** Without a reel its options are of no use. */
function showOptions() {
  for (const id of ["job-length", "job-aspect", "job-size"]) at(id).disabled = at("job-reel").value === "none";
}

function options() {
  const reel = at("job-reel").value;
  if (reel === "none") return { reel };
  const [length, aspect, max_size] = ["job-length", "job-aspect", "job-size"].map((id) => at(id).value);
  return { reel, ...(length ? { target_s: Number(length) } : {}), ...(aspect ? { aspect } : {}), ...(max_size ? { max_size } : {}) };
}

async function queue() {
  const name = at("job-name").value.trim();
  if (!name) return at("job-name").reportValidity();
  try {
    await ask("", { name, recordings: chosen.files, sport: at("job-sport").value, options: options() });
  } catch (error) {
    at("add-words").textContent = error.message;
    return;
  }
  dialog.close();
  location.hash = "#matches";
  toast(t("queued", { name }));
}

// ---- files dropped on the page --------------------------------------------------------------------------------------------------

async function send(files) {
  const turn = ++chosen.sending, paths = [];
  step("sending");
  files.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const whole = files.reduce((sum, file) => sum + file.size, 0), began = performance.now();
  let sent = 0, skipped = 0, guessed = { sport: "", named: false };
  try {
    for (const file of files) {
      const begun = await post("api/uploads", { name: file.name, size_bytes: file.size, modified_ms: file.lastModified });
      skipped += begun.received;
      for (let at_ = begun.received; at_ < file.size;) {
        show(file, sent + at_, whole, began, skipped);
        at_ = await piece(begun.id, file, at_);
        if (turn !== chosen.sending) return;
      }
      const end = await post(`api/uploads/${begun.id}/end`, { name: file.name });
      sent += file.size;
      paths.push(end.path);
      if (!guessed.sport || (end.named && !guessed.named)) guessed = end;
    }
    if (chosen.further) return takeFurther(paths);
    settle(paths, named(paths[0]).replace(/\.[^.]*$/, ""), guessed);
  } catch (error) {
    step("choosing");
    at("add-words").textContent = error.message;
    await browse(chosen.path);
  }
}

function show(file, sent, whole, began, skipped) {
  const seconds = (performance.now() - began) / 1000, rate = (sent - skipped) / seconds;
  at("sending-bar").value = sent / whole;
  at("sending-words").textContent = [t("copying", { name: file.name }), `${size(sent)} / ${size(whole)}`, seconds > 2 && rate > 0 ? left(Math.round((whole - sent) / rate)) : ""].filter(Boolean).join(" · ");
}

/** Sends one piece of a file and returns where to go on; a lost connection is tried again for a minute. */
async function piece(id, file, at_) {
  for (let tries = 1; ; tries++) {
    try {
      const response = await fetch(`api/uploads/${id}?at=${at_}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file.slice(at_, at_ + CHUNK_BYTES) });
      const body = await response.json();
      if (!response.ok) throw Object.assign(new Error(body.error), { refused: true });
      return body.received;
    } catch (error) {
      if (error.refused || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    }
  }
}

at("job-reel").addEventListener("change", showOptions);
at("queue").addEventListener("click", queue);
at("job-sport").addEventListener("change", () => { chosen.guess++; at("guessed").textContent = ""; });
at("another").addEventListener("click", async () => { chosen.further = true; step("choosing"); await browse(chosen.path); });
at("back").addEventListener("click", () => { if (chosen.further) takeFurther([]); else open(); });
at("path").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); browse(at("path").value.trim()); } });
at("pick-file").addEventListener("change", () => { if (at("pick-file").files.length) send([...at("pick-file").files]); at("pick-file").value = ""; });
at("drop").addEventListener("dragover", () => at("drop").classList.add("over"));
at("drop").addEventListener("dragleave", () => at("drop").classList.remove("over"));
at("drop").addEventListener("drop", () => at("drop").classList.remove("over"));
dialog.addEventListener("close", () => { chosen.sending++; chosen.guess++; });
