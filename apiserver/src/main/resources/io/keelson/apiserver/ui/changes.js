// In what two versions of an object differ.

// What changes with every write and says nothing to people.
const NOISE = ['managedFields', 'resourceVersion', 'generation'];

/** An object without what changes with every write. */
function readable(object) {
  const metadata = { ...object.metadata };
  NOISE.forEach(name => delete metadata[name]);
  return { ...object, metadata };
}

/** Whether two values are the same, whatever the order of their fields. */
export function same(one, other) {
  if (one === other) {
    return true;
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return false;
  }
  if (Array.isArray(one) !== Array.isArray(other)) {
    return false;
  }
  const names = Object.keys(one);
  return names.length === Object.keys(other).length
    && names.every(name => Object.hasOwn(other, name) && same(one[name], other[name]));
}

/** Each difference: where, what was there, what is there; undefined for nothing. */
export function between(before, after) {
  const found = [];
  compare('', readable(before), readable(after), found);
  return found;
}

function compare(path, before, after, found) {
  if (same(before, after)) {
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    before.forEach((one, i) => compare(path + '[' + i + ']', one, after[i], found));
  } else if (isFields(before) && isFields(after)) {
    for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      compare(path === '' ? name : path + '.' + name, own(before, name), own(after, name), found);
    }
  } else {
    found.push({ path, before, after });
  }
}

function own(fields, name) {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function isFields(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a difference is one of what was seen, and not of what is wanted. */
export function isOfStatus(change) {
  return change.path === 'status' || change.path.startsWith('status.');
}

/** A value of a difference as text. */
export function shown(value) {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
