// The members of the store and how each of them is; asked anew as long as somebody looks.

import { Refusal, call } from './api.js';
import { element, problem } from './dom.js';
import { sleep } from './follow.js';
import { Grid } from './grid.js';
import { bytes } from './text.js';

const PATH = '/debug/store';
const EVERY = 3_000;

const COLUMNS = [
  { title: 'Member', cell: row => row.name || row.id },
  { title: 'Id', cell: row => row.id },
  { title: 'Role', cell: row => roleOf(row) },
  { title: 'Term', cell: row => row.status?.term },
  { title: 'Raft index', cell: row => row.status?.raftIndex },
  { title: 'Applied', cell: row => row.status?.raftAppliedIndex },
  { title: 'Revision', cell: row => row.status?.revision },
  { title: 'Size', short: true, cell: row => bytes(row.status?.dbSize) },
  { title: 'Version', cell: row => row.status?.version },
  { title: 'Clients at', cell: row => row.clientURLs.join(', ') },
  { title: 'Errors', cell: row => ({ text: (row.status?.errors ?? []).join(', '), judged: 'bad' }) },
];

function roleOf(member) {
  if (member.leader) {
    return { text: 'leader', judged: 'good' };
  }
  if (member.learner) {
    return 'learner';
  }
  return member.status ? 'follower' : { text: 'not asked, or silent', judged: 'wait' };
}

class OneStore {
  #grid = new Grid(COLUMNS);
  #silent = element('div');
  #title = element('h2');
  element = element('section', {}, this.#title, this.#silent, this.#grid.element);

  show({ name, clusterId, members, silent, error }) {
    this.#title.textContent = name + (clusterId ? ', cluster ' + clusterId : '');
    this.#grid.show(members.map(member => ({ key: member.id, ...member })));
    const told = silent.map(one => one.server + ' does not answer: ' + one.error);
    if (error) {
      told.unshift('The store does not tell its members: ' + error);
    }
    this.#silent.replaceChildren(...told.map(problem));
  }
}

export function showStore(context) {
  const into = element('div');
  const refusals = element('div');
  const stores = new Map();
  context.into.append(element('h1', {}, 'Store'), refusals, into);
  if (context.at) {
    refusals.before(element('p', { class: 'note' }, 'Members are shown as they are now: their past is not kept.'));
  }
  run();

  async function run() {
    while (!context.signal.aborted) {
      try {
        const told = await call(PATH, { signal: context.signal });
        for (const store of told.stores) {
          if (!stores.has(store.name)) {
            stores.set(store.name, new OneStore());
            into.append(stores.get(store.name).element);
          }
          stores.get(store.name).show(store);
        }
        refusals.replaceChildren();
        context.say('Live');
      } catch (e) {
        if (context.signal.aborted) {
          return;
        }
        context.say('');
        refusals.replaceChildren(problem(inWords(e)));
      }
      context.ready();
      await sleep(EVERY, context.signal);
    }
  }
}

function inWords(e) {
  if (!(e instanceof Refusal)) {
    return String(e);
  }
  return e.code === 403 ? 'You may not see the store: ' + e.message
    : e.code === 404 ? 'This API server does not tell of its store.'
    : e.message;
}
