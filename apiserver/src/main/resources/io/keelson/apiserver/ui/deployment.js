// One deployment: how far its rollout is, its replica sets and pods, how it came to be what it is, and what it was.

import { part } from './api.js';
import { between, isOfStatus, shown } from './changes.js';
import { button, element, facts, judged, link, problem } from './dom.js';
import { eventsOf } from './events.js';
import { Follow } from './follow.js';
import { Grid } from './grid.js';
import { age, podColumns, tellState } from './lists.js';
import { objectAt, objectNow, Past, versions } from './past.js';
import { differences, restore } from './restore.js';
import { shortened } from './text.js';

const REVISION = 'deployment.kubernetes.io/revision';
const CAUSE = 'kubernetes.io/change-cause';
const CHANGES_SHOWN = 4;
const HISTORY = 'history of a deployment';
const VALUE_MAX = 60;
const CAUSE_MAX = 300;

/** A selector as it is written in queries. */
function selectorText({ matchLabels = {}, matchExpressions = [] } = {}) {
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    switch (operator) {
      case 'In': return key + ' in (' + values.join(',') + ')';
      case 'NotIn': return key + ' notin (' + values.join(',') + ')';
      case 'DoesNotExist': return '!' + key;
      default: return key;
    }
  });
  return [...Object.entries(matchLabels).map(([name, value]) => name + '=' + value), ...expressions].join(',');
}

export function showDeployment(context) {
  const [namespace, name] = context.names;
  const path = '/apis/apps/v1/namespaces/' + part(namespace) + '/deployments';
  const refusals = element('div');
  const about = element('div');
  const parts = element('div');
  const past = context.at ? comparison(context, path, name) : null;
  let selected = null;
  let following = new AbortController();

  new Follow({
    path,
    query: { fieldSelector: 'metadata.name=' + name },
    whole: true,
    at: context.at?.revision,
    changed: ([row]) => {
      context.ready();
      if (!row) {
        following.abort();
        selected = null;
        parts.replaceChildren();
        about.replaceChildren(element('p', {}, context.at
          ? 'This deployment was not there then.'
          : 'This deployment is not there. It can be made again as it was: go back in time.'));
        return;
      }
      about.replaceChildren(rollout(row, context));
      const selector = selectorText(row.object.spec?.selector);
      const known = row.object.metadata.uid + ' ' + selector;
      if (known !== selected) {
        selected = known;
        following.abort();
        following = new AbortController();
        const signal = AbortSignal.any([context.signal, following.signal]);
        parts.replaceChildren(...owned({ ...context, signal }, namespace, row.object, selector));
      }
    },
    told: tellState(context, refusals, 'deployment'),
  }, context.signal).run();

  context.into.append(
    element('p', {}, link('Deployments in ' + namespace, 'deployments', namespace)),
    element('h1', {}, 'Deployment ' + name),
    refusals, about, past ?? '', parts, history(context, path, name), eventsOf(context, 'Deployment', namespace, name));
}

/** How far it is. */
function rollout(row, context) {
  const { spec = {}, status = {}, metadata } = row.object;
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas: updated = 0, readyReplicas: ready = 0, availableReplicas: available = 0 } = status;
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const done = isSeen && updated === wanted && available === wanted && (status.replicas ?? 0) === wanted;
  const state = done ? judged('complete', 'good')
    : spec.paused ? judged('paused', 'wait')
    : judged(isSeen ? 'under way' : 'not begun', 'wait');
  const conditions = (status.conditions ?? []).map(one => [
    one.type,
    judged([one.status, one.reason, one.message].filter(Boolean).join(': '), one.status === 'True' ? '' : 'bad'),
  ]);
  const progress = element('progress', {
    max: Math.max(1, wanted), value: Math.min(updated, available), 'aria-label': 'Replicas updated and available',
  });
  return facts([
    ['Rollout', element('span', {}, progress, ' ', state)],
    ['Replicas', `${wanted} wanted, ${updated} updated, ${ready} ready, ${available} available`],
    ['Revision', metadata.annotations?.[REVISION] ?? ''],
    ['Images', (spec.template?.spec?.containers ?? []).map(one => one.image).join(', ')],
    ['Strategy', spec.strategy?.type ?? ''],
    ['Age', age(row, context)],
    ...conditions,
  ]);
}

/** Its replica sets, the newest revision first, and its pods. */
function owned(context, namespace, deployment, selector) {
  const refusals = element('div');
  const sets = new Grid([
    { title: 'Revision', cell: row => row.object.metadata.annotations?.[REVISION] ?? '' },
    { title: 'Replica set', cell: row => row.name },
    { title: 'Desired', cell: row => row.object.spec?.replicas ?? 0 },
    { title: 'Current', cell: row => row.object.status?.replicas ?? 0 },
    { title: 'Ready', cell: row => row.object.status?.readyReplicas ?? 0 },
    { title: 'Images', cell: row => (row.object.spec?.template?.spec?.containers ?? []).map(one => one.image).join(', ') },
    { title: 'Cause', cell: row => shortened(row.object.metadata.annotations?.[CAUSE] ?? '', CAUSE_MAX) },
    { title: 'Age', short: true, cell: row => age(row, context) },
  ]);
  const isOwn = row => (row.object.metadata?.ownerReferences ?? []).some(owner => owner.uid === deployment.metadata.uid);
  const revision = row => Number(row.object.metadata.annotations?.[REVISION]) || 0;
  const asked = {
    query: { labelSelector: selector }, at: context.at?.revision, told: tellState(context, refusals, 'replica set'),
  };
  new Follow({
    ...asked,
    path: '/apis/apps/v1/namespaces/' + part(namespace) + '/replicasets',
    whole: true,
    changed: rows => sets.show(rows.filter(isOwn).sort((a, b) => revision(b) - revision(a))),
  }, context.signal).run();
  const columns = podColumns(false).map(column => ({ ...column, cell: row => column.cell(row, context) }));
  const pods = new Grid(columns);
  new Follow({
    ...asked, path: '/api/v1/namespaces/' + part(namespace) + '/pods', changed: rows => pods.show(rows),
  }, context.signal).run();
  return [refusals, element('h2', {}, 'Replica sets'), sets.element, element('h2', {}, 'Pods'), pods.element];
}

/** What is another thing now than it was then, and the way back. */
function comparison(context, path, name) {
  const into = element('section', { 'aria-label': 'Then and now' }, element('h2', {}, 'Then and now'));
  const { revision } = context.at;
  Promise.all([objectAt(path, name, revision, context.signal), objectNow(path, name, context.signal)]).then(
    ([then, now]) => {
      if (!then) {
        into.append(element('p', {}, now ? 'It was not there then, and is there now.' : 'It is not there now, either.'));
        return;
      }
      const changes = now ? between(then, now).filter(change => !isOfStatus(change)) : [];
      if (now && changes.length === 0) {
        into.append(element('p', {}, 'It is now as it was then.'));
        return;
      }
      into.append(
        now ? differences(changes, ['Then', 'Now']).element : element('p', {}, 'It is not there any more.'),
        element('p', {}, button(
          'Restore what it was at revision ' + revision + '…',
          () => restore(path, name, then, name + ' to what it was at revision ' + revision, () => context.travel(null)),
          { id: 'restore' })));
    },
    e => {
      if (!context.signal.aborted) {
        into.append(problem(e.message));
      }
    });
  return into;
}

/** How it came to be what it is, for whoever asks; what was found stays there while somebody goes from one version to another. */
function history(context, path, name) {
  const grid = new Grid([
    {
      title: 'Revision',
      cell: row => button(String(row.revision), () => context.travel(row.revision), {
        id: 'version-' + row.revision, 'aria-label': 'Show the cluster at revision ' + row.revision,
      }),
    },
    { title: 'Time', short: true, cell: row => row.time },
    { title: 'By', cell: row => row.by },
    { title: 'Change', cell: row => inWords(row.changes) },
  ]);
  const note = element('p', { class: 'note', role: 'status' });
  const of = path + '/' + name;
  let known = context.kept.get(HISTORY);
  if (!context.at || known?.of !== of) {
    known = { of, found: [], next: context.at?.revision ?? 0, forgotten: false };
  }
  const more = button('Show how it became so', async () => {
    more.disabled = true;
    note.textContent = 'Looking…';
    try {
      known.next ||= await new Past().now();
      const page = await versions(path, name, known.next, context.signal);
      known.found.push(...page.versions);
      known.next = page.next;
      known.forgotten = page.forgotten;
      known.isBegun = true;
      context.kept.set(HISTORY, known);
      show();
    } catch (e) {
      note.textContent = context.signal.aborted ? '' : e.message;
    }
    more.disabled = false;
  }, { id: 'history' });

  function show() {
    grid.show(known.found.map(one => ({ key: one.revision, ...one })));
    note.textContent = known.forgotten ? 'What was before is forgotten.' : known.next ? '' : 'This is all.';
    more.textContent = 'Show older ones';
    more.hidden = !known.next;
  }

  if (known.isBegun) {
    show();
  }
  return element('section', { 'aria-label': 'History' }, element('h2', {}, 'History'), grid.element, note, more);
}

function inWords(changes) {
  if (changes === null) {
    return 'created';
  }
  const texts = changes.slice(0, CHANGES_SHOWN).map(({ path, before, after }) => {
    const [was, is] = [before, after].map(value => shortened(shown(value), VALUE_MAX));
    return before === undefined ? `${path}: + ${is}` : after === undefined ? `${path}: - ${was}` : `${path}: ${was} → ${is}`;
  });
  return texts.join(', ') + (changes.length > CHANGES_SHOWN ? ', … (' + changes.length + ' changes)' : '');
}
