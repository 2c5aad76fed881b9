// Exact decimal numbers as text: what a person types, what is submitted, what is shown. No floating point here.

const PLAIN = /^-?(\d+(\.\d*)?|\.\d+)$/;

/** What was typed or pasted without grouping, spaces, currency and full-width characters: "４５，０００。５元" is "45000.5". */
export function tidy(typed) {
  return typed
    .normalize("NFKC")
    .replace(/[\s,，、¥￥元]/g, "")
    .replace(/[。．]/g, ".")
    .replace(/[－−–]/g, "-");
}

/** The canonical text of a number ("007." is "7"), null for an empty field, and the tidied text itself if it is none. */
export function exact(typed) {
  const text = tidy(typed);
  if (text === "") return null;
  if (!PLAIN.test(text)) return text;
  const negative = text.startsWith("-");
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const digits = whole.replace(/^0+(?=\d)/, "") || "0";
  return `${negative ? "-" : ""}${digits}${fraction ? `.${fraction}` : ""}`;
}

/** Whether a value is a number in plain digits. */
export function isNumber(value) {
  return typeof value === "number" ? Number.isFinite(value) : typeof value === "string" && PLAIN.test(value);
}

/**
 * "450000000.5" and "450000000.5000" as "450,000,000.50" with two `places`; digits that say something stay. Without
 * `places` the fraction stays as it is.
 */
export function grouped(value, places = 0) {
  if (!isNumber(value)) return value === null || value === undefined ? "" : String(value);
  const [whole, fraction = ""] = String(value).split(".");
  const padded = places ? fraction.replace(/0+$/, "").padEnd(places, "0") : fraction;
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (padded ? `.${padded}` : "");
}

/** A large amount in words of its size, for the eye only: {millions, tenThousands, hundredMillions}, two decimals. */
export function sizes(value) {
  const amount = Math.abs(Number(value));
  const inUnit = (unit) => grouped((amount / unit).toFixed(2));
  return { amount, millions: inUnit(1e6), tenThousands: inUnit(1e4), hundredMillions: inUnit(1e8) };
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`; both in plain digits, compared exactly. */
export function compare(a, b) {
  const [left, right] = [String(a), String(b)].map((text) => text.split("."));
  const places = Math.max(left[1]?.length ?? 0, right[1]?.length ?? 0);
  const [first, second] = [left, right].map(([whole, fraction = ""]) => BigInt(whole + fraction.padEnd(places, "0")));
  return first < second ? -1 : Number(first > second);
}

/** How many decimal places a number in plain digits has, without closing zeros. */
export function places(value) {
  return (String(value).split(".")[1] ?? "").replace(/0+$/, "").length;
}

/** Whether a number in plain digits is a whole number of steps. */
export function isMultiple(value, step) {
  if (!isNumber(step)) return true;
  const decimals = Math.max(places(value), places(step));
  const whole = (number) => BigInt(fraction(String(number), decimals));
  return whole(step) === 0n || whole(value) % whole(step) === 0n;
}

function fraction(text, decimals) {
  const [before, after = ""] = text.split(".");
  return before + after.slice(0, decimals).padEnd(decimals, "0");
}
