// The cluster's past as a line: every revision of the store that is kept is a place on it.

import { button, element } from './dom.js';
import { Past } from './past.js';
import { moment, span } from './text.js';

const SETTLED_AFTER = 150;
const UNITS = { h: 3_600_000, m: 60_000, s: 1_000 };
const SPAN = /^-((?:\d+(?:\.\d+)?[hms])+)$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** The moment that a text means: {revision} or {date}; null if it means none. */
function meant(text, now) {
  if (/^\d{1,15}$/.test(text)) {
    return { revision: Number(text) };
  }
  const ago = SPAN.exec(text);
  if (ago) {
    const parts = ago[1].match(/\d+(?:\.\d+)?[hms]/g);
    return { date: new Date(now - parts.reduce((sum, one) => sum + parseFloat(one) * UNITS[one.at(-1)], 0)) };
  }
  return TIME.test(text) ? { date: new Date(text) } : null;
}

export class TimeBar {
  /** The moment that is shown: {revision, time}; null for now. */
  at = null;

  #element;
  #changed;
  #past = new Past();
  #turn = 0;
  #timer = 0;
  #range = element('input', { id: 'moment', type: 'range', min: 1, max: 1, 'aria-label': 'Revision that is shown' });
  #told = element('output', { id: 'moment-told', for: 'moment' });
  #field = element('input', {
    id: 'moment-text', type: 'text', placeholder: 'revision, time or -10m', 'aria-label': 'Revision, time, or how long ago',
    autocomplete: 'off',
  });

  #now = button('Now', () => this.travel(null), { id: 'moment-now', class: 'main' });
  #open = button('Time travel', () => this.#begin(), { id: 'moment-open' });

  /** @param changed is called when another moment is to be shown */
  constructor(where, changed) {
    this.#element = where;
    this.#changed = changed;
    this.#range.addEventListener('input', () => this.#moved());
    this.#field.addEventListener('keydown', event => {
      if (event.key === 'Enter') {
        this.#go();
      }
    });
  }

  /** Begins with now. */
  begin() {
    this.at = null;
    this.#past = new Past();
    this.#element.hidden = false;
    this.#element.classList.remove('past');
    this.#element.replaceChildren(this.#open);
  }

  end() {
    this.#turn++;
    clearTimeout(this.#timer);
    this.at = null;
    this.#element.hidden = true;
  }

  /** Goes to a revision; null for now. */
  travel(revision) {
    if (revision === null) {
      this.#turn++;
      clearTimeout(this.#timer);
      this.begin();
      this.#changed();
      this.#open.focus();
      return Promise.resolve();
    }
    return this.#work(isWanted => this.#set(revision, isWanted));
  }

  async #begin() {
    this.#draw();
    await this.#work(async isWanted => {
      await this.#measure();
      const oldest = Number(this.#range.min);
      const { time } = await this.#past.look(oldest);
      if (isWanted()) {
        this.#told.value = 'Now. The past reaches back to ' + this.#named(oldest, time);
      }
    });
  }

  #draw() {
    const spans = ['-1h', '-10m', '-1m'];
    this.#element.replaceChildren(
      this.#now,
      this.#step(-1, '‹', 'One revision back'), this.#step(1, '›', 'One revision on'),
      ...spans.map(text => button(text, () => this.#goTo(text), { 'aria-label': 'To ' + text.slice(1) + ' ago' })),
      this.#field, button('Go', () => this.#go(), { id: 'moment-go' }),
      this.#told, this.#range);
    this.#range.focus();
  }

  #named(revision, time) {
    return 'revision ' + revision + (time ? ', ' + moment(time) + ' (' + span(Date.now() - time) + ' ago)' : '');
  }

  #step(by, text, label) {
    return button(text, () => {
      this.#range.value = Number(this.#range.value) + by;
      this.#moved();
    }, { 'aria-label': label });
  }

  /** Finds out what is kept. */
  async #measure() {
    this.#told.value = 'Looking how far the past reaches…';
    const now = await this.#past.now();
    const oldest = await this.#past.oldest(now);
    this.#range.min = oldest;
    this.#range.max = now;
    this.#range.value = now;
  }

  /** Does one thing; what was under way before it is of no interest any more. */
  async #work(work) {
    const turn = ++this.#turn;
    try {
      await work(() => turn === this.#turn);
    } catch (e) {
      if (turn === this.#turn) {
        this.#told.value = e.message;
      }
    }
  }

  #moved() {
    const revision = Number(this.#range.value);
    this.#told.value = 'Revision ' + revision;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#work(isWanted => this.#set(revision, isWanted)), SETTLED_AFTER);
  }

  #go() {
    return this.#goTo(this.#field.value.trim());
  }

  #goTo(text) {
    const place = meant(text, Date.now());
    if (place === null || Number.isNaN(place.date?.getTime())) {
      this.#told.value = 'Write a resource version, a time as 2026-11-30T10:00:00Z, or how long ago, as -10m.';
      return Promise.resolve();
    }
    return this.#work(async isWanted => {
      this.#told.value = 'Looking…';
      const revision = place.revision ?? await this.#past.revisionAt(place.date);
      await this.#set(revision, isWanted);
    });
  }

  async #set(revision, isWanted) {
    if (!this.#range.isConnected) {
      this.#draw();
      await this.#measure();
    }
    const { kept, time } = await this.#past.look(revision);
    if (!isWanted()) {
      return;
    }
    if (!kept) {
      await this.#measure();
      this.#told.value = 'Revision ' + revision + ' is forgotten. The oldest that is kept is ' + this.#range.min + '.';
      return;
    }
    if (revision > Number(this.#range.max)) {
      this.#range.max = revision;
    }
    this.#range.value = revision;
    const told = 'As it was at ' + this.#named(revision, time);
    this.#told.value = told;
    this.#range.setAttribute('aria-valuetext', told);
    this.#element.classList.add('past');
    this.at = { revision, time };
    this.#changed();
  }
}
