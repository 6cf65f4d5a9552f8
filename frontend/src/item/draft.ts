// Nothing typed is lost: the edit of an item stays in this browser, for the same login, until it is saved, cancelled
// or a week old. It survives a reload, an ended session, a restarted backend and an upgrade.
import type { Edit } from "./edit";

const PREFIX = "govern-mirror:draft:";
const WEEK = 7 * 86_400_000;
const FORMAT = 1;

export interface Draft {
  at: number;
  edit: Edit;
}

interface Stored extends Draft {
  format: number;
  login: string;
}

export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

export class Drafts {
  constructor(
    private readonly storage: DraftStorage | null,
    private readonly login: string,
    /** The address of DSS: a page may speak for another one tomorrow. */
    private readonly instance: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Keeps the edit; false where the browser does not. */
  keep(key: string, edit: Edit): boolean {
    const stored: Stored = { format: FORMAT, login: this.login, at: this.now(), edit };
    try {
      if (this.storage === null) return false;
      this.storage.setItem(this.name(key), JSON.stringify(stored));
      return true;
    } catch {
      return false;
    }
  }

  find(key: string): Draft | null {
    const stored = this.read(this.name(key));
    return stored === null ? null : { at: stored.at, edit: stored.edit };
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

  private read(name: string): Stored | null {
    try {
      const stored = JSON.parse(this.storage?.getItem(name) ?? "null") as Stored | null;
      if (stored?.format !== FORMAT || stored.login !== this.login) return null;
      return this.now() - stored.at > WEEK ? null : stored;
    } catch {
      return null;
    }
  }
}

/** Returns the browser's store; null where a frame or a setting forbids it. */
export function browserStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
