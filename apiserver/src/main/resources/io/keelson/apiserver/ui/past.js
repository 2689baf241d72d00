// Looks into the past: every revision of the store that is not compacted can be listed. When a revision was the newest is told
// by the Leases that API servers renew every ten seconds.

import { Refusal, call, part, withQuery } from './api.js';
import { between, isOfStatus } from './changes.js';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const OF_API_SERVERS = 'apiserver.kubernetes.io/identity=kube-apiserver';
const NAMESPACES = '/api/v1/namespaces';
const REMEMBERED_MAX = 1_000;
const VERSIONS_AT_ONCE = 60;

/** The number that a resource version is, which it is with every store there is. */
function number(revision) {
  const value = Number(revision);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Refusal(0, 'The API says resource version "' + revision + '", which is no number of a store.');
  }
  return value;
}

export class Past {
  // What was found out; a revision never changes, but it may be forgotten.
  #times = new Map();
  #withTimes = true;

  /** The resource version of now. */
  async now() {
    const list = await this.#list({ limit: 1 });
    return number(list.metadata.resourceVersion);
  }

  /** Whether times are known to whoever is logged in. */
  get knowsTimes() {
    return this.#withTimes;
  }

  async #list(values) {
    if (this.#withTimes) {
      try {
        return await call(withQuery(LEASES, { ...values, labelSelector: OF_API_SERVERS, limit: '' }));
      } catch (e) {
        if (e.code !== 403) {
          throw e;
        }
        this.#withTimes = false;
      }
    }
    return call(withQuery(NAMESPACES, { ...values, limit: 1 }));
  }

  /** A revision: whether it is kept, and when it was the newest, to some ten seconds; null where that is not known. */
  async look(revision) {
    if (this.#times.has(revision)) {
      return { kept: true, time: this.#times.get(revision) };
    }
    let list;
    try {
      list = await this.#list({ resourceVersion: revision, resourceVersionMatch: 'Exact' });
    } catch (e) {
      if (e.code === 410) {
        return { kept: false, time: null };
      }
      throw e;
    }
    const times = (list.items ?? []).map(lease => Date.parse(lease.spec?.renewTime)).filter(Number.isFinite);
    const time = times.length === 0 ? null : new Date(Math.max(...times));
    if (this.#times.size >= REMEMBERED_MAX) {
      this.#times.clear();
    }
    this.#times.set(revision, time);
    return { kept: true, time };
  }

  /** The oldest revision that is kept. */
  async oldest(now) {
    this.#times.clear();
    let gone = 0;
    let kept = now;
    while (kept - gone > 1) {
      const middle = gone + Math.floor((kept - gone) / 2);
      if ((await this.look(middle)).kept) {
        kept = middle;
      } else {
        gone = middle;
      }
    }
    return kept;
  }

  /** The last revision of which is known that it was there by then. */
  async revisionAt(date) {
    let early = 0;
    let late = await this.now() + 1;
    while (late - early > 1) {
      const middle = early + Math.floor((late - early) / 2);
      const { kept, time } = await this.look(middle);
      if (!kept || time === null || time <= date) {
        early = middle;
      } else {
        late = middle;
      }
    }
    if (!this.#withTimes) {
      throw new Refusal(0, 'You may not see the Leases by which times are known: give a resource version.');
    }
    const found = early === 0 ? { kept: false } : await this.look(early);
    if (!found.kept || found.time === null) {
      throw new Refusal(0, 'That lies before what is kept.');
    }
    return early;
  }
}

/** An object as it was at a revision; null if it was not there. */
export async function objectAt(path, name, revision, signal) {
  const list = await call(
    withQuery(path, {
      resourceVersion: revision, resourceVersionMatch: 'Exact', fieldSelector: 'metadata.name=' + name,
    }),
    { signal });
  const [item] = list.items ?? [];
  // Lists leave out of which kind their objects are.
  return item ? { apiVersion: list.apiVersion, kind: list.kind.replace(/List$/, ''), ...item } : null;
}

/** An object as it is; null if it is not there. */
export async function objectNow(path, name, signal) {
  try {
    return await call(path + '/' + part(name), { signal });
  } catch (e) {
    if (e.code === 404) {
      return null;
    }
    throw e;
  }
}

/**
 * The versions of an object from a revision backwards, but those in which only its status is another one.
 *
 * @returns versions: {revision, time, by, changes}, null for changes where it was made; next: where to go on, 0 for nowhere;
 *     forgotten: whether older ones are
 */
export async function versions(path, name, from, signal) {
  const found = [];
  let after = await objectAt(path, name, from, signal);
  for (let looks = 0; after && looks < VERSIONS_AT_ONCE; looks++) {
    const revision = number(after.metadata.resourceVersion);
    let before;
    try {
      before = await objectAt(path, name, revision - 1, signal);
    } catch (e) {
      if (e.code === 410) {
        return { versions: found, next: 0, forgotten: true };
      }
      throw e;
    }
    const changes = before ? between(before, after).filter(change => !isOfStatus(change)) : null;
    if (changes === null || changes.length > 0) {
      found.push({ revision, ...writer(before, after), changes });
    }
    if (before === null) {
      return { versions: found, next: 0, forgotten: false };
    }
    after = before;
  }
  return { versions: found, next: after ? number(after.metadata.resourceVersion) : 0, forgotten: false };
}

/** Who wrote a version, as the object itself tells: what has changed there tells it, else who was the last. */
function writer(before, after) {
  const known = new Set((before?.metadata?.managedFields ?? []).map(entry => JSON.stringify(entry)));
  const entries = (after.metadata?.managedFields ?? [])
    .map(entry => ({ time: entry.time ?? '', by: entry.manager ?? '', isNew: !known.has(JSON.stringify(entry)) }))
    .sort((a, b) => a.isNew - b.isNew || (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  return entries.at(-1) ?? { time: '', by: '' };
}
