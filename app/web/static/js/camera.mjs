// The camera as scanner: frames go to our own worker; a code counts when two frames agree.
import { Agreement } from "./agree.mjs";
import { signal } from "./tell.mjs";
import { said } from "./words.mjs";

const HINTS = { two: said("Cover one code: two are in view."), closer: said("Move closer, or hold still.") };
const FAULTS = {
  NotAllowedError: said("The camera is not allowed here. Allow it in the browser, or take a photo instead."),
  NotFoundError: said("This device has no camera. Use the hand scanner, or type the code."),
  NotReadableError: said("Another program uses the camera. Close it, then try again."),
};

class Camera {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-camera-${name}]`);
    this.video = this.part("video");
    this.wanted = false;
    this.device = 0;
    this.stream = null;
    this.busy = false;
    this.turn = 0;
    this.run = 0;
    const canStream = Boolean(navigator.mediaDevices?.getUserMedia);
    this.part("open").hidden = !canStream;
    this.part("photo").hidden = false;
    this.part("open").addEventListener("click", () => this.open());
    this.part("close").addEventListener("click", () => this.close());
    this.part("torch").addEventListener("click", () => this.torch());
    this.part("switch").addEventListener("click", () => this.next());
    this.part("file").addEventListener("change", (event) => this.photo(event.target.files[0]));
    document.addEventListener("visibilitychange", () => this.visibility());
    window.addEventListener("pagehide", () => this.stop());
  }

  say(sentence) {
    if (this.part("status").textContent !== sentence) this.part("status").textContent = sentence;
  }

  startWorker() {
    if (this.worker) return;
    this.worker = new Worker(this.root.dataset.worker, { type: "module" });
    this.worker.addEventListener("message", (event) => this.answered(event.data));
    this.worker.addEventListener("error", () => this.say(said("The code reader could not start. Reload the page, or use the hand scanner.")));
  }

  async open() {
    this.wanted = true;
    this.part("view").hidden = false;
    this.startWorker();
    await this.start();
  }

  async start() {
    this.stop();
    const run = ++this.run;
    this.agreement = new Agreement();
    this.say(said("Opening the camera…"));
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: await this.choice() });
      if (run !== this.run || !this.wanted) return stream.getTracks().forEach((track) => track.stop());
      this.stream = stream;
      this.video.srcObject = stream;
      await this.video.play();
      this.say(said("Hold the code inside the frame."));
      this.part("torch").hidden = !stream.getVideoTracks()[0].getCapabilities?.().torch;
      this.part("switch").hidden = (await this.cameras()).length < 2;
      this.watch(run);
    } catch (fault) {
      if (fault.name !== "AbortError") this.say(FAULTS[fault.name] ?? said("The camera could not be opened. Use the hand scanner, or take a photo."));
    }
  }

  async cameras() {
    return (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
  }

  async choice() {
    const size = { width: { ideal: 1920 }, height: { ideal: 1080 } };
    if (!this.device) return { ...size, facingMode: { ideal: "environment" } };
    const all = await this.cameras();
    return { ...size, deviceId: { exact: all[this.device % all.length].deviceId } };
  }

  next() {
    this.device += 1;
    return this.start();
  }

  async torch() {
    const button = this.part("torch");
    const on = button.getAttribute("aria-pressed") !== "true";
    await this.stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
    button.setAttribute("aria-pressed", String(on));
  }

  /** Send one frame at a time to the worker; the next one waits for its answer. */
  watch(run) {
    const again = this.video.requestVideoFrameCallback
      ? (then) => this.video.requestVideoFrameCallback(then)
      : (then) => requestAnimationFrame(then);
    const step = async () => {
      if (run !== this.run || !this.stream) return;
      if (!this.busy && this.video.videoWidth) {
        this.busy = true;
        const frame = await createImageBitmap(this.video).catch(() => null);
        if (frame) this.worker.postMessage({ frame, closeUp: this.turn++ % 2 === 0 }, [frame]);
        else this.busy = false;
      }
      again(step);
    };
    again(step);
  }

  answered(look) {
    if (look.ready) return;
    this.busy = false;
    if (look.fault) return this.say(said("The code reader could not start. Reload the page, or use the hand scanner."));
    if (look.photo) return this.photoAnswered(look);
    if (!this.stream) return;
    const { accepted, hint } = this.agreement.look(look);
    if (accepted) return this.accepted(accepted);
    if (hint) this.say(HINTS[hint]);
  }

  accepted(text) {
    this.close();
    signal("soft");
    document.dispatchEvent(new CustomEvent("hilo:read", { detail: { text, by: "camera" } }));
  }

  async photo(file) {
    if (!file) return;
    // The camera lets go: its hints would overwrite what is said of the photo.
    this.wanted = false;
    this.stop();
    this.part("view").hidden = false;
    this.startWorker();
    this.say(said("Looking at the photo…"));
    const frame = await createImageBitmap(file).catch(() => null);
    if (!frame) return this.say(said("This is not a picture. Take a photo of the code."));
    this.worker.postMessage({ frame, photo: true, closeUp: false }, [frame]);
  }

  photoAnswered({ texts }) {
    if (texts.length === 1) return this.accepted(texts[0]);
    this.say(texts.length ? HINTS.two : said("No code found in this photo. Move closer, hold still, and take another."));
  }

  /** iOS gives black pictures after the page was hidden: let go, and open again. */
  visibility() {
    if (!this.wanted) return;
    if (document.visibilityState === "hidden") this.stop();
    else void this.start();
  }

  stop() {
    this.run += 1;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.busy = false;
    this.video.srcObject = null;
  }

  close() {
    this.wanted = false;
    this.stop();
    this.part("view").hidden = true;
    this.part("open").focus();
  }
}

for (const root of document.querySelectorAll("[data-camera]")) new Camera(root);
