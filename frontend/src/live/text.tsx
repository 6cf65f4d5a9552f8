// Text of people: isolated, so that what is written from right to left, or tricks, moves nothing else.

export function Bdi({ text }: { text: string | null | undefined }) {
  return <bdi>{shown(text ?? "")}</bdi>;
}

// A name of blanks only would be a link that nobody can see.
function shown(text: string): string {
  return text.trim() === "" ? "(blank)" : text;
}

const SCHEMES = /^(https?:|mailto:)/i;

/** Tells whether a link may be followed: no script, no data. */
export function isSafeLink(url: string | null): url is string {
  return url !== null && SCHEMES.test(url.trim());
}
