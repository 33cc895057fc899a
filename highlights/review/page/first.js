// Requests the first state while the rest of the page is still loading.

import { get } from "./server.js";

export const first = Promise.all([get("api/state"), get("api/analysis")]);
first.catch(() => {});  // told by whoever waits for it
