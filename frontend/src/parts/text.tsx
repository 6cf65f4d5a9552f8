// Texts: what people wrote stays text, whichever way it is written.
import type { ComponentChildren, JSX } from "preact";

export const formatCount = (count: number): string => count.toLocaleString("en");

export const plural = (count: number, word: string): string => `${formatCount(count)} ${word}${count === 1 ? "" : "s"}`;

/** Text of people's own: its direction must not leak into what stands beside it. */
export function Own({ text }: { text: string | number | null | undefined }): JSX.Element {
  return <bdi>{text ?? "–"}</bdi>;
}

/** A link out of the page, where the renderer found the address harmless; else the text alone. */
export function OuterLink({ text, address }: { text: string; address: string | null }): JSX.Element {
  return address ? <a href={address} target="_blank" rel="noopener noreferrer"><Own text={text} /></a> : <Own text={text} />;
}

export function Small({ children }: { children: ComponentChildren }): JSX.Element {
  return <span class="gm-small">{children}</span>;
}
