// Export to another program: a format, of the recording or of the reel, as a download.

import { at, make } from "./dom.js";
import { Gone, Refused, post, result } from "./server.js";
import { store } from "./store.js";
import { t } from "./words.js";

const COPIED = ["youtube"];  // formats that are pasted into another page

const dialog = at("export"), format = dialog.querySelector('[name="format"]');

export function open() {
  const was = format.value;
  format.replaceChildren(...store.state.formats.map((one) => make("option", { value: one.name }, `${t(`format_${one.name}`, {}, one.title)} (${one.extension})`)));
  if (was) format.value = was;
  offer();
  say("");
  at("export-link").hidden = at("export-copy").hidden = true;
  dialog.showModal();
}

function say(words, wrong = false) {
  at("export-words").textContent = words;
  at("export-words").classList.toggle("wrong", wrong);
}

at("export-start").addEventListener("click", async () => {
  say(t("writing"));
  try {
    const { file, notes } = await post("api/export", { format: format.value, of: dialog.querySelector('[name="of"]:checked:enabled')?.value ?? null });
    at("export-link").href = result(file);
    at("export-link").setAttribute("download", file);
    at("export-link").textContent = t("download_again");
    at("export-link").hidden = false;
    say([t("written", { file }), ...notes].join(" "));
    at("export-copy").hidden = !COPIED.includes(format.value);
    at("export-link").click();
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof Gone)) throw error;
    say(error.message, true);
  }
});
/** A format may support only one of the two, or neither. */
function offer() {
  const kinds = store.state.formats.find((one) => one.name === format.value)?.kinds ?? ["source", "reel"], choices = [...dialog.querySelectorAll('[name="of"]')];
  for (const one of choices) one.disabled = !kinds.includes(one.value);
  for (const one of choices) one.checked = one.value === kinds[0];  // the usual one
}
format.addEventListener("change", () => { offer(); say(""); at("export-link").hidden = at("export-copy").hidden = true; });
at("export-copy").addEventListener("click", async () => {
  const text = await (await fetch(at("export-link").href)).text();
  try { await navigator.clipboard.writeText(text); say(t("copied_chapters")); } catch { say(text); }
});
