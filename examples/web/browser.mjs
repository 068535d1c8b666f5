// A headless Chromium, spoken to through a pipe by its DevTools protocol, and a server for the page: no packages.

import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

const KINDS = { html: 'text/html', css: 'text/css', js: 'text/javascript', json: 'application/json', wasm: 'application/wasm' };

/** Serves the files of a folder on a free port of this machine; `asked` gets their names. */
export async function serve(folder, asked = []) {
  const server = createServer(async (request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url.slice(1).replace(/[^a-z.-]/g, '');
    asked.push(name);
    try {
      const content = await readFile(new URL(name, folder));
      response.writeHead(200, { 'content-type': KINDS[name.split('.').at(-1)] ?? 'text/plain' }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => (server.close(), server.closeAllConnections());
  return { url: `http://127.0.0.1:${server.address().port}/`, stop };
}

/** One page of a browser. */
export class Browser {
  #process;
  #waiting = new Map();
  #next = 1;
  #session;

  static async start(folder) {
    const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean);
    const name = names.find((name) => spawnSync(name, ['--version']).status === 0);
    if (!name) throw new Error('no Chromium found; name one in the variable CHROMIUM');
    const browser = new Browser();
    browser.#run(name, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
      `--user-data-dir=${join(folder, 'profile')}`, '--window-size=900,1000', '--remote-debugging-pipe']);
    const { targetId } = await browser.#send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.#send('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = sessionId;
    return browser;
  }

  #run(name, options) {
    this.#process = spawn(name, options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    let rest = '';
    this.#process.stdio[4].setEncoding('utf8').on('data', (data) => {
      const messages = (rest + data).split('\0');
      rest = messages.pop();
      for (const { id, result, error } of messages.map((message) => JSON.parse(message))) {
        const { resolve, reject } = this.#waiting.get(id) ?? {};
        this.#waiting.delete(id);
        error ? reject?.(new Error(error.message)) : resolve?.(result);
      }
    });
  }

  #send(method, params = {}) {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.#session })}\0`);
    });
  }

  async go(url) {
    await this.#send('Page.navigate', { url });
    await this.until(`document.readyState === 'complete' && location.href === ${JSON.stringify(url)}`);
  }

  /** The value of an expression, or of its promise. */
  async evaluate(expression) {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', options);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true, for two minutes at most. */
  async until(expression) {
    for (const end = Date.now() + 120_000; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
      if (await this.evaluate(expression)) return;
    }
    throw new Error(`never came true: ${expression}`);
  }

  /** Chooses a file in a field of the page. */
  async choose(selector, path) {
    await this.evaluate('delete document.body.dataset.done');
    const { root } = await this.#send('DOM.getDocument');
    const { nodeId } = await this.#send('DOM.querySelector', { nodeId: root.nodeId, selector });
    await this.#send('DOM.setFileInputFiles', { nodeId, files: [path] });
  }

  /** What the page looks like, as a PNG file. */
  async screenshot() {
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#send('Browser.close').catch(() => {});
    await ended;
  }
}
