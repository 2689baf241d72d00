// Calls of the API, with the token of whoever logged in and nothing else: no cookie, no certificate of the browser.

// The page lies one step below the API, also behind a proxy that puts something before all paths.
const ROOT = new URL('..', document.baseURI).pathname.replace(/\/$/, '');
const KEPT = 'keelson-token';
const WAIT_MAX = 60_000;
const ERROR_LENGTH_MAX = 2_000;

/** What the API refuses; code 0 if it does not answer. */
export class Refusal extends Error {
  constructor(code, message, reason = '') {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

let token = sessionStorage.getItem(KEPT) ?? '';
let ended = () => {};

/** Who is logged in: until the tab is closed, and in this tab only. */
export const session = {
  isOpen: () => token !== '',

  open(text) {
    token = text;
    sessionStorage.setItem(KEPT, text);
  },

  /** @param why for people; empty if they wanted it */
  close(why) {
    token = '';
    sessionStorage.removeItem(KEPT);
    ended(why);
  },

  /** Sets who is told when it has ended. */
  onEnd(listener) {
    ended = listener;
  },
};

/** A path with a query of those values that there are. */
export function withQuery(path, values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== '' && value !== null && value !== undefined) {
      query.set(name, value);
    }
  }
  const text = query.toString();
  return text === '' ? path : path + '?' + text;
}

/** The part of a path that a name is. */
export const part = encodeURIComponent;

/**
 * Sends a request, and gives the answer once it begins, if it is a good one.
 *
 * @throws Refusal if it is not
 */
export async function send(path, { method = 'GET', accept = 'application/json', body, signal } = {}) {
  const headers = { Accept: accept, Authorization: 'Bearer ' + token };
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  const asked = token;
  let response;
  try {
    response = await fetch(ROOT + path, {
      method, headers, body, signal, cache: 'no-store', credentials: 'omit', redirect: 'error',
    });
  } catch (e) {
    if (signal?.aborted && signal.reason?.name !== 'TimeoutError') {
      throw e;
    }
    throw new Refusal(0, 'The API server does not answer.');
  }
  if (response.ok) {
    return response;
  }
  const refusal = await refused(response);
  if (refusal.code === 401 && asked === token && token !== '') {
    session.close('The API server does not know this token, or not any more.');
  }
  throw refusal;
}

async function refused(response) {
  let text = '';
  try {
    text = await response.text();
    const status = JSON.parse(text);
    return new Refusal(response.status, String(status.message || 'HTTP ' + response.status), String(status.reason ?? ''));
  } catch {
    // Of something in between, which has no Status.
    const told = text.slice(0, ERROR_LENGTH_MAX).trim();
    return new Refusal(response.status, told || 'HTTP ' + response.status);
  }
}

/** Sends a request, and gives the object that is answered, within a minute. */
export async function call(path, options = {}) {
  const limit = AbortSignal.timeout(WAIT_MAX);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  const response = await send(path, { ...options, signal });
  try {
    return await response.json();
  } catch (e) {
    if (options.signal?.aborted) {
      throw e;
    }
    throw new Refusal(0, 'The API server has answered with something that is no JSON, or not to the end.');
  }
}

/** The lines of an answer as they come; one that does not end within some megabytes is an error. */
export async function* lines(response) {
  const lengthMax = 8 << 20;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      const all = (rest + value).split('\n');
      rest = all.pop();
      yield* all;
      if (rest.length > lengthMax) {
        throw new Refusal(0, 'The API server sends a line without an end.');
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
