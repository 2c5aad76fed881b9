// Places in nested data.

/** `payees[0].amount` as ["payees", 0, "amount"]. */
export function steps(path) {
  return [...path.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** Where form-js keeps the errors of a field, which may stand in rows of lists. */
export function errorPath({ id, indexes }) {
  return [id, ...Object.values(indexes ?? {})];
}

export function at(holder, path) {
  return path.reduce((value, step) => value?.[step], holder);
}

/** Set `value` at `path`, making objects and lists on the way; what is there already stays. */
export function put(holder, path, value) {
  const last = path.length - 1;
  path.forEach((step, index) => {
    if (index === last) {
      if (holder[step] === undefined || typeof value !== "object" || Array.isArray(value)) holder[step] = value;
    } else {
      holder[step] ??= typeof path[index + 1] === "number" ? [] : {};
      holder = holder[step];
    }
  });
}
