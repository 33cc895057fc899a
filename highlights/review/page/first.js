// Requests the words and the first state while the rest of the page is still loading.

import { get } from "./server.js";
import { load } from "./words.js";

export const words = load();
export const first = Promise.all([get("api/state"), get("api/analysis")]);
for (const one of [words, first]) one.catch(() => {});  // told by whoever waits for it
