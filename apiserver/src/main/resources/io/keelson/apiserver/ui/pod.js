// One pod: its containers, its log, its events.

import { part } from './api.js';
import { element, facts, judged, link } from './dom.js';
import { eventsOf } from './events.js';
import { Follow } from './follow.js';
import { Grid } from './grid.js';
import { age, tellState } from './lists.js';
import { logOf } from './log.js';
import { judgedPod } from './text.js';

/** All containers of a pod with what is known of each: those that begin it, its own, those added to look into it. */
function containers(pod) {
  const { spec = {}, status = {} } = pod;
  const kinds = [
    ['', spec.containers, status.containerStatuses],
    [' (init)', spec.initContainers, status.initContainerStatuses],
    [' (ephemeral)', spec.ephemeralContainers, status.ephemeralContainerStatuses],
  ];
  return kinds.flatMap(([title, wanted = [], seen = []]) => wanted.map(one => ({
    key: one.name,
    title: one.name + title,
    name: one.name,
    image: one.image ?? '',
    status: (seen ?? []).find(status => status.name === one.name) ?? {},
  })));
}

/** The state of a container in words. */
function stateOf({ state = {} }) {
  if (state.running) {
    return { text: 'Running since ' + (state.running.startedAt ?? ''), judged: 'good' };
  }
  if (state.terminated) {
    const { reason = 'Terminated', exitCode, message = '' } = state.terminated;
    return {
      text: reason + ', exit code ' + exitCode + (message ? ': ' + message : ''),
      judged: exitCode === 0 ? 'good' : 'bad',
    };
  }
  const { reason = 'Waiting', message = '' } = state.waiting ?? {};
  return { text: reason + (message ? ': ' + message : ''), judged: judgedPod(reason, '') };
}

export function showPod(context) {
  const [namespace, name] = context.names;
  const refusals = element('div');
  const about = element('div');
  const log = context.at ? null : logOf(context, namespace, name);
  const grid = new Grid([
    { title: 'Container', cell: row => row.title },
    { title: 'Image', cell: row => row.image },
    { title: 'Ready', cell: row => (row.status.ready ? 'yes' : 'no') },
    { title: 'Restarts', cell: row => row.status.restartCount ?? 0 },
    { title: 'State', cell: row => stateOf(row.status) },
  ]);
  new Follow({
    path: '/api/v1/namespaces/' + part(namespace) + '/pods',
    query: { fieldSelector: 'metadata.name=' + name },
    whole: true,
    at: context.at?.revision,
    changed: ([row]) => {
      context.ready();
      if (!row) {
        about.replaceChildren(element('p', {}, context.at ? 'This pod was not there then.' : 'This pod is not there.'));
        grid.show([]);
        return;
      }
      about.replaceChildren(summary(row, context));
      const all = containers(row.object);
      grid.show(all);
      log?.containers(all.map(one => one.name));
    },
    told: tellState(context, refusals, 'pod'),
  }, context.signal).run();
  context.into.append(
    element('p', {}, link('Pods in ' + namespace, 'pods', namespace)),
    element('h1', {}, 'Pod ' + name),
    refusals, about, element('h2', {}, 'Containers'), grid.element,
    log ? log.element : element('p', { class: 'note' }, 'Logs are of now: no one keeps them with the revisions.'),
    eventsOf(context, 'Pod', namespace, name));
}

function summary(row, context) {
  const { status = {}, spec = {} } = row.object;
  const conditions = (status.conditions ?? [])
    .filter(one => one.status !== 'True' && one.message)
    .map(one => [one.type, [one.reason, one.message].filter(Boolean).join(': ')]);
  return facts([
    ['Status', judged(String(row.cells.Status), judgedPod(row.cells.Status, row.cells.Ready))],
    ['Ready', String(row.cells.Ready)],
    ['Node', spec.nodeName ?? ''],
    ['Address', status.podIP ?? ''],
    ['Age', age(row, context)],
    ...conditions,
  ]);
}
