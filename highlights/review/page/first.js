// Asks for what the page opens with while the rest of the page is still being read.

import { get } from "./server.js";

export const first = Promise.all([get("/api/state"), get("/api/analysis")]);
first.catch(() => {});  // told by whoever waits for it
