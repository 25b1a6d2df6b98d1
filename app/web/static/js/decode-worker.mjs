// The one decoder, in a worker: QR Model 2 and Data Matrix only, from files that Hilo serves itself.
import { prepareZXingModule, readBarcodes } from "../vendor/zxing/reader/index.js";

const WASM = new URL("../vendor/zxing/zxing_reader.wasm", import.meta.url).href;
const OPTIONS = {
  formats: ["QRCodeModel2", "DataMatrix"],
  tryHarder: true,
  tryInvert: false,
  // Two labels with two codes each: enough to see that there are two.
  maxNumberOfSymbols: 4,
  returnErrors: true,
};

// The second, signed code of larger labels is for devices without network: here it is no code in view.
const SECOND_CODE = /^[0-9A-HJKMNP-TV-Z]{64,}$/;

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { willReadFrequently: true });

const engine = prepareZXingModule({
  overrides: { locateFile: (name, prefix) => (name.endsWith(".wasm") ? WASM : prefix + name) },
  fireImmediately: true,
});

/** Draw the frame whole, or its middle half enlarged twice: the cheapest gain for small modules. */
function drawn(frame, closeUp) {
  const { width, height } = frame;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  if (closeUp) context.drawImage(frame, width / 4, height / 4, width / 2, height / 2, 0, 0, width, height);
  else context.drawImage(frame, 0, 0);
  return context.getImageData(0, 0, width, height);
}

async function look(frame, closeUp) {
  const found = await readBarcodes(drawn(frame, closeUp), OPTIONS);
  const results = found.filter((result) => !SECOND_CODE.test(result.text));
  const texts = [...new Set(results.filter((result) => result.isValid && result.text).map((result) => result.text))];
  return { texts, seen: results.length };
}

async function read({ frame, closeUp, photo }) {
  await engine;
  try {
    const first = await look(frame, closeUp);
    if (!photo) return { ...first, closeUp };
    // A photo has no second frame: both views together must show one code only.
    const second = await look(frame, true);
    return { texts: [...new Set([...first.texts, ...second.texts])], seen: first.seen + second.seen, photo };
  } finally {
    frame.close();
  }
}

addEventListener("message", async (event) => {
  try {
    postMessage(await read(event.data));
  } catch (fault) {
    postMessage({ texts: [], seen: 0, fault: String(fault) });
  }
});
engine.then(() => postMessage({ ready: true }), (fault) => postMessage({ texts: [], seen: 0, fault: String(fault) }));
