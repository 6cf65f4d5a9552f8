// Text of people: isolated, so that what is written from right to left, or tricks, moves nothing else.

export function Bdi({ text }: { text: string | null | undefined }) {
  return <bdi>{shown(text ?? "")}</bdi>;
}

// A name of blanks only would be a link that nobody can see.
function shown(text: string): string {
  return text.trim() === "" ? "(blank)" : text;
}

/** Returns a text with a capital at its beginning. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Returns a message of the API as a sentence: it begins with a capital, ends with a stop, and has no marks. */
export function sentence(text: string): string {
  const plain = text.trim().replace(/\*([^*\s][^*]*)\*/g, "$1");
  return plain === "" ? "" : plain.charAt(0).toUpperCase() + plain.slice(1) + (/[.!?…:]$/.test(plain) ? "" : ".");
}

const SCHEMES = /^(https?:|mailto:)/i;
// a project's place inside DSS, where the page does not know DSS's own address
const IN_DSS = /^\/projects\/[A-Za-z0-9_]+\/$/;

const UPLOADED = /^\/projects\/([A-Za-z0-9_]+)\/wiki\/[^/#?]+#file=([^#?&]+)$/;

/** Returns the project and the id of a file that was uploaded on this DSS; null for every other link. */
export function uploadedFile(url: string, instance: string | null): { key: string; id: string } | null {
  const place = instance !== null && url.startsWith(`${instance}/`) ? url.slice(instance.length) : url;
  const found = UPLOADED.exec(place);
  const [, key, id] = found ?? [];
  try {
    return key !== undefined && id !== undefined ? { key, id: decodeURIComponent(id) } : null;
  } catch {
    return null; // what is no encoded text is no file of ours
  }
}

/** Tells whether a link may be followed: no script, no data. */
export function isSafeLink(url: string | null): url is string {
  return url !== null && (SCHEMES.test(url.trim()) || IN_DSS.test(url));
}
