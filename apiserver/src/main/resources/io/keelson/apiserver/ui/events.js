// Events, the newest first.

import { part } from './api.js';
import { address, element } from './dom.js';
import { Follow } from './follow.js';
import { Grid } from './grid.js';
import { filterField, namespaceField, tellState } from './lists.js';
import { count, shortened, span } from './text.js';

const TEXT_MAX = 1_000;
const AGES_EVERY = 10_000;
const VIEW = 'events';

/** When an event was seen last. */
function seen(row) {
  const { series, lastTimestamp, eventTime, metadata } = row.object;
  return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata?.creationTimestamp) || 0;
}

function about(row) {
  const { kind = '', namespace = '', name = '' } = row.object.involvedObject ?? {};
  const text = kind.toLowerCase() + '/' + name;
  if (kind === 'Pod' || kind === 'Deployment') {
    return { text, href: address(kind.toLowerCase() + 's', namespace, name) };
  }
  return text;
}

function columns(context, withNamespace, withObject) {
  const all = [
    { title: 'Last seen', short: true, cell: row => span(context.now() - seen(row)) },
    {
      title: 'Type',
      cell: row => ({ text: row.object.type ?? '', judged: row.object.type === 'Warning' ? 'bad' : '' }),
    },
    { title: 'Reason', cell: row => row.object.reason ?? '' },
    { title: 'Message', cell: row => shortened(row.object.message ?? '', TEXT_MAX) },
    { title: 'Count', cell: row => row.object.series?.count ?? row.object.count ?? 1 },
    { title: 'From', cell: row => row.object.source?.component || (row.object.reportingComponent ?? '') },
  ];
  if (withObject) {
    all.splice(3, 0, { title: 'Object', cell: about });
  }
  if (withNamespace) {
    all.unshift({ title: 'Namespace', cell: row => row.namespace });
  }
  return all;
}

function text(row) {
  const { reason, message, type, involvedObject } = row.object;
  return [row.namespace, type, reason, message, involvedObject?.kind + '/' + involvedObject?.name].join(' ').toLowerCase();
}

/** A grid of events. */
function follow(context, asked, grid, refusals, filter) {
  let rows = [];
  const refresh = () => {
    const wanted = filter();
    const shown = wanted === '' ? rows : rows.filter(row => text(row).includes(wanted));
    grid.show(shown);
    const behind = following.more;
    let told = wanted === '' ? count(rows.length, 'event') : shown.length + ' of ' + count(rows.length, 'event');
    if (behind !== 0) {
      told += ', the newest; ' + (Number.isNaN(behind) ? 'older ones' : count(behind, 'older one')) + ' not shown';
    }
    grid.caption = told;
  };
  const following = new Follow({
    ...asked,
    whole: true,
    newest: seen,
    at: context.at?.revision,
    changed: now => { rows = now; refresh(); context.ready(); },
    told: tellState(context, refusals, 'event'),
  }, context.signal);
  following.run();
  const ages = setInterval(refresh, AGES_EVERY);
  context.signal.addEventListener('abort', () => clearInterval(ages));
  return refresh;
}

export function showEvents(context) {
  const namespace = context.names[0] ?? '';
  const grid = new Grid(columns(context, !namespace, true));
  const refusals = element('div');
  const path = '/api/v1' + (namespace ? '/namespaces/' + part(namespace) : '') + '/events';
  const refresh = follow(context, { path }, grid, refusals, () => (context.kept.get(VIEW) ?? '').trim().toLowerCase());
  context.into.append(
    element('h1', {}, 'Events'),
    element('div', { class: 'tools' }, namespaceField(context, VIEW), filterField(context, VIEW, () => refresh())),
    refusals,
    grid.element);
}

/** The events of one object. */
export function eventsOf(context, kind, namespace, name) {
  const grid = new Grid(columns(context, false, false));
  const refusals = element('div');
  const selector = 'involvedObject.kind=' + kind + ',involvedObject.name=' + name;
  follow(
    context,
    { path: '/api/v1/namespaces/' + part(namespace) + '/events', query: { fieldSelector: selector } },
    grid, refusals, () => '');
  return element('section', { 'aria-label': 'Events' }, element('h2', {}, 'Events'), refusals, grid.element);
}
