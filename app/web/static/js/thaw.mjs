// The clock of a thawed bag: counts on from the server's seconds, whatever time the device thinks it is.
// A tablet that slept may have stopped one of its clocks: the larger of two counts is shown, never the younger.
for (const clock of document.querySelectorAll("[data-thaw-clock]")) {
  const seconds = Number(clock.dataset.thawSeconds);
  const warning = Number(clock.dataset.thawWarning);
  const limit = Number(clock.dataset.thawLimit);
  const steady = performance.now();
  const wall = Date.now();
  const show = () => {
    const passed = Math.max(performance.now() - steady, Date.now() - wall) / 1000;
    const now = Math.floor(seconds + passed);
    const state = now > limit ? "too_long" : now >= warning ? "soon_too_long" : "within_limit";
    clock.dataset.thawState = state;
    clock.querySelector("[data-thaw-minutes]").textContent = String(Math.floor(now / 60));
    clock.querySelector("[data-thaw-bar]").value = Math.min(now, limit);
    for (const word of clock.querySelectorAll("[data-thaw-word]")) word.hidden = word.dataset.thawWord !== state;
  };
  show();
  setInterval(show, 1000);
}
