// The codec as promises, and the sizes that the browser's own formats have.

// Compiled once, however often a worker is stopped.
const module = WebAssembly.compileStreaming(fetch('dualcomp.wasm'));
// The page says what went wrong when it first needs it.
module.catch(() => {});
const waiting = new Map();
let worker;
let next = 0;

/** Does a task of worker.js; gives its result and the seconds it took. Calls `progress` with what is done, and of how much. */
export async function run(task, bytes, progress = () => {}) {
  const compiled = await module;
  worker ??= start();
  return new Promise((resolve, reject) => {
    waiting.set(next, { resolve, reject, progress });
    worker.postMessage({ id: next++, task, bytes, module: compiled });
  });
}

/** Stops what is being done; its promise fails. */
export function cancel() {
  worker?.terminate();
  worker = undefined;
  for (const { reject } of waiting.values()) reject(new Error('stopped'));
  waiting.clear();
}

function start() {
  const worker = new Worker('worker.js', { type: 'module' });
  worker.onmessage = ({ data }) => {
    const { resolve, reject, progress } = waiting.get(data.id) ?? {};
    if (data.done !== undefined) return progress?.(data.done, data.total);
    waiting.delete(data.id);
    data.error === undefined ? resolve?.(data) : reject?.(new Error(data.error));
  };
  return worker;
}

/** The size as gzip. */
export async function gzipSize(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/**
 * The size as lossless WebP, or nothing where the browser cannot make one: only some can, WebP has no samples of
 * 16 bits, and a canvas does not keep the colours of translucent pixels. So what was made is compared.
 */
export async function webpSize(png) {
  const bitDepth = png[24];
  if (png[0] !== 0x89 || bitDepth > 8) return undefined;
  const { canvas, pixels } = await draw(new Blob([png], { type: 'image/png' }));
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality: 1 });
  if (webp.type !== 'image/webp' || !pixels.every((value, at) => at % 4 < 3 || value === 255)) return undefined;
  return same(pixels, (await draw(webp)).pixels) ? webp.size : undefined;
}

async function draw(blob) {
  // As the numbers are, without a conversion of colours.
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return { canvas, pixels: context.getImageData(0, 0, bitmap.width, bitmap.height).data };
}

/** Whether two arrays of bytes are equal. */
export function same(a, b) {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
