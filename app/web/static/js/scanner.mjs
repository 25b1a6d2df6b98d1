// The hand scanner types like a keyboard: fast, and Enter at the end. This module catches that anywhere on
// the page, keeps it out of other fields and buttons, and sends it through the page's scan box.
import { newKey, signal } from "./tell.mjs";
import { said } from "./words.mjs";

const SAME_BURST_MS = 80; // a longer pause begins a new burst
const FAST_MS = 40; // mean time between the characters of a scanner
const SHORTEST = 6;
const LONGEST = 10000;
const AGAIN_MS = 2000; // the same code within this time is one reading
const CALM_MS = 1000; // after a burst, Enter and Space do nothing to a STOP for this long

const form = [...document.querySelectorAll("form[data-scan]")].sort(
  (a, b) => Number("scanFind" in a.dataset) - Number("scanFind" in b.dataset),
)[0];
const box = form?.querySelector("[data-scan-box]");
const verdict = document.querySelector("[data-verdict]");

const NONE = { text: "", first: 0, last: -Infinity, pause: Infinity, field: null, before: "" };
let burst = NONE;
let lastBurst = -Infinity;
let sent = false;

/** True shortly after a scanner typed: its Enter and spaces must not press anything. */
export function scannerBusy(now) {
  return now - lastBurst < CALM_MS || now - burst.last < SAME_BURST_MS;
}

function isTextField(element) {
  return element instanceof HTMLTextAreaElement
    || (element instanceof HTMLInputElement && /^(text|search|number|tel|url|email|date)$/.test(element.type));
}

function keepsKeys(element) {
  return isTextField(element) || element instanceof HTMLSelectElement || element?.isContentEditable
    || (element instanceof HTMLInputElement && /^(password|radio|file)$/.test(element.type));
}

function isPassword(element) {
  return element instanceof HTMLInputElement && element.type === "password";
}

function collect(event) {
  const now = event.timeStamp;
  if (now - burst.last > SAME_BURST_MS) {
    const field = isTextField(document.activeElement) ? document.activeElement : null;
    burst = { text: "", first: now, last: now, pause: now - burst.last, field, before: field?.value ?? "" };
  }
  burst.text += burst.text.length < LONGEST ? event.key : "";
  burst.last = now;
}

function burstIsScan(now) {
  const length = burst.text.length;
  if (length < SHORTEST || now - burst.last > SAME_BURST_MS) return false;
  return (burst.last - burst.first) / (length - 1) < FAST_MS;
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onKeyDown(event) {
  if (event.isComposing || isPassword(document.activeElement)) return;
  if (event.key === "Enter" || event.key === "Tab") return onEnd(event);
  if (event.key.length !== 1 || ((event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph"))) return;
  const inBurst = event.timeStamp - burst.last <= SAME_BURST_MS;
  collect(event);
  if (burst.text.length >= SHORTEST) lastBurst = event.timeStamp;
  if (event.key === " " && inBurst && !keepsKeys(document.activeElement)) event.preventDefault();
  // Characters that would go nowhere go to the box: a slow scanner then needs no stop-watch.
  if (box && !verdict && event.key !== " " && !document.querySelector("dialog[open]") && !keepsKeys(document.activeElement)) box.focus();
}

function onEnd(event) {
  if (!burstIsScan(event.timeStamp)) return;
  const { field, before, pause } = burst;
  // In the box itself, a scan with a short stumble is what the box holds; after a real pause it is a new scan.
  const text = field === box && box && pause < CALM_MS ? box.value : burst.text;
  lastBurst = event.timeStamp;
  burst = NONE;
  if (document.querySelector("dialog[open]")) return;
  swallow(event);
  if (field && field !== box && "takesScans" in field.dataset) return fillIn(field, text, before);
  if (field && field !== box) field.value = before;
  arrived(text, "hand_scanner");
}

/** A field of a form that asks for a scan keeps it, and the next field is ready; a list takes one a line. */
function fillIn(field, text, before) {
  if (field instanceof HTMLTextAreaElement) {
    field.value = [before.trimEnd(), text, ""].filter((line, at) => line || at === 2).join("\n");
    return signal("soft");
  }
  field.value = text;
  const fields = [...field.form.elements].filter(keepsKeys);
  fields[fields.indexOf(field) + 1]?.focus();
  signal("soft");
}

/** A code was read, by hand scanner or camera: to the verdict if one is shown, else through the scan box. */
function arrived(text, by) {
  if (verdict) {
    document.dispatchEvent(new CustomEvent("hilo:scan-ignored", { detail: { text, by } }));
    return;
  }
  if (!box) return;
  if (isRepeat(text)) return cue(said("Same code again: ignored."));
  if (sent) return cue(said("Still sending the code before. Scan again when the page answers."));
  box.value = text;
  form.dataset.by = by;
  form.requestSubmit();
}

function isRepeat(text) {
  const now = Date.now();
  const [before, at] = JSON.parse(sessionStorage.getItem("hilo.last") ?? '["",0]');
  const repeat = before === text && now - at < AGAIN_MS;
  if (!repeat) sessionStorage.setItem("hilo.last", JSON.stringify([text, now]));
  return repeat;
}

function cue(sentence) {
  say(sentence, "warn");
  signal("soft");
}

function say(sentence, tone = "") {
  const place = form?.querySelector("[data-scan-status]");
  if (!place) return;
  place.textContent = sentence;
  place.dataset.tone = tone;
}

function fill(selector, value) {
  const input = form.querySelector(selector);
  if (input) input.value = value;
}

function onSubmit(event) {
  if (sent) return swallow(event);
  fill("[data-scan-key]", newKey());
  fill("[data-scan-at]", new Date().toISOString());
  fill("[data-scan-by]", form.dataset.by ?? "typed");
  delete form.dataset.by;
  sent = true;
  say(said("Checking…"));
}

function ready() {
  sent = false;
  if (verdict || !box) return;
  if (!("scanFind" in form.dataset) && !document.querySelector("[data-focus], dialog[open]")) box.focus();
  if (document.activeElement === box) say(said("Ready to scan."));
}

/** A scanner may have begun before this module was there: what the box got so far belongs to the burst. */
function catchUp() {
  if (!box || document.activeElement !== box || box.value === box.defaultValue) return;
  const now = performance.now();
  burst = { text: box.value, first: now - box.value.length * (FAST_MS / 2), last: now, pause: 0, field: box, before: "" };
}

catchUp();
document.addEventListener("keydown", onKeyDown, { capture: true });
document.addEventListener("keyup", (event) => {
  if (event.key === " " && scannerBusy(event.timeStamp) && !keepsKeys(document.activeElement)) event.preventDefault();
}, { capture: true });
document.addEventListener("hilo:read", (event) => arrived(event.detail.text, event.detail.by));
if (form) {
  form.addEventListener("submit", onSubmit);
  box.addEventListener("focus", () => say(said("Ready to scan.")));
  box.addEventListener("blur", () => say(said("Scan anywhere on this page.")));
  window.addEventListener("pageshow", ready);
}
