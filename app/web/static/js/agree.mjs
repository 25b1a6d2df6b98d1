// When may a code that the camera saw be believed? Pure: one frame's result in, an answer out.

const HOLD = 4; // looks to wait after two codes were in view
const PATIENCE = 8; // looks without the code after which it is forgotten

/** A code counts when two looks agree and, since the first of them, the whole frame was seen with no other. */
export class Agreement {
  #candidate = null;
  #times = 0;
  #wholeSeen = false;
  #misses = 0;
  #hold = 0;

  /** Give one look `{texts, seen, closeUp}`; answers `{accepted}`, `{hint}` or `{}`. */
  look({ texts, seen, closeUp }) {
    const another = texts.length === 1 && this.#candidate !== null && texts[0] !== this.#candidate;
    if (texts.length > 1 || another) {
      this.#forget();
      this.#hold = HOLD;
      return { hint: "two" };
    }
    if (this.#hold > 0) {
      this.#hold -= 1;
      return { hint: "two" };
    }
    if (texts.length === 0) return this.#missed(seen, closeUp);
    this.#candidate = texts[0];
    this.#times += 1;
    this.#misses = 0;
    this.#wholeSeen ||= !closeUp;
    return this.#settled();
  }

  #missed(seen, closeUp) {
    if (this.#candidate === null) return seen > 0 ? { hint: "closer" } : {};
    this.#misses += 1;
    this.#wholeSeen ||= !closeUp;
    if (this.#misses > PATIENCE) this.#forget();
    return this.#settled();
  }

  #settled() {
    return this.#times >= 2 && this.#wholeSeen ? { accepted: this.#candidate } : {};
  }

  #forget() {
    this.#candidate = null;
    this.#times = 0;
    this.#wholeSeen = false;
    this.#misses = 0;
  }
}
