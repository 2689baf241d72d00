// The log of a container, as it is written. What is kept is bounded; what comes faster than it can be shown waits where it
// comes from.

import { part, send, withQuery } from './api.js';
import { button, element, problem } from './dom.js';
import { sleep } from './follow.js';

const KEPT_MAX = 1 << 20;
const AHEAD_MAX = 256 << 10;
const SHOW_EVERY = 100;
const TAIL = 1_000;
const AT_END = 40;

class Screen {
  element = element('pre', { class: 'log', tabindex: 0, role: 'log', 'aria-label': 'Log', 'aria-live': 'off' });
  #kept = 0;

  clear() {
    this.element.replaceChildren();
    this.#kept = 0;
  }

  add(text) {
    const screen = this.element;
    const atEnd = screen.scrollHeight - screen.scrollTop - screen.clientHeight < AT_END;
    const last = text.slice(-KEPT_MAX);
    screen.append(document.createTextNode(last));
    this.#kept += last.length;
    while (this.#kept > KEPT_MAX && screen.childNodes.length > 1) {
      this.#kept -= screen.firstChild.length;
      screen.firstChild.remove();
    }
    if (atEnd) {
      screen.scrollTop = screen.scrollHeight;
    }
  }
}

/** @param containers(names) is to be called when it is known which there are */
export function logOf(context, namespace, name) {
  const screen = new Screen();
  const state = element('span', { class: 'note', role: 'status' });
  const refusals = element('div');
  const choice = element('select', { id: 'container', on: { change: begin } });
  const previous = element('input', { id: 'previous', type: 'checkbox', on: { change: begin } });
  const again = button('Follow again', begin, { hidden: true });
  let reading = new AbortController();

  const section = element('section', { 'aria-label': 'Log' },
    element('h2', {}, 'Log'),
    element('div', { class: 'tools' },
      element('label', {}, 'Container', choice),
      element('label', {}, previous, 'of the run before'),
      again, state),
    refusals, screen.element);

  function containers(names) {
    const known = [...choice.options].map(option => option.value);
    if (known.join('\n') !== names.join('\n')) {
      const chosen = choice.value;
      choice.replaceChildren(...names.map(one => element('option', { value: one }, one)));
      choice.value = names.includes(chosen) ? chosen : names[0] ?? '';
      if (choice.value !== chosen) {
        begin();
      }
    }
  }

  async function begin() {
    reading.abort();
    reading = new AbortController();
    const signal = AbortSignal.any([reading.signal, context.signal]);
    screen.clear();
    refusals.replaceChildren();
    again.hidden = true;
    state.textContent = 'Reading';
    try {
      await read(signal);
      state.textContent = 'The log has ended.';
    } catch (e) {
      if (signal.aborted) {
        return;
      }
      state.textContent = '';
      refusals.replaceChildren(problem(e.code === 403 ? 'You may not see this log: ' + e.message : e.message));
    }
    again.hidden = false;
  }

  async function read(signal) {
    const response = await send(
      withQuery('/api/v1/namespaces/' + part(namespace) + '/pods/' + part(name) + '/log', {
        container: choice.value,
        follow: previous.checked ? '' : 'true',
        previous: previous.checked ? 'true' : '',
        tailLines: TAIL,
      }),
      { accept: '*/*', signal });
    state.textContent = previous.checked ? '' : 'Live';
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let ahead = '';
    const show = () => {
      if (ahead !== '' && !signal.aborted) {
        screen.add(ahead);
        ahead = '';
      }
    };
    const shows = setInterval(show, SHOW_EVERY);
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) {
          return;
        }
        ahead += value;
        if (ahead.length > AHEAD_MAX) {
          await sleep(SHOW_EVERY, signal);
        }
      }
    } finally {
      clearInterval(shows);
      show();
      reader.cancel().catch(() => {});
    }
  }

  return { element: section, containers };
}
