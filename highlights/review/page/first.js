// Requests the words and the first state while the rest of the page is still loading.

import { get } from "./server.js";
import { load, put } from "./words.js";

const parsed = () => document.readyState === "loading" ? new Promise((go) => document.addEventListener("readystatechange", go, { once: true })) : null;

/** When the page has its words. */
export const words = load().then(parsed).then(put);
export const first = Promise.all([get("api/state"), get("api/analysis")]);
for (const one of [words, first]) one.catch(() => {});  // told by whoever waits for it
