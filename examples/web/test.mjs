// Drives the page in headless Chromium: node examples/web/test.mjs, after the build.
//
// With arguments it opens a file in the page and keeps a picture of it: node test.mjs photo.dci shot.png

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';
import { Browser, serve } from './browser.mjs';

const folder = mkdtempSync(join(tmpdir(), 'dualcomp-web-'));
const server = await serve(new URL('site/', import.meta.url));
const browser = await Browser.start(folder);

/** Opens a file as if it were chosen; gives what the page then says. */
async function open(path) {
  await browser.choose('#file', path);
  await browser.until(`document.body.dataset.done === ${JSON.stringify(path.split('/').at(-1))}`);
  return browser.evaluate(`({
    status: document.getElementById('status').textContent,
    rows: [...document.querySelectorAll('#sizes tr')].map((row) => [...row.cells].map((cell) => cell.textContent)),
    text: document.getElementById('text').textContent,
    shown: !document.getElementById('picture').hidden,
    saved: document.getElementById('save').download,
  })`);
}

/** What the link to save has, as a file in the folder. */
async function save(name) {
  const numbers = await browser.evaluate(
    `fetch(document.getElementById('save').href).then((response) => response.arrayBuffer())
       .then((buffer) => Array.from(new Uint8Array(buffer)))`);
  writeFileSync(join(folder, name), Uint8Array.from(numbers));
  return join(folder, name);
}

/** A grey PNG file whose pixels are a formula. */
function png(width, height, pixel) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows[y * (width + 1) + x + 1] = pixel(x, y);
  const chunks = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

/** The checksum of a chunk; Node has one since version 22. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Words that repeat nothing for long. */
function randomText(length) {
  let seed = 1;
  const next = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;
  let text = '';
  while (text.length < length) text += `${next().toString(36)} ${next() % 1000}, `;
  return text;
}

async function check() {
  const pixel = (x, y) => Math.round(127 + 60 * Math.sin(x / 9) + 60 * Math.cos(y / 7)) ^ ((x * y) & 3);
  writeFileSync(join(folder, 'photo.png'), png(96, 64, pixel));
  let page = await open(join(folder, 'photo.png'));
  assert.deepEqual([page.status, page.shown, page.saved], ['', true, 'photo.dci']);
  assert.deepEqual(page.rows.map((row) => row[0]), ['DualComp', 'the PNG', 'WebP, by the browser']);
  const sizes = page.rows.map((row) => Number(row[1].replace(',', '')));
  assert(sizes[0] < sizes[1] && sizes[0] < sizes[2], `${sizes}`);

  const dci = await save('again.dci');
  assert.equal(readFileSync(dci).length, sizes[0]);
  page = await open(dci);
  assert.deepEqual([page.status, page.shown, page.saved], ['', true, 'again.png']);
  const pixels = await browser.evaluate(`(async () => {
    const picture = document.getElementById('picture');
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    return Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data).filter((_, at) => at % 4 === 0);
  })()`);
  assert.deepEqual(pixels, Array.from({ length: 96 * 64 }, (_, at) => pixel(at % 96, Math.floor(at / 96))));

  const words = Array.from({ length: 99 }, (_, at) => `Line ${at}: the quick brown fox, für alle.\n`).join('');
  await browser.evaluate(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(words)}], 'words.txt'));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  })()`);
  await browser.until(`document.body.dataset.done === 'words.txt'`);
  page = await open(await save('words.dcs'));
  assert.deepEqual([page.status, page.text, page.saved], ['', words, 'words']);

  // A JPEG file, there and back to the last byte, and shown as it is.
  const jpeg = new URL('../../tests/jpeg/baseline.jpg', import.meta.url).pathname;
  page = await open(jpeg);
  assert.deepEqual([page.status, page.shown, page.saved], ['', true, 'baseline.dci']);
  page = await open(await save('baseline.dci'));
  assert.deepEqual([page.status, page.shown, page.saved], ['', true, 'baseline.jpg']);
  assert.deepEqual(readFileSync(await save('back.jpg')), readFileSync(jpeg));
  assert.equal(await browser.evaluate(`fetch(document.getElementById('picture').src).then((file) => file.headers.get('content-type'))`), 'image/jpeg');

  // Samples, and progress of them: the text is one block, the picture has one tile or more.
  for (const [button, name] of [['sample-text', 'sample.txt'], ['sample-picture', 'sample.png']]) {
    await browser.evaluate(`(() => {
      delete document.body.dataset.done;
      document.getElementById('${button}').click();
    })()`);
    await browser.until(`document.body.dataset.done === '${name}'`);
    assert.equal(await browser.evaluate(`document.getElementById('status').textContent`), '');
  }
  assert.equal(await browser.evaluate(`document.getElementById('progress').value`), 1);
  assert.equal(await browser.evaluate(`document.getElementById('progress').hidden`), true);

  // Stopped, and then at work again.
  writeFileSync(join(folder, 'long.txt'), randomText(3 << 20));
  await browser.choose('#file', join(folder, 'long.txt'));
  await browser.until(`document.getElementById('progress').value > 0 && document.getElementById('progress').value < 1`);
  if (process.env.SHOTS) writeFileSync(join(process.env.SHOTS, 'working.png'), await browser.screenshot());
  await browser.evaluate(`document.getElementById('cancel').click()`);
  await browser.until(`document.body.dataset.done === 'long.txt'`);
  assert.equal(await browser.evaluate(`document.getElementById('status').textContent`), 'long.txt: stopped');
  page = await open(dci);
  assert.deepEqual([page.status, page.shown], ['', true]);
  if (process.env.SHOTS) writeFileSync(join(process.env.SHOTS, 'done.png'), await browser.screenshot());

  writeFileSync(join(folder, 'cut.dci'), readFileSync(dci).subarray(0, 100));
  page = await open(join(folder, 'cut.dci'));
  assert.match(page.status, /^cut\.dci: /);
}

/** A site whose pages have a service worker that decodes. */
async function checkServiceWorker() {
  const site = join(folder, 'site');
  mkdirSync(site);
  const text = 'One line of a text, and the next.\n'.repeat(400);
  writeFileSync(join(site, 'index.html'), '<!DOCTYPE html><title>A site</title>');
  writeFileSync(join(site, 'text.txt'), text);
  for (const name of ['service-worker.js', 'site/dualcomp.wasm']) copyFileSync(new URL(name, import.meta.url), join(site, name.split('/').at(-1)));

  const { instance } = await WebAssembly.instantiate(readFileSync(join(site, 'dualcomp.wasm')), { page: { progress() {} } });
  const { memory, output, reserve, run } = instance.exports;
  const place = reserve(text.length);
  new Uint8Array(memory.buffer, place, text.length).set(Buffer.from(text));
  const length = run(0);
  const coded = Buffer.from(new Uint8Array(memory.buffer, output(), length));
  writeFileSync(join(site, 'text.txt.dcs'), coded);
  const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
  const entry = { size: text.length, sha256: sha256(text), coding: 'dualcomp-1', coded_size: length, coded_sha256: sha256(coded) };
  writeFileSync(join(site, 'dualcomp-manifest.json'), JSON.stringify({ format: 1, level: 'default', files: { 'text.txt': entry } }));

  const asked = [];
  const own = await serve(pathToFileURL(`${site}/`), asked);
  try {
    await browser.go(own.url);
    await browser.evaluate(`navigator.serviceWorker.register('service-worker.js')
      .then(() => new Promise((done) => navigator.serviceWorker.controller ? done() : navigator.serviceWorker.addEventListener('controllerchange', done)))
      .then(() => undefined)`);
    asked.length = 0;
    const ask = () => browser.evaluate(`fetch('text.txt').then(async (response) =>
      [response.headers.get('content-type'), response.headers.get('x-decoded-by'), await response.text()])`);
    assert.deepEqual(await ask(), ['text/plain', 'dualcomp', text]);
    assert.deepEqual(asked, ['text.txt.dcs']);
    // A body that is not the one of the manifest is left alone.
    writeFileSync(join(site, 'text.txt.dcs'), coded.subarray(1));
    assert.deepEqual(await ask(), ['text/plain', null, text]);
  } finally {
    own.stop();
  }
}

try {
  await browser.go(server.url);
  const [file, shot] = process.argv.slice(2);
  if (file) {
    const page = await open(file);
    console.log(page.status || page.rows.map((row) => row.join('\t')).join('\n'));
    if (shot) writeFileSync(shot, await browser.screenshot());
  } else {
    await check();
    await checkServiceWorker();
    console.log('the page does what it says, and so does the service worker');
  }
} finally {
  await browser.stop();
  server.stop();
  rmSync(folder, { recursive: true, force: true });
}
