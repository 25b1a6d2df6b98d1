// After a while without a touch the page locks: what was typed stays, and the password brings it back.
import { csrfToken } from "./tell.mjs";
import { said } from "./words.mjs";

const dialog = document.querySelector("[data-lock]");
const SEEN = "hilo.seen";

function lastSeen() {
  return Number(localStorage.getItem(SEEN) ?? 0);
}

function touch() {
  if (!dialog.open && Date.now() - lastSeen() > 1000) localStorage.setItem(SEEN, String(Date.now()));
}

function check() {
  if (!dialog.open && Date.now() - lastSeen() > Number(dialog.dataset.idleSeconds) * 1000) lock();
}

function lock() {
  dialog.showModal();
  dialog.querySelector("[type=password]").focus();
}

const SENTENCES = {
  401: said("That password is not right. Try again."),
  429: said("Too many tries. Wait one minute, then try again."),
  0: said("No connection to Hilo. Nothing is lost; try again in a moment."),
};

async function unlock(event) {
  event.preventDefault();
  const form = event.target;
  const place = dialog.querySelector("[data-lock-fault]");
  const body = new URLSearchParams(new FormData(form));
  body.set("csrf_token", csrfToken());
  form.password.value = "";
  let status = 0;
  try {
    const answer = await fetch(dialog.dataset.unlockUrl, { method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" } });
    status = answer.status;
    if (answer.ok) return await opened(answer, place);
  } catch {
    status = 0;
  }
  place.textContent = SENTENCES[status] ?? said("This session has ended. Sign out below; what was typed here must be entered again.");
  form.password.focus();
}

async function opened(answer, place) {
  const facts = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
  if (facts.csrf_token) renew(facts.csrf_token);
  place.textContent = "";
  localStorage.setItem(SEEN, String(Date.now()));
  dialog.close();
}

/** A new session may have a new token: every form of this page gets it. */
function renew(token) {
  document.querySelector("meta[name=csrf-token]").content = token;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
}

if (dialog) {
  localStorage.setItem(SEEN, String(Date.now()));
  for (const kind of ["pointerdown", "keydown", "scroll"]) document.addEventListener(kind, touch, { capture: true, passive: true });
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.querySelector("[data-lock-form]").addEventListener("submit", unlock);
  setInterval(check, 1000);
  document.addEventListener("visibilitychange", check);
}
