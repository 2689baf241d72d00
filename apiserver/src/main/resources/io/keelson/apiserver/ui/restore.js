// Makes an object what it was: what it says of itself and what it wants, not its status. By the rules of `keelson restore`.

import { call, part } from './api.js';
import { between, isOfStatus, shown } from './changes.js';
import { button, element, problem } from './dom.js';
import { Grid } from './grid.js';
import { objectNow } from './past.js';
import { shortened } from './text.js';

const QUERY = '?fieldManager=keelson-restore';
const VALUE_MAX = 400;

// What an object is given by the API, and an object made anew gets anew.
const GIVEN = [
  'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds',
  'managedFields', 'selfLink',
];

/** Whether a browser reads every number of an object as it is. */
function isExact(value) {
  if (typeof value === 'number') {
    return !Number.isInteger(value) || Number.isSafeInteger(value);
  }
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
}

/** An object as somebody would write it who wants it so; in the place of what is there now, if something is. */
function wanted(then, now) {
  const object = structuredClone(then);
  delete object.status;
  const metadata = object.metadata;
  GIVEN.forEach(name => delete metadata[name]);
  // Whoever owned it then may be another one by now, or none: controllers take what they own.
  delete metadata.ownerReferences;
  if (now) {
    // Whatever happens until it is written must not be lost: then the API says that there is a conflict.
    metadata.resourceVersion = now.metadata.resourceVersion;
    metadata.uid = now.metadata.uid;
    // What others do with it now is theirs.
    for (const name of ['finalizers', 'ownerReferences']) {
      if (Object.hasOwn(now.metadata, name)) {
        metadata[name] = now.metadata[name];
      }
    }
  }
  return object;
}

function write(path, name, object, now, dryRun) {
  const body = JSON.stringify(object);
  const query = QUERY + (dryRun ? '&dryRun=All' : '');
  return now
    ? call(path + '/' + part(name) + query, { method: 'PUT', body })
    : call(path + query, { method: 'POST', body });
}

/** A table of what differs. */
export function differences(changes, titles) {
  const grid = new Grid([
    { title: 'Field', cell: row => row.path },
    { title: titles[0], cell: row => shortened(shown(row.before), VALUE_MAX) },
    { title: titles[1], cell: row => shortened(shown(row.after), VALUE_MAX) },
  ]);
  grid.show(changes.map(change => ({ key: change.path, ...change })));
  return grid;
}

/**
 * Asks whether an object is to be made what it was, after the API has said that it can be, and does it.
 *
 * @param path of its kind in its namespace
 * @param then the object as it was
 * @param done is called once it is so
 */
export async function restore(path, name, then, title, done) {
  const dialog = element('dialog', { 'aria-labelledby': 'restore-title' });
  const close = () => dialog.close();
  const content = element('div', { role: 'status' }, element('p', {}, 'Asking the API whether that can be…'));
  // Both are where they are from the beginning: nothing moves under the pointer of somebody about to click.
  const confirm = button('Restore', () => {}, { class: 'main', id: 'restore-confirm', disabled: true });
  dialog.append(
    element('h1', { id: 'restore-title' }, 'Restore ' + title + '?'),
    element('div', { class: 'tools' }, button('Cancel', close, { id: 'restore-cancel' }), confirm),
    content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    if (!isExact(then)) {
      content.replaceChildren(problem('It has a number that is too large for a browser to keep: use keelson restore.'));
      return;
    }
    const now = await objectNow(path, name);
    const object = wanted(then, now);
    const result = await write(path, name, object, now, true);
    const changes = now ? between(now, result).filter(change => !isOfStatus(change)) : null;
    if (changes?.length === 0) {
      content.replaceChildren(element('p', {}, 'It is as it was: there is nothing to do.'));
      return;
    }
    content.replaceChildren(now
      ? differences(changes, ['Now', 'Then']).element
      : element('p', {}, 'It is not there any more, and is made anew.'));
    confirm.disabled = false;
    confirm.addEventListener('click', async () => {
      confirm.disabled = true;
      try {
        await write(path, name, object, now, false);
        close();
        done();
      } catch (e) {
        content.append(problem(e.message));
      }
    }, { once: true });
  } catch (e) {
    content.replaceChildren(problem(e.message));
  }
}
