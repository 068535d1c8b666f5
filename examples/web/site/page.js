// The page: takes a file, tells what it is by its first bytes, and shows it beside its sizes.

import { cancel, gzipSize, run as begin, same, webpSize } from './codec.js';
import { samplePicture, sampleText } from './samples.js';

const $ = (id) => document.getElementById(id);
const begins = (bytes, ...start) => start.every((value, at) => bytes[at] === value);
let urls = [];

async function open(name, bytes) {
  clear();
  say('Working…');
  busy(true);
  try {
    // Pixels, or a file that was kept to the last byte.
    if (begins(bytes, 0x89, 0x44, 0x43, 0x49) || begins(bytes, 0x89, 0x44, 0x43, 0x46)) await showDci(name, bytes);
    else if (begins(bytes, 0x89, 0x44, 0x43, 0x42)) await showDcs(name, bytes);
    else if (begins(bytes, 0x89, 0x50, 0x4e, 0x47)) await compressPng(name, bytes);
    else if (begins(bytes, 0xff, 0xd8, 0xff)) await compressJpeg(name, bytes);
    else await compressBytes(name, bytes);
    $('name').textContent = name;
    $('result').hidden = false;
    say('');
  } catch (error) {
    say(`${name}: ${error.message}`, true);
  }
  busy(false);
  document.body.dataset.done = name;
}

/** Does a task; what is done of it is shown, unless the next is there already. */
function run(task, bytes) {
  $('progress').removeAttribute('value');
  return begin(task, bytes, (done, total) => {
    if (total > 0) $('progress').value = Math.min(1, done / total);
  });
}

/** While the codec works there is something to stop, and nothing else to open. */
function busy(working) {
  for (const id of ['drop', 'sample-picture', 'sample-text']) $(id).inert = working;
  for (const id of ['progress', 'cancel']) $(id).hidden = !working;
}

async function showDci(name, dci) {
  const { result: file, seconds } = await run('dciToPicture', dci);
  row('DualComp', dci.length, dci.length, seconds);
  // A file that was kept to the last byte, or pixels.
  const [format, end, type] = kindOf(file);
  row(format, file.length, dci.length);
  if (type === 'image/png') row('WebP, by the browser', await webpSize(file), dci.length);
  picture(file, type);
  save(file, name.replace(/\.dci$/i, '') + end, type);
}

const kindOf = (file) => (file[0] === 0xff ? ['JPEG', '.jpg', 'image/jpeg'] : ['PNG', '.png', 'image/png']);

async function compressPng(name, png) {
  const { result: dci, seconds } = await run('pngToDci', png);
  // What is shown is what came back.
  const back = await run('dciToPicture', dci);
  row('DualComp', dci.length, dci.length, seconds);
  row('the PNG', png.length, dci.length);
  row('WebP, by the browser', await webpSize(back.result), dci.length);
  picture(back.result, 'image/png');
  save(dci, name.replace(/\.png$/i, '') + '.dci');
}

async function compressJpeg(name, jpeg) {
  const { result: dci, seconds } = await run('jpegToDci', jpeg);
  const { result: back } = await run('dciToPicture', dci);
  if (!same(back, jpeg)) throw new Error('came back different');
  row('DualComp', dci.length, dci.length, seconds);
  row('the JPEG', jpeg.length, dci.length);
  picture(back, 'image/jpeg');
  save(dci, name.replace(/\.jpe?g$/i, '') + '.dci');
}

async function compressBytes(name, bytes) {
  const { result: dcs, seconds } = await run('compress', bytes);
  if (!same((await run('decompress', dcs)).result, bytes)) throw new Error('came back different');
  row('DualComp', dcs.length, dcs.length, seconds);
  row('as it is', bytes.length, dcs.length);
  row('gzip', await gzipSize(bytes), dcs.length);
  text(bytes);
  save(dcs, name + '.dcs');
}

async function showDcs(name, dcs) {
  const { result: bytes, seconds } = await run('decompress', dcs);
  row('DualComp', dcs.length, dcs.length, seconds);
  row('restored', bytes.length, dcs.length);
  row('gzip', await gzipSize(bytes), dcs.length);
  text(bytes);
  save(bytes, name.replace(/\.dcs$/i, ''));
}

function row(format, size, ours, seconds) {
  const cells = $('sizes').insertRow();
  cells.className = format === 'DualComp' ? 'ours' : '';
  const percent = size && size !== ours ? `${((100 * size) / ours).toFixed(0)} %` : '';
  const values = [format, size?.toLocaleString('en') ?? 'not made here', percent, seconds?.toFixed(2) ?? ''];
  for (const value of values) cells.insertCell().textContent = value;
}

function picture(file, type) {
  $('picture').src = url(file, type);
  $('picture').hidden = false;
}

function text(bytes) {
  $('text').textContent = new TextDecoder().decode(bytes.subarray(0, 20_000));
  $('text').hidden = false;
}

function save(bytes, name, type = 'application/octet-stream') {
  $('save').href = url(bytes, type);
  $('save').download = name;
  $('save').textContent = `Save ${name}`;
}

function url(bytes, type) {
  urls.push(URL.createObjectURL(new Blob([bytes], { type })));
  return urls.at(-1);
}

function clear() {
  urls.forEach(URL.revokeObjectURL);
  urls = [];
  $('sizes').replaceChildren();
  for (const id of ['result', 'picture', 'text']) $(id).hidden = true;
  delete document.body.dataset.done;
}

function say(words, error = false) {
  $('status').textContent = words;
  $('status').classList.toggle('error', error);
}

async function take(files) {
  if (files.length > 0) await open(files[0].name, new Uint8Array(await files[0].arrayBuffer()));
}

$('cancel').onclick = cancel;
$('sample-picture').onclick = async () => open('sample.png', await samplePicture());
$('sample-text').onclick = () => open('sample.txt', sampleText());
$('file').onchange = (event) => take(event.target.files);
document.ondragover = (event) => {
  event.preventDefault();
  $('drop').classList.add('over');
};
document.ondragleave = () => $('drop').classList.remove('over');
document.ondrop = (event) => {
  event.preventDefault();
  $('drop').classList.remove('over');
  take(event.dataTransfer.files);
};
