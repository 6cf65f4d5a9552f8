// Texts: what people wrote stays text, whichever way it is written.
import type { ComponentChildren, JSX } from "preact";

export const formatCount = (count: number): string => count.toLocaleString("en");

export const plural = (count: number, word: string): string => `${formatCount(count)} ${word}${count === 1 ? "" : "s"}`;

// characters that turn what follows them around, as in a name that ends in "exe" and seems to end in "png"
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;
// what is not seen: blanks, and characters without width
const UNSEEN = /^[\s\p{Cf}\p{Cc}\u2800\u3164]*$/u;

/** Text in which no character turns the others around. */
export const visibleText = (text: string): string => text.replace(TURNING, "\ufffd");

/** A project's name; its key where nobody could see the name. */
export const nameOf = ({ key, name }: { key: string; name: string }): string => (UNSEEN.test(name) ? key : visibleText(name));

/** Text of people's own: its direction must not leak into what stands beside it. */
export function Own({ text }: { text: string | number | null | undefined }): JSX.Element {
  return <bdi>{typeof text === "string" ? visibleText(text) : text ?? "–"}</bdi>;
}

/** A link out of the page, where the renderer found the address harmless; else the text alone. */
export function OuterLink({ text, address }: { text: string; address: string | null }): JSX.Element {
  return address ? <a href={address} target="_blank" rel="noopener noreferrer"><Own text={text} /></a> : <Own text={text} />;
}

export function Small({ children }: { children: ComponentChildren }): JSX.Element {
  return <span class="gm-small">{children}</span>;
}
