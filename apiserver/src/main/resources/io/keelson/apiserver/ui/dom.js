// Makes what is shown. Whatever comes from the cluster goes in as text: nothing here makes markup of a string.

/**
 * An element.
 *
 * @param properties attributes; one that is false, null or undefined is left out; `on` has listeners by their events
 * @param children elements and texts
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) {
        made.addEventListener(event, listener);
      }
    } else if (value === true) {
      made.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter(child => child !== null && child !== undefined && child !== ''));
  return made;
}

/** A link to a view of this page. */
export function link(text, ...parts) {
  return element('a', { href: address(...parts) }, text);
}

/** The address of a view: what is in names stays one part each. */
export function address(...parts) {
  return '#/' + parts.map(encodeURIComponent).join('/');
}

/** A button. */
export function button(text, onclick, properties = {}) {
  return element('button', { type: 'button', on: { click: onclick }, ...properties }, text);
}

/** Names and what they have, one below the other. */
export function facts(pairs) {
  const list = element('dl');
  for (const [name, value] of pairs) {
    list.append(element('dt', {}, name), element('dd', {}, value));
  }
  return list;
}

/** What went wrong, for people. */
export function problem(text) {
  return element('p', { class: 'problem', role: 'alert' }, text);
}

/** A text that says how well something is by its colour, too. */
export function judged(text, judgement) {
  return element('span', { class: judgement }, text);
}
