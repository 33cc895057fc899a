// The words of the page: one table for each language, in words/; a further language is a further file, listed here.

import { get } from "../page/server.js";

export const LANGUAGES = { en: "English", de: "Deutsch" };

let table = {}, fallback = {}, language = "en";

export const current = () => language;

/** The words for a key, with {names} replaced; `n` chooses between one and many. */
export function t(key, given = {}) {
  const entry = table[key] ?? fallback[key] ?? key;
  const text = typeof entry === "string" ? entry : entry[new Intl.PluralRules(language).select(given.n ?? 0)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => typeof given[name] === "number" ? given[name].toLocaleString(language) : given[name] ?? "");
}

/** Loads the language chosen before, or that of the browser, and puts its words into the page. */
export async function load(chosen) {
  const wanted = chosen ?? localStorage.getItem("language") ?? navigator.language.slice(0, 2);
  language = wanted in LANGUAGES ? wanted : "en";
  if (chosen) localStorage.setItem("language", chosen);
  fallback = await get("words/en.json");
  table = language === "en" ? fallback : await get(`words/${language}.json`);
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of document.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
}

export const day = (iso) => iso ? new Date(`${iso}T12:00`).toLocaleDateString(language, { year: "numeric", month: "short", day: "numeric" }) : "";
export const size = (bytes) => bytes >= 1e9 ? `${(bytes / 1e9).toLocaleString(language, { maximumFractionDigits: 1 })} GB` : `${Math.max(1, Math.round(bytes / 1e6)).toLocaleString(language)} MB`;
export const left = (seconds) => seconds === null || seconds === undefined ? "" : seconds < 90 ? t("seconds_left", { n: Math.max(1, seconds) }) : t("minutes_left", { n: Math.round(seconds / 60) });
