// Decodes what `dualcomp compress --for-web` has made, in the browser, for a site of your own:
//
//     dualcomp compress --for-web your-site && cp service-worker.js site/dualcomp.wasm your-site/
//     navigator.serviceWorker.register('service-worker.js')      // in the pages
//
// Pages cannot ask for a coding by Accept-Encoding, so this asks for `NAME.dcs` where the manifest has one, which any server
// of files can send. It pays only for much text: the codec itself is fetched once, some megabytes, and decodes about 1 MB/s.

const KINDS = {
  css: 'text/css', csv: 'text/csv', htm: 'text/html', html: 'text/html', js: 'text/javascript', json: 'application/json',
  jpeg: 'image/jpeg', jpg: 'image/jpeg', md: 'text/markdown', mjs: 'text/javascript', svg: 'image/svg+xml',
  txt: 'text/plain', wasm: 'application/wasm', xml: 'application/xml',
};
const DECOMPRESS = 1;

let loaded;

/** The manifest and the codec. What could not be fetched is tried again. */
function load() {
  loaded ??= Promise.all([
    fetch('dualcomp-manifest.json').then((response) => response.json()),
    WebAssembly.compileStreaming(fetch('dualcomp.wasm')),
  ]);
  loaded.catch(() => (loaded = undefined));
  return loaded;
}

self.addEventListener('install', (event) => event.waitUntil(load().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { method, url, headers } = event.request;
  if (method !== 'GET' || headers.has('range') || !url.startsWith(self.registration.scope)) return;
  // Whatever goes wrong, there is the file itself.
  event.respondWith(decoded(new URL(url)).catch(() => undefined).then((found) => found ?? fetch(event.request)));
});

async function decoded(url) {
  const [manifest, module] = await load();
  const path = decodeURIComponent(url.pathname.slice(new URL(self.registration.scope).pathname.length));
  const name = path === '' || path.endsWith('/') ? `${path}index.html` : path;
  const entry = manifest.files[name];
  if (!entry) return undefined;
  const answer = await fetch(new URL(`${name}.dcs`.split('/').map(encodeURIComponent).join('/'), self.registration.scope));
  const coded = new Uint8Array(await answer.arrayBuffer());
  if (!answer.ok || (await sha256(coded)) !== entry.coded_sha256) return undefined;
  const { exports } = await WebAssembly.instantiate(module, { page: { progress() {} } });
  const place = exports.reserve(coded.length);
  new Uint8Array(exports.memory.buffer, place, coded.length).set(coded);
  const length = exports.run(DECOMPRESS);
  if (length < 0) return undefined;
  const content = new Uint8Array(exports.memory.buffer, exports.output(), length).slice();
  if ((await sha256(content)) !== entry.sha256) return undefined;
  const kind = KINDS[name.split('.').at(-1).toLowerCase()] ?? 'application/octet-stream';
  return new Response(content, { headers: { 'content-type': kind, 'x-decoded-by': 'dualcomp' } });
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
