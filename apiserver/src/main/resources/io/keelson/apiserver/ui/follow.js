// Lists and watches. What is kept is bounded: the first so many objects in the order of the API, which is that of their keys,
// or the newest. Of the others only the number is kept, and kept right, until somebody asks for more.

import { Refusal, call, lines, send, withQuery } from './api.js';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const PAGE = 500;
const MOST = 3_000;
// Of lists whose newest objects are wanted, so many are looked at, and so many kept.
const LOOKED_AT_MAX = 10_000;
const NEWEST_MAX = 1_000;
const PAUSE_MIN = 1_000;
const PAUSE_MAX = 30_000;
const REFUSED_PAUSE = 60_000;
const SHOW_EVERY = 200;
// Servers send bookmarks each minute: one that says nothing for longer is gone.
const SILENCE_MAX = 150_000;

/** An object as a row of a table: its columns by their names, and of the object what was asked for. */
function row(columns, one) {
  const metadata = one.object?.metadata ?? {};
  const cells = {};
  columns.forEach((name, i) => { cells[name] = one.cells[i]; });
  return {
    key: (metadata.namespace ?? '') + '/' + (metadata.name ?? ''),
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    cells,
    object: one.object ?? {},
  };
}

export class Follow {
  #asked;
  #signal;
  #rows = new Map();
  #columns = [];
  #revision = '';
  #more = 0;
  #last = null;
  #most = PAGE;
  #again = null;
  #timer = 0;

  /**
   * @param asked path, and query with selectors; whole: whether rows have whole objects; at: a resource version of the past,
   *     then it is listed once; newest(row): how new a row is, where the newest are wanted, and shown first; changed(rows): told
   *     of the rows in their order; told(state): {problem, live}
   * @param signal ends it
   */
  constructor(asked, signal) {
    this.#asked = asked;
    this.#signal = signal;
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  /** How many there are besides the rows; NaN if only that there are some is known. */
  get more() {
    return this.#more;
  }

  /** Whether more rows can be had. */
  get canShowMore() {
    return this.#most < MOST && !this.#asked.newest;
  }

  showMore() {
    this.#most = Math.min(MOST, this.#most + PAGE);
    this.#revision = '';
    this.#again?.abort();
  }

  /** Goes on until it is told to end. */
  async run() {
    let pause = PAUSE_MIN;
    while (!this.#signal.aborted) {
      this.#again = new AbortController();
      const signal = AbortSignal.any([this.#signal, this.#again.signal]);
      const begun = performance.now();
      try {
        if (this.#revision === '') {
          await this.#list(signal);
        }
        if (this.#asked.at) {
          this.#tell({ live: false });
          await until(this.#again.signal, this.#signal);
          continue;
        }
        await this.#watch(signal);
        pause = PAUSE_MIN;
      } catch (e) {
        if (this.#signal.aborted) {
          return;
        }
        if (this.#again.signal.aborted) {
          continue;
        }
        pause = this.#failed(e, pause);
      }
      const lasted = performance.now() - begun;
      await sleep(lasted > pause ? PAUSE_MIN / 10 : pause * (0.5 + Math.random() / 2), signal);
    }
  }

  /** Tells what went wrong; how long to wait before the next try. */
  #failed(e, pause) {
    if (!(e instanceof Refusal)) {
      console.error(e);
    }
    if (e.code === 410 && !this.#asked.at) {
      // What it knew is forgotten: it begins anew, and nothing is lost by that.
      this.#revision = '';
      return PAUSE_MIN;
    }
    this.#tell({ problem: e instanceof Refusal ? e : new Refusal(0, String(e)) });
    if (e.code >= 400 && e.code < 500 && e.code !== 429) {
      this.#revision = '';
      return REFUSED_PAUSE;
    }
    return Math.min(PAUSE_MAX, pause * 2);
  }

  #tell(state) {
    this.#asked.told?.(state);
  }

  #path(values) {
    const { path, query, whole } = this.#asked;
    return withQuery(path, { ...query, includeObject: whole ? 'Object' : 'Metadata', ...values });
  }

  async #list(signal) {
    const rows = new Map();
    const past = this.#asked.at ? { resourceVersion: this.#asked.at, resourceVersionMatch: 'Exact' } : {};
    let next = '';
    let revision = '';
    let more = 0;
    let old = 0;
    const isEnough = () => this.#asked.newest ? old + rows.size >= LOOKED_AT_MAX : rows.size >= this.#most;
    do {
      const limit = this.#asked.newest ? PAGE : Math.min(PAGE, this.#most - rows.size);
      const page = await call(this.#path(next ? { limit, continue: next } : { limit, ...past }), { accept: TABLE, signal });
      this.#columns = page.columnDefinitions.map(column => column.name);
      for (const one of page.rows ?? []) {
        const made = row(this.#columns, one);
        rows.set(made.key, made);
      }
      old += this.#letGoOfOld(rows);
      revision = page.metadata.resourceVersion;
      next = page.metadata.continue ?? '';
      more = next ? page.metadata.remainingItemCount ?? NaN : 0;
    } while (next && !isEnough());
    this.#rows = rows;
    this.#more = more + old;
    this.#last = next && !this.#asked.newest ? [...rows.keys()].at(-1) ?? '' : null;
    this.#revision = revision;
    this.#show();
  }

  async #watch(signal) {
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), SILENCE_MAX);
    try {
      const response = await send(this.#path({
        watch: '1',
        resourceVersion: this.#revision,
        allowWatchBookmarks: 'true',
        timeoutSeconds: 300 + Math.floor(Math.random() * 300),
      }), { accept: TABLE, signal: AbortSignal.any([signal, silent.signal]) });
      this.#tell({ live: true });
      for await (const line of lines(response)) {
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), SILENCE_MAX);
        if (line !== '') {
          this.#take(JSON.parse(line));
        }
      }
    } catch (e) {
      if (!silent.signal.aborted) {
        throw e instanceof Refusal || signal.aborted ? e : new Refusal(0, 'The connection to the API server has ended.');
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #take(event) {
    const object = event.object ?? {};
    if (event.type === 'ERROR') {
      throw new Refusal(object.code ?? 500, String(object.message ?? 'The watch has ended.'), object.reason);
    }
    if (object.columnDefinitions?.length) {
      this.#columns = object.columnDefinitions.map(column => column.name);
    }
    const one = object.rows?.[0];
    const revision = one?.object?.metadata?.resourceVersion ?? object.metadata?.resourceVersion;
    if (event.type !== 'BOOKMARK' && one) {
      this.#change(event.type, row(this.#columns, one));
    }
    this.#revision = revision || this.#revision;
  }

  #change(type, made) {
    const behind = this.#last !== null && made.key > this.#last;
    if (behind) {
      this.#more += type === 'ADDED' ? 1 : type === 'DELETED' ? -1 : 0;
    } else if (type === 'DELETED') {
      const known = this.#rows.delete(made.key);
      this.#more -= known || this.#more === 0 ? 0 : 1;
    } else {
      this.#rows.set(made.key, made);
      if (this.#asked.newest) {
        this.#more += this.#letGoOfOld(this.#rows);
      } else if (this.#rows.size > MOST) {
        this.#letGoOfLast();
      }
    }
    if (this.#timer === 0) {
      this.#timer = setTimeout(() => this.#show(), SHOW_EVERY);
    }
  }

  /** Keeps the newest, where they are wanted; how many it lets go. */
  #letGoOfOld(rows) {
    const { newest } = this.#asked;
    if (!newest || rows.size <= NEWEST_MAX) {
      return 0;
    }
    const inOrder = [...rows.values()].sort((a, b) => newest(a) - newest(b));
    // Some more than it has to be, so that not each one that comes has all sorted.
    const leaving = inOrder.slice(0, rows.size - Math.floor(NEWEST_MAX * 0.9));
    leaving.forEach(one => rows.delete(one.key));
    return leaving.length;
  }

  #letGoOfLast() {
    const keys = [...this.#rows.keys()].sort();
    this.#rows.delete(keys.pop());
    this.#last = keys.at(-1);
    this.#more++;
  }

  #show() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#signal.aborted) {
      const { newest, changed } = this.#asked;
      changed(newest
        ? [...this.#rows.values()].sort((a, b) => newest(b) - newest(a))
        : [...this.#rows.keys()].sort().map(key => this.#rows.get(key)));
    }
  }
}

/** Waits for so long, or until it is told not to. */
export function sleep(milliseconds, signal) {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
    if (signal.aborted) {
      end();
    }
  });
}

function until(...signals) {
  const any = AbortSignal.any(signals);
  return new Promise(resolve => {
    any.addEventListener('abort', resolve, { once: true });
    if (any.aborted) {
      resolve();
    }
  });
}
