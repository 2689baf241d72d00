// Values as people read them.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** How long something took, as kubectl says it. */
export function span(milliseconds) {
  const passed = Math.max(0, milliseconds);
  if (Number.isNaN(passed)) {
    return '';
  }
  if (passed < 2 * MINUTE) {
    return Math.floor(passed / SECOND) + 's';
  }
  if (passed < 10 * MINUTE) {
    return two(passed, MINUTE, 'm', SECOND, 's', 60);
  }
  if (passed < 3 * HOUR) {
    return Math.floor(passed / MINUTE) + 'm';
  }
  if (passed < 8 * HOUR) {
    return two(passed, HOUR, 'h', MINUTE, 'm', 60);
  }
  if (passed < 2 * DAY) {
    return Math.floor(passed / HOUR) + 'h';
  }
  if (passed < 8 * DAY) {
    return two(passed, DAY, 'd', HOUR, 'h', 24);
  }
  if (passed < 2 * YEAR) {
    return Math.floor(passed / DAY) + 'd';
  }
  return passed < 8 * YEAR ? two(passed, YEAR, 'y', DAY, 'd', 365) : Math.floor(passed / YEAR) + 'y';
}

/** The two largest units of a length; the second one only if there is something of it. */
function two(passed, large, largeName, small, smallName, smallInLarge) {
  const rest = Math.floor(passed / small) % smallInLarge;
  return Math.floor(passed / large) + largeName + (rest === 0 ? '' : rest + smallName);
}

/** A moment in UTC, to the second. */
export function moment(date) {
  return date.toISOString().slice(0, 19) + 'Z';
}

const SUFFIXES = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

/** The number that a quantity means; NaN if it means none. */
export function quantity(text) {
  const parts = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(String(text));
  return parts && Object.hasOwn(SUFFIXES, parts[2]) ? Number(parts[1]) * SUFFIXES[parts[2]] : NaN;
}

/** A number of bytes. */
export function bytes(number) {
  if (!Number.isFinite(number)) {
    return '';
  }
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let left = number;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit++;
  }
  return (unit === 0 || left >= 100 ? Math.round(left) : left.toFixed(1)) + ' ' + units[unit];
}

/** A number of processors. */
export function cores(number) {
  return Number.isFinite(number) ? String(Math.round(number * 100) / 100) : '';
}

/** A number of things, with their name in the singular. */
export function count(number, name) {
  return number.toLocaleString('en') + ' ' + name + (number === 1 ? '' : 's');
}

/** A text that is no longer than so much. */
export function shortened(text, most) {
  return text.length <= most ? text : text.slice(0, most - 1) + '…';
}

/** How well a pod is, by what kubectl says of it. */
export function judgedPod(status, ready) {
  if (status === 'Completed' || status === 'Succeeded') {
    return 'good';
  }
  if (status === 'Running') {
    const [now, all] = String(ready).split('/');
    return now === all ? 'good' : 'wait';
  }
  return /^(Pending|ContainerCreating|PodInitializing|Terminating|SchedulingGated|Init:[0-9]+\/[0-9]+)$/.test(status)
    ? 'wait' : 'bad';
}
