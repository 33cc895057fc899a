// The words of all pages: one table for each language, words/LANGUAGE.json. A further language is a further file.

import { get } from "./server.js";

/** Those that there are tables of, as the server lists them in the page. */
const LANGUAGES = document.querySelector('meta[name="languages"]').content.split(" ");
const ENGLISH = "en";

let table = {}, language = ENGLISH, point = ".";

export const current = () => language;

/** The words for a key, with {names} replaced; `n` chooses between one and many. Without such a key, `otherwise`. */
export function t(key, given = {}, otherwise = key) {
  const entry = table[key] ?? otherwise;
  const text = typeof entry === "string" ? entry : entry[new Intl.PluralRules(language).select(given.n ?? 0)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => typeof given[name] === "number" ? given[name].toLocaleString(language) : given[name] ?? "");
}

/** Loads the table of the language chosen before, or of that of the browser. */
export async function load() {
  const wanted = localStorage.getItem("language") ?? navigator.language.slice(0, 2);
  language = LANGUAGES.includes(wanted) ? wanted : ENGLISH;
  point = new Intl.NumberFormat(language).formatToParts(0.5).find((part) => part.type === "decimal").value;
  table = await get(`words/${language}.json`);
}

const PLACES = {
  "data-t": (element, words) => { element.textContent = words; },
  "data-t-label": (element, words) => element.setAttribute("aria-label", words),
  "data-t-title": (element, words) => element.setAttribute("title", words),
  "data-t-placeholder": (element, words) => element.setAttribute("placeholder", words),
};

/** Puts the words into the page, which is hidden until it has a language. */
export function put() {
  for (const [name, set] of Object.entries(PLACES)) for (const element of document.querySelectorAll(`[${name}]`)) set(element, t(element.getAttribute(name)));
  document.documentElement.lang = language;
}

/** Offers all languages; when another is chosen, the page is opened again `after` what it still has to do. */
export function offerLanguages(select, after = async () => {}) {
  const named = (name) => new Intl.DisplayNames([name], { type: "language" }).of(name);
  select.replaceChildren(...LANGUAGES.map((name) => new Option(named(name), name, false, name === language)));
  select.addEventListener("change", async () => {
    localStorage.setItem("language", select.value);
    await after();
    location.reload();
  });
}

/** A number with as many decimals, without marks between thousands. */
export const decimal = (value, places) => value.toFixed(places).replace(".", point);
export const day = (iso) => iso ? new Date(`${iso}T12:00`).toLocaleDateString(language, { year: "numeric", month: "short", day: "numeric" }) : "";
export const size = (bytes) => bytes >= 1e9 ? `${(bytes / 1e9).toLocaleString(language, { maximumFractionDigits: 1 })} GB` : `${Math.max(1, Math.round(bytes / 1e6)).toLocaleString(language)} MB`;
export const left = (seconds) => seconds === null || seconds === undefined ? "" : seconds < 90 ? t("seconds_left", { n: Math.max(1, seconds) }) : t("minutes_left", { n: Math.round(seconds / 60) });
