// GO, STOP or NOT CHECKED fills the screen: sound, vibration, and a STOP that only a person can put away.
import { newKey, post, signal } from "./tell.mjs";
import { scannerBusy } from "./scanner.mjs";

const verdict = document.querySelector("[data-verdict]");

/** Keep the screen on during the bedside steps, and again after the tablet was put away. */
async function stayAwake() {
  try {
    if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
  } catch {
    // Low battery: the device decides.
  }
}

/** Has the button been reached on purpose, by Tab, with no scanner typing about it? */
let tabbedAt = -Infinity;

function guard(event) {
  const button = verdict.querySelector("[data-acknowledge]");
  const now = event.timeStamp;
  if (event.key === "Tab") {
    if (scannerBusy(now)) event.preventDefault();
    else tabbedAt = now;
    return;
  }
  if (event.key !== "Enter" && event.key !== " ") return;
  const deliberate = document.activeElement === button && tabbedAt > 0 && now - tabbedAt > 300 && !scannerBusy(now);
  if (!deliberate || event.repeat) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

/** Scans while the verdict stands change nothing here; the server keeps each of them. */
async function ignored(event) {
  const place = verdict.querySelector("[data-verdict-ignored]");
  signal("soft");
  place.textContent = "A code was scanned and not used. Read this page first, then touch the button.";
  const url = verdict.dataset.ignoredUrl;
  if (!url) return;
  const { text, by } = event.detail;
  try {
    await post(url, { text, by, key: newKey(), at: new Date().toISOString() });
  } catch {
    place.textContent += " (No connection: this scan is not in the record.)";
  }
}

if (verdict) {
  verdict.closest("main")?.parentElement.querySelectorAll(":scope > header, :scope > footer, :scope > .skip").forEach((part) => { part.inert = true; });
  document.addEventListener("keydown", guard, { capture: true });
  document.addEventListener("keyup", (event) => { if (event.key === " ") guard(event); }, { capture: true });
  document.addEventListener("hilo:scan-ignored", ignored);
  verdict.querySelector("[data-acknowledge]")?.removeAttribute("tabindex");
  verdict.querySelector(".verdict-word")?.focus({ preventScroll: true });
  signal(verdict.dataset.verdict);
}

if (document.querySelector("[data-wake]")) {
  void stayAwake();
  document.addEventListener("visibilitychange", stayAwake);
}

const soundTest = document.querySelector("[data-sound-test]");
if (soundTest) {
  soundTest.hidden = false;
  soundTest.addEventListener("click", () => {
    signal("go");
    setTimeout(signal, 900, "stop");
  });
}
