// Drafts: what a person types is on the server a moment later, or still in this browser when the server cannot be reached.
import { wall } from "./clock.js";
import { freshKey, reasonOf, send, Unreachable } from "./server.js";
import { filled } from "./texts.js";

const QUIET = 1000;
const BETWEEN = 3000;
const RETRIES = [2000, 5000, 10_000, 20_000, 30_000];
const KEEPALIVE_BYTES = 60_000; // browsers refuse more than 64 KiB in a request that outlives its page
const UNSURE = 5; // drafts that were sent without an answer and are remembered

/** "18:04", with the day in front when that is another one; the house's wall clock. */
function clock(at) {
  const [day, time] = wall(at).split("T");
  return wall(new Date()).startsWith(day) ? time : `${day.slice(5)} ${time}`;
}

/** Equal drafts have equal texts, however the server ordered their names. */
function canonical(value) {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export class Drafts {
  /** `read()`: the draft as it stands. `opened`: as the form showed it at first. `draft`: the server's, or null. */
  constructor({ url, task, texts, status, read, opened, draft }) {
    Object.assign(this, { url, texts, status, read });
    this.saved = opened;
    this.known = [canonical(draft)];
    this.copyName = `sancha-draft:${task}`;
    this.attempt = 0;
    this.startedAt = -BETWEEN;
    this.timer = null;
    this.busy = null;
    this.stopped = false;
    this.isLost = false;
  }

  /** The copy {data, at} that this browser kept because the server did not have it. Null when there is none, and when
   * the server's draft is none of those that this browser knew: somebody saved a later one elsewhere. */
  static copyOf(task, draft) {
    try {
      const copy = JSON.parse(sessionStorage.getItem(`sancha-draft:${task}`));
      const there = canonical(draft);
      return copy && copy.known.includes(there) && canonical(copy.data) !== there ? copy : null;
    } catch {
      return null;
    }
  }

  /** Whether the server lacks something that was typed. */
  get isDirty() {
    return JSON.stringify(this.read()) !== this.saved;
  }

  /** Something was typed. */
  changed() {
    if (this.stopped || !this.isDirty) return;
    this.keepCopy();
    if (this.attempt) return; // a retry is on its way and will take this along
    const wait = Math.max(QUIET, this.startedAt + BETWEEN - performance.now());
    this.schedule(wait);
  }

  schedule(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save() {
    if (this.stopped || this.busy || !this.isDirty) return;
    const text = JSON.stringify(this.read());
    this.startedAt = performance.now();
    this.busy = new AbortController();
    this.sending(text);
    this.say("saving");
    try {
      const answer = await send("PUT", this.url, `{"data":${text}}`, this.keyOf(text), { signal: this.busy.signal });
      this.settle(text, answer);
    } catch (problem) {
      if (!(problem instanceof Unreachable)) return;
      this.retry();
    } finally {
      this.busy = null;
      if (!this.attempt && this.isDirty) this.schedule(BETWEEN);
    }
  }

  settle(text, answer) {
    if (answer.ok) {
      this.saved = text;
      this.known = [canonical(JSON.parse(text))];
      this.attempt = 0;
      this.say("saved", { time: clock(new Date()) });
      if (this.isDirty) this.keepCopy();
      else this.dropCopy();
    } else if (answer.status >= 500 || answer.status === 429) {
      this.retry();
    } else {
      this.stop();
      this.isLost = true;
      this.say("draftLost", { reason: reasonOf(answer) });
    }
  }

  retry() {
    const wait = RETRIES[Math.min(this.attempt, RETRIES.length - 1)];
    this.attempt += 1;
    this.say("unsaved");
    this.schedule(wait);
  }

  /** The page is being left or hidden: send what is not there yet, without waiting for the answer. */
  flush() {
    if (this.stopped || !this.isDirty) return;
    const text = JSON.stringify(this.read());
    const body = `{"data":${text}}`;
    if (new Blob([body]).size > KEEPALIVE_BYTES) return;
    this.sending(text);
    clearTimeout(this.timer);
    this.busy?.abort();
    this.startedAt = performance.now();
    send("PUT", this.url, body, this.keyOf(text), { keepalive: true }).then(
      (answer) => this.settle(text, answer),
      () => this.retry(),
    );
  }

  /** The same data keeps its key, so that a repeated sending is the same saving. */
  keyOf(text) {
    if (this.keyed !== text) {
      this.keyed = text;
      this.key = freshKey();
    }
    return this.key;
  }

  /** From now on the server may have `text`, whether its answer arrives or not. */
  sending(text) {
    const [sure, ...maybe] = this.known;
    this.known = [sure, ...[...new Set([...maybe, canonical(JSON.parse(text))])].slice(-UNSURE)];
    this.keepCopy();
  }

  keepCopy() {
    try {
      const copy = { data: this.read(), known: this.known, at: new Date().toISOString() };
      sessionStorage.setItem(this.copyName, JSON.stringify(copy));
    } catch {
      // A full or forbidden store: the server's draft is all there is then.
    }
  }

  dropCopy() {
    sessionStorage.removeItem(this.copyName);
  }

  /** Save no more: the task is being completed, or is not this person's any more. */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.busy?.abort();
  }

  /** The completion was refused: go on where `stop` left off. */
  resume() {
    if (this.isLost) return;
    this.stopped = false;
    this.attempt = 0;
    this.changed();
  }

  restored(at) {
    this.say("restored", { time: clock(new Date(at)) });
  }

  say(key, values = {}) {
    if (!this.status) return;
    this.status.textContent = filled(this.texts, key, values);
    this.status.dataset.state = key;
  }
}
