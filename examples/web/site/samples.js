// Something to try where nothing is at hand: made here, the same each time.

/** Numbers from 0 to 1. */
function numbers(seed) {
  return () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Hills under a sky with the noise of a camera, as a PNG file. */
export async function samplePicture() {
  const canvas = new OffscreenCanvas(480, 320);
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  const next = numbers(1);
  const ridge = (x, scale, height) => height + 16 * Math.sin(x / scale) + 7 * Math.cos((x / scale) * 2.7);
  for (let y = 0, at = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) {
      const near = y > ridge(x, 47, 240);
      const far = y > ridge(x + 90, 71, 190);
      const color = near ? [52, y / 3, 48] : far ? [88, 108, 96 + x / 20] : [120 + y / 3, 150 + y / 4, 214 - x / 30];
      for (const value of color) image.data[at++] = value + 4 * (next() + next() + next() - 1.5);
      image.data[at++] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
}

/** Orders as an API lists them. */
export function sampleText() {
  const next = numbers(7);
  const any = (list) => list[Math.floor(next() * list.length)];
  const orders = Array.from({ length: 400 }, (_, n) => ({
    id: 4000 + n,
    customer: any(['Ada', 'Bela', 'Chidi', 'Dana', 'Emre', 'Fatou', 'Goro', 'Hana']),
    state: any(['paid', 'sent', 'open']),
    total: Math.round(next() * 90000) / 100,
    items: Array.from({ length: 1 + Math.floor(next() * 3) }, () => any(['lamp', 'chair', 'table', 'shelf', 'rug'])),
  }));
  return new TextEncoder().encode(JSON.stringify({ orders }, null, 1));
}
