// Every page loads this one module. Pages are plain forms and work without it; each part below only adds.
import "./scanner.mjs";
import "./camera.mjs";
import "./verdict.mjs";
import "./idle.mjs";
import "./night.mjs";
import "./thaw.mjs";

// A long genealogy opens where its reader stands: at the current node, else at its end.
for (const drawing of document.querySelectorAll(".picture .scroll:has(rect.node)")) {
  const here = drawing.querySelector("rect.node-current");
  const box = (here ?? drawing.firstElementChild).getBoundingClientRect();
  const middle = here ? (box.left + box.right) / 2 : box.right;
  drawing.scrollLeft = middle - drawing.getBoundingClientRect().left - drawing.clientWidth / 2;
}

// A form that came back with faults: read them out first.
document.querySelector("[data-focus]")?.focus();

// Tell a file that is too large before it travels; the server checks again.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.limitMb) return;
  const file = input.files[0];
  const tooLarge = file !== undefined && file.size > Number(input.dataset.limitMb) * 1024 * 1024;
  const sentence = tooLarge ? `This file is larger than ${input.dataset.limitMb} MB. Choose another one.` : "";
  const place = input.parentElement.querySelector("[data-too-large]");
  if (place) {
    place.textContent = sentence;
    place.hidden = !tooLarge;
  }
  input.setCustomValidity(sentence);
});

// Forms are sent without the browser's own bubbles (novalidate), so hold back a file that is too large here.
document.addEventListener("submit", (event) => {
  const bad = event.target.querySelector("input[type=file]:invalid[data-limit-mb]");
  if (bad && bad.files.length) {
    event.preventDefault();
    bad.focus();
  }
});
