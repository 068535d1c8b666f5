// Runs the codec away from the page, which stays usable meanwhile.

const TASKS = { compress: 0, decompress: 1, pngToDci: 2, dciToPicture: 3, jpegToDci: 4 };

onmessage = async ({ data: { id, task, bytes, module } }) => {
  try {
    const page = { progress: (done, total) => postMessage({ id, done, total }) };
    // A new instance each time: the memory of an instance grows and never shrinks, and is lost after a trap.
    const { exports } = await WebAssembly.instantiate(module, { page });
    const start = performance.now();
    // In two steps: the memory is another buffer after it has grown.
    const place = exports.reserve(bytes.length);
    new Uint8Array(exports.memory.buffer, place, bytes.length).set(bytes);
    const length = exports.run(TASKS[task]);
    const seconds = (performance.now() - start) / 1000;
    const result = new Uint8Array(exports.memory.buffer, exports.output(), Math.abs(length)).slice();
    if (length < 0) throw new Error(new TextDecoder().decode(result));
    postMessage({ id, result, seconds }, [result.buffer]);
  } catch (error) {
    postMessage({ id, error: error.message });
  }
};
