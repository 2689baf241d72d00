// Logs in, and leads to the view that the address names. A view is drawn beside the one before it and takes its place
// when it has something to show, so that nothing flickers while somebody moves through time.

import { session, call } from './api.js';
import { address, element, problem } from './dom.js';
import { showDeployment } from './deployment.js';
import { showEvents } from './events.js';
import { showDeployments, showNodes, showPods } from './lists.js';
import { showPod } from './pod.js';
import { showStore } from './store.js';
import { TimeBar } from './timebar.js';

const VIEWS = [
  { id: 'nodes', title: 'Nodes', show: showNodes },
  { id: 'pods', title: 'Pods', show: showPods, one: showPod },
  { id: 'deployments', title: 'Deployments', show: showDeployments, one: showDeployment },
  { id: 'events', title: 'Events', show: showEvents },
  { id: 'store', title: 'Store', show: showStore },
];
const REVIEW = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const DRAWN_AFTER = 400;

const page = Object.fromEntries(
  ['head', 'views', 'user', 'leave', 'time', 'state', 'main', 'skip'].map(id => [id, document.getElementById(id)]),
);
const kept = new Map();
const time = new TimeBar(page.time, () => draw(false));
let drawn = new AbortController();

for (const view of VIEWS) {
  page.views.append(element('a', { href: address(view.id), id: 'view-' + view.id }, view.title));
}
page.main.tabIndex = -1;
page.skip.addEventListener('click', event => {
  event.preventDefault();
  page.main.focus();
});
page.leave.addEventListener('click', () => session.close(''));
window.addEventListener('hashchange', () => draw(true));
session.onEnd(askForToken);
begin();

async function begin() {
  if (!session.isOpen()) {
    askForToken('');
    return;
  }
  try {
    page.user.textContent = await whoAmI();
  } catch (e) {
    if (session.isOpen()) {
      askForToken(e.message);
    }
    return;
  }
  page.head.hidden = false;
  time.begin();
  draw(true);
}

async function whoAmI() {
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
  const review = await call(REVIEW, { method: 'POST', body });
  return String(review.status?.userInfo?.username ?? '');
}

/** @param why one has to log in once more; empty for the first time */
function askForToken(why) {
  drawn.abort();
  time.end();
  // What one has found is not for the next.
  kept.clear();
  document.querySelectorAll('dialog').forEach(dialog => dialog.close());
  page.head.hidden = true;
  page.state.textContent = '';
  document.title = 'Keelson';
  const field = element('input', { id: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', required: true });
  const form = element('form', { class: 'login', on: { submit: logIn } },
    element('h1', {}, 'Keelson'),
    why ? problem(why) : '',
    element('label', { for: 'token' }, 'Token', field),
    element('button', { class: 'main', id: 'enter' }, 'Log in'),
    element('p', { class: 'note' }, 'A bearer token of a user or of a service account: ',
      element('code', {}, 'keelson ui'), ' prints one. It is kept in this tab until it is closed, and what you see is'
      + ' what its owner may see.'));
  page.main.replaceChildren(form);
  field.focus();

  function logIn(event) {
    event.preventDefault();
    const token = field.value.trim();
    if (!/^[\x21-\x7e]+$/.test(token)) {
      askForToken('This is no token: it has no letters, or some that no token has.');
      return;
    }
    session.open(token);
    begin();
  }
}

function route() {
  let names;
  try {
    names = location.hash.replace(/^#\/?/, '').split('/').filter(name => name !== '').map(decodeURIComponent);
  } catch {
    names = []; // An address that somebody has cut.
  }
  const view = VIEWS.find(one => one.id === names[0]) ?? VIEWS[0];
  return { view, names: names.slice(1) };
}

/** @param moved whether somebody went to another view, and not to another time */
function draw(moved) {
  if (!session.isOpen() || page.head.hidden) {
    return;
  }
  drawn.abort();
  drawn = new AbortController();
  const { signal } = drawn;
  const { view, names } = route();
  for (const one of VIEWS) {
    const tab = document.getElementById('view-' + one.id);
    tab.toggleAttribute('aria-current', one === view);
    if (one === view) {
      tab.setAttribute('aria-current', 'page');
    }
  }
  document.title = [...names, view.title, 'Keelson'].join(' – ');
  const into = element('div');
  let shown = false;
  const at = time.at;
  const ready = () => {
    if (!shown && !signal.aborted) {
      shown = true;
      const was = document.activeElement;
      const inside = page.main.contains(was) && was !== page.main;
      page.main.replaceChildren(into);
      const same = inside && was.id ? document.getElementById(was.id) : null;
      // Who has gone on to the line of time before the view came stays there.
      if (same || (moved && !page.time.contains(was))) {
        (same ?? page.main).focus({ preventScroll: same !== null });
      }
    }
  };
  const context = {
    into, names, at, signal, kept, ready,
    now: () => at?.time?.getTime() ?? Date.now(),
    say: text => { page.state.textContent = text; },
    travel: revision => time.travel(revision),
  };
  page.state.textContent = '';
  setTimeout(ready, DRAWN_AFTER);
  (names.length >= 2 && view.one ? view.one : view.show)(context);
}
