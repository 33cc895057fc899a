// Elements, formatted texts, and pop-ups. Text from the server becomes text nodes, never markup.

import { decimal } from "./words.js";

export const at = (id) => document.getElementById(id);

/** An element with properties (`class`, `data-…`, `aria-…`, `onclick`, ...) and children; strings become text. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const icon = (name) => drawn("svg", { "aria-hidden": "true" }, drawn("use", { href: "#i-" + name }));

const SHOWN_MS = 5000;

/** Shows a message for a few seconds, also above an open dialog. */
export function toast(words, wrong = false) {
  const box = at("toasts"), note = make("div", { class: wrong ? "toast wrong" : "toast" }, words);
  box.append(note);
  while (box.children.length > 3) box.firstChild.remove();
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
  setTimeout(() => { note.remove(); if (!box.children.length && box.matches(":popover-open")) box.hidePopover(); }, SHOWN_MS);
}

// In a field of a dialog, Enter does what the dialog is for; by itself it would press the first button, which closes it.
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || event.isComposing || !event.target.matches?.("dialog input:not([type=checkbox], [type=radio], [type=file])")) return;
  event.preventDefault();
  event.target.closest("dialog").querySelector("button.primary:not([hidden])")?.click();
});

/** Calls `act` after `wait_ms` without a further request (debounce). */
export function later(wait_ms, act) {
  let timer = 0;
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => act(...given), wait_ms); };
}

/** Calls `act` at most once per screen frame. */
export function perFrame(act) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; act(); });
  };
}

/** A share of 1 in percent; never rounded up to 100 %. */
export const percent = (share) => share >= 0.995 && share < 1 ? ">99 %" : `${Math.round(share * 100)} %`;
export const signed = (weight) => (weight < 0 ? "−" : "+") + decimal(Math.abs(weight), 1);
