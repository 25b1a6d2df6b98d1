// Sounds, vibration, identifiers and messages to the server: what several modules need.

let audio = null;

/** Play tones one after another: [[hertz, milliseconds], …]; 0 hertz is silence. Never throws. */
export function play(tones) {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    let at = audio.currentTime + 0.02;
    for (const [hertz, ms] of tones) {
      if (hertz) tone(hertz, at, ms / 1000);
      at += ms / 1000;
    }
  } catch {
    // A device without sound still has sign, word, colour and vibration.
  }
}

function tone(hertz, start, seconds) {
  const source = audio.createOscillator();
  const level = audio.createGain();
  source.type = hertz < 400 ? "square" : "sine";
  source.frequency.value = hertz;
  level.gain.setValueAtTime(0, start);
  level.gain.linearRampToValueAtTime(0.5, start + 0.01);
  level.gain.setValueAtTime(0.5, start + seconds - 0.02);
  level.gain.linearRampToValueAtTime(0, start + seconds);
  source.connect(level).connect(audio.destination);
  source.start(start);
  source.stop(start + seconds);
}

/** One short high tone is good, three low ones mean stop, two middle ones mean not checked. */
export const SOUNDS = {
  go: [[1320, 160]],
  stop: [[220, 260], [0, 90], [220, 260], [0, 90], [220, 420]],
  unknown: [[520, 180], [0, 80], [520, 180]],
  soft: [[440, 60]],
};

export const VIBRATIONS = { go: [60], stop: [200, 80, 200], unknown: [120, 80, 120], soft: [20] };

export function signal(kind) {
  play(SOUNDS[kind]);
  // Before the first touch of a page browsers refuse to vibrate, and say so in the console.
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(VIBRATIONS[kind]);
}

/** A key for this one act: a repeated request with it gets the same answer. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export function csrfToken() {
  return document.querySelector("meta[name=csrf-token]")?.content ?? "";
}

/** Post JSON to our own server with the page's token; keeps going when the page is left. */
export function post(url, body) {
  return fetch(url, {
    method: "POST",
    keepalive: true,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(body),
  });
}
