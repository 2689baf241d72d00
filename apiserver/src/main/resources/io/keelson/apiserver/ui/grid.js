// A table that changes in place: only cells whose text is another one are touched, so that selections and focus stay.

import { element } from './dom.js';

export class Grid {
  #columns;
  #body = element('tbody');
  #caption = element('caption');
  #shown = new Map();

  /** @param columns title, and cell(row): a text, {text, judged, href}, or a node that is
   *     made anew each time; short: whether it stays on one line */
  constructor(columns) {
    this.#columns = columns;
    const head = element('tr', {}, ...columns.map(column => element('th', { scope: 'col' }, column.title)));
    this.element = element('div', { class: 'wide' },
      element('table', {}, this.#caption, element('thead', {}, head), this.#body));
  }

  set caption(text) {
    if (this.#caption.textContent !== text) {
      this.#caption.textContent = text;
    }
  }

  /** Shows rows in their order; each has a key of its own. */
  show(rows) {
    const left = new Set(this.#shown.keys());
    let before = null;
    for (const row of rows) {
      left.delete(row.key);
      let line = this.#shown.get(row.key);
      if (!line) {
        line = { tr: element('tr'), texts: [] };
        this.#columns.forEach(column => line.tr.append(element('td', { class: column.short && 'short' })));
        this.#shown.set(row.key, line);
      }
      this.#fill(line, row);
      const place = before ? before.nextSibling : this.#body.firstChild;
      if (place !== line.tr) {
        this.#body.insertBefore(line.tr, place);
      }
      before = line.tr;
    }
    for (const key of left) {
      this.#shown.get(key).tr.remove();
      this.#shown.delete(key);
    }
  }

  #fill(line, row) {
    this.#columns.forEach((column, i) => {
      const cell = column.cell(row);
      if (cell instanceof Node) {
        line.tr.children[i].replaceChildren(cell);
        return;
      }
      const { text, judged = '', href = '' } = typeof cell === 'object' && cell !== null ? cell : { text: cell };
      const known = [text, judged, href].join('\n');
      if (line.texts[i] === known) {
        return;
      }
      line.texts[i] = known;
      const td = line.tr.children[i];
      const shown = String(text ?? '');
      if (href) {
        td.replaceChildren(element('a', { href }, shown));
      } else if (judged) {
        td.replaceChildren(element('span', { class: judged }, shown));
      } else {
        td.textContent = shown;
      }
    });
  }
}
