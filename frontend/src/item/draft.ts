// Nothing typed is lost: an edit stays in this browser, for the same login, until it is saved, cancelled
// or a week old. It survives a reload, an ended session, a restarted backend and an upgrade.

const PREFIX = "govern-mirror:draft:";
const WEEK = 7 * 86_400_000;
const FORMAT = 1;

export interface Draft<T> {
  at: number;
  content: T;
}

interface Stored<T> extends Draft<T> {
  format: number;
  login: string;
}

export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** Drafts of what has one key each: the edit of an item, the sitting of a committee. */
export class Drafts<T> {
  constructor(
    private readonly storage: DraftStorage | null,
    private readonly login: string,
    /** The address of DSS: a page may speak for another one tomorrow. */
    private readonly instance: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Keeps a draft; false where the browser does not. */
  keep(key: string, content: T): boolean {
    const stored: Stored<T> = { format: FORMAT, login: this.login, at: this.now(), content };
    try {
      if (this.storage === null) return false;
      this.storage.setItem(this.name(key), JSON.stringify(stored));
      return true;
    } catch {
      return false;
    }
  }

  find(key: string): Draft<T> | null {
    const stored = this.read(this.name(key));
    return stored === null ? null : { at: stored.at, content: stored.content };
  }

  drop(key: string): void {
    try {
      this.storage?.removeItem(this.name(key));
    } catch {
      // a browser that keeps nothing has nothing to drop
    }
  }

  /** Removes what is too old, and what another login left in this browser. */
  clean(): void {
    const names = Array.from({ length: this.storage?.length ?? 0 }, (_, at) => this.storage?.key(at) ?? "");
    for (const name of names) {
      if (name.startsWith(PREFIX) && this.read(name) === null) this.storage?.removeItem(name);
    }
  }

  private name(key: string): string {
    return `${PREFIX}${JSON.stringify([this.instance, this.login, key])}`;
  }

  private read(name: string): Stored<T> | null {
    try {
      const stored = JSON.parse(this.storage?.getItem(name) ?? "null") as Stored<T> | null;
      if (stored?.format !== FORMAT || stored.login !== this.login) return null;
      return this.now() - stored.at > WEEK ? null : stored;
    } catch {
      return null;
    }
  }
}
