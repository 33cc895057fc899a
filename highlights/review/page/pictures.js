// Requests pictures two at a time, the newest first, so that the browser's few connections stay free for decisions and video.

const AT_ONCE = 2;
const waiting = [];
let busy = 0;

/** Shows `address` in `image` when its turn comes; skipped if `wanted` is false by then. */
export function load(image, address, wanted = () => image.isConnected) {
  waiting.push({ image, address, wanted });
  queueMicrotask(next);  // by then the image is on the page
}

function next() {
  while (busy < AT_ONCE && waiting.length) {
    const { image, address, wanted } = waiting.pop();
    if (!wanted()) continue;
    busy++;
    const done = () => { busy--; next(); };
    image.addEventListener("load", done, { once: true });
    image.addEventListener("error", () => { image.removeAttribute("src"); done(); }, { once: true });  // an empty frame, not a broken one
    image.src = address;
  }
}
