// Nodes, pods and deployments, each as a list that follows the cluster, or shows it as it was.

import { call, part } from './api.js';
import { address, button, element, problem } from './dom.js';
import { Follow, sleep } from './follow.js';
import { Grid } from './grid.js';
import { bytes, cores, count, judgedPod, quantity, span } from './text.js';

const METRICS = '/apis/metrics.k8s.io/v1beta1/nodes';
const METRICS_EVERY = 15_000;
const AGES_EVERY = 10_000;
const NAMESPACES_MAX = 500;

/** How old a row's object was at the moment that is shown. */
export function age(row, context) {
  return span(context.now() - Date.parse(row.object.metadata?.creationTimestamp));
}

const created = { title: 'Age', short: true, cell: (row, context) => age(row, context) };

/** Columns of pods; with their namespace where they are of several. */
export function podColumns(withNamespace) {
  const columns = [
    { title: 'Name', cell: row => ({ text: row.name, href: address('pods', row.namespace, row.name) }) },
    { title: 'Ready', cell: row => row.cells.Ready },
    {
      title: 'Status',
      short: true,
      cell: row => ({ text: row.cells.Status, judged: judgedPod(row.cells.Status, row.cells.Ready) }),
    },
    { title: 'Restarts', cell: row => row.cells.Restarts },
    { title: 'Node', cell: row => row.cells.Node },
    created,
  ];
  return withNamespace ? [{ title: 'Namespace', cell: row => row.namespace }, ...columns] : columns;
}

const pods = {
  id: 'pods',
  title: 'Pods',
  noun: 'pod',
  namespaced: true,
  path: namespace => '/api/v1' + within(namespace) + '/pods',
  columns: podColumns,
};

const deployments = {
  id: 'deployments',
  title: 'Deployments',
  noun: 'deployment',
  namespaced: true,
  path: namespace => '/apis/apps/v1' + within(namespace) + '/deployments',
  columns: withNamespace => {
    const columns = [
      { title: 'Name', cell: row => ({ text: row.name, href: address('deployments', row.namespace, row.name) }) },
      { title: 'Ready', cell: row => ({ text: row.cells.Ready, judged: complete(row.cells.Ready) ? 'good' : 'wait' }) },
      { title: 'Up to date', cell: row => row.cells['Up-to-date'] },
      { title: 'Available', cell: row => row.cells.Available },
      {
        title: 'Revision',
        cell: row => row.object.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? '',
      },
      { title: 'Images', cell: row => row.cells.Images },
      created,
    ];
    return withNamespace ? [{ title: 'Namespace', cell: row => row.namespace }, ...columns] : columns;
  },
};

const nodes = {
  id: 'nodes',
  title: 'Nodes',
  noun: 'node',
  namespaced: false,
  whole: true,
  path: () => '/api/v1/nodes',
  columns: () => [
    { title: 'Name', cell: row => row.name },
    { title: 'Status', short: true, cell: row => ({ text: row.cells.Status, judged: judgedNode(row.cells.Status) }) },
    { title: 'Roles', cell: row => row.cells.Roles },
    { title: 'Version', short: true, cell: row => row.cells.Version },
    { title: 'CPU', short: true, cell: (row, context) => ofAll(row, context, 'cpu', cores) },
    { title: 'Memory', short: true, cell: (row, context) => ofAll(row, context, 'memory', bytes) },
    { title: 'Pods at most', cell: row => row.object.status?.allocatable?.pods ?? '' },
    created,
  ],
  extra: usage,
};

/** Where objects of a namespace are; of all, if none is named. */
function within(namespace) {
  return namespace ? '/namespaces/' + part(namespace) : '';
}

function complete(ready) {
  const [now, all] = String(ready).split('/');
  return now === all;
}

function judgedNode(status) {
  return status === 'Ready' ? 'good' : String(status).startsWith('Ready') ? 'wait' : 'bad';
}

/** How much of something is used, if that is known, and how much pods may have. */
function ofAll(row, context, resource, shown) {
  const all = shown(quantity(row.object.status?.allocatable?.[resource]));
  const used = context.usage?.get(row.name)?.[resource];
  return used === undefined ? all : shown(quantity(used)) + ' of ' + all;
}

/** Asks what nodes use, as long as they are shown; somebody has to measure that, and often nobody does. */
async function usage(context, note, refresh) {
  while (!context.signal.aborted && !context.at) {
    try {
      const list = await call(METRICS, { signal: context.signal });
      context.usage = new Map((list.items ?? []).map(item => [item.metadata.name, item.usage ?? {}]));
      note.textContent = '';
      refresh();
    } catch (e) {
      if (context.signal.aborted) {
        return;
      }
      context.usage = null;
      note.textContent = e.code === 403
        ? 'You may not see what nodes use.'
        : 'CPU and memory are what pods may have: nobody serves metrics.k8s.io, which would tell what is used.';
    }
    await sleep(METRICS_EVERY, context.signal);
  }
}

/** Says what state a list is in; the refusals among them in words that help. */
export function tellState(context, refusals, noun) {
  return state => {
    refusals.replaceChildren();
    if (state.problem) {
      context.say('');
      refusals.append(problem(inWords(state.problem, noun)));
      context.ready();
    } else {
      context.say(state.live ? 'Live' : '');
    }
  };
}

/** What a refusal means for somebody who looks at such things. */
export function inWords(refusal, noun) {
  if (refusal.code === 403) {
    return 'You may not see these ' + noun + 's: ' + refusal.message;
  }
  if (refusal.code === 410) {
    return 'This is forgotten: the store keeps what happened since its last compaction.';
  }
  return refusal.message;
}

/** The field in which a namespace is named; those that one may see are proposed. */
export function namespaceField(context, view) {
  const known = element('datalist', { id: 'namespaces' });
  const field = element('input', {
    id: 'namespace', list: 'namespaces', value: context.names[0] ?? '', placeholder: 'all', autocomplete: 'off',
    on: { change: () => { location.hash = field.value.trim() ? address(view, field.value.trim()) : address(view); } },
  });
  call('/api/v1/namespaces?limit=' + NAMESPACES_MAX, { signal: context.signal }).then(
    list => known.append(...list.items.map(item => element('option', { value: item.metadata.name }))),
    () => {}, // Who may not see them types them.
  );
  return element('span', {}, element('label', {}, 'Namespace', field), known);
}

/** The field whose text rows have to have. */
export function filterField(context, view, changed) {
  const field = element('input', {
    id: 'filter', type: 'search', value: context.kept.get(view) ?? '',
    on: { input: () => { context.kept.set(view, field.value); changed(); } },
  });
  return element('label', {}, 'Filter', field);
}

function list(kind) {
  return context => {
    const namespace = kind.namespaced ? context.names[0] ?? '' : '';
    const columns = kind.columns(!namespace)
      .map(column => ({ ...column, cell: row => column.cell(row, context) }));
    const grid = new Grid(columns);
    const refusals = element('div');
    const note = element('p', { class: 'note' });
    const more = button('Show more', () => follow.showMore(), { hidden: true });
    let rows = [];

    const refresh = () => {
      const filter = (context.kept.get(kind.id) ?? '').trim().toLowerCase();
      const shown = filter === '' ? rows : rows.filter(row => matches(row, filter));
      grid.show(shown);
      const behind = follow.more;
      let told = filter === '' ? count(rows.length, kind.noun) : shown.length + ' of ' + count(rows.length, kind.noun);
      if (behind !== 0) {
        told += Number.isNaN(behind) ? ', and more that are not shown' : ', and ' + behind + ' more that are not shown';
        told += filter === '' ? '' : ' and not searched';
      }
      grid.caption = told;
      more.hidden = behind === 0 || !follow.canShowMore;
    };

    const follow = new Follow({
      path: kind.path(namespace),
      whole: kind.whole,
      at: context.at?.revision,
      changed: now => { rows = now; refresh(); context.ready(); },
      told: tellState(context, refusals, kind.noun),
    }, context.signal);
    const tools = element('div', { class: 'tools' });
    if (kind.namespaced) {
      tools.append(namespaceField(context, kind.id));
    }
    tools.append(filterField(context, kind.id, refresh));
    context.into.append(element('h1', {}, kind.title), tools, refusals, grid.element, more, note);
    follow.run();
    kind.extra?.(context, note, refresh);
    const ages = setInterval(refresh, AGES_EVERY);
    context.signal.addEventListener('abort', () => clearInterval(ages));
  };
}

function matches(row, filter) {
  return (row.namespace + ' ' + row.name + ' ' + Object.values(row.cells).join(' ')).toLowerCase().includes(filter);
}

export const showNodes = list(nodes);
export const showPods = list(pods);
export const showDeployments = list(deployments);
