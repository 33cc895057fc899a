// Handing the result to another program: a format, of the recording or of the reel, as a download.

import { at, make } from "./dom.js";
import { Gone, Refused, post, result } from "./server.js";
import { store } from "./store.js";

const dialog = at("export"), format = dialog.querySelector('[name="format"]');

export function open() {
  const was = format.value;
  format.replaceChildren(...store.state.formats.map((one) => make("option", { value: one.name }, `${one.title} (${one.extension})`)));
  if (was) format.value = was;
  say("");
  at("export-link").hidden = true;
  dialog.showModal();
}

function say(words, wrong = false) {
  at("export-words").textContent = words;
  at("export-words").classList.toggle("wrong", wrong);
}

at("export-start").addEventListener("click", async () => {
  say("Writing");
  try {
    const { file } = await post("/api/export", { format: format.value, of: dialog.querySelector('[name="of"]:checked').value });
    at("export-link").href = result(file);
    at("export-link").setAttribute("download", file);
    at("export-link").textContent = "Download again";
    at("export-link").hidden = false;
    say(`Written: ${file}, in the folder beside the timeline.`);
    at("export-link").click();
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof Gone)) throw error;
    say(error.message, true);
  }
});
format.addEventListener("change", () => { say(""); at("export-link").hidden = true; });
