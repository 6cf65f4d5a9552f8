// The data in the file: gzip in base64 within script elements that run nothing.
import type { Details, PortfolioSource, PortfolioTable, Row } from "./table";

const TOO_OLD = "This browser is too old to unpack the projects in this file. Open the file in a current Chrome, Edge, Firefox or Safari.";
const DAMAGED = "The projects in this file are damaged: it may have been cut or changed on its way. Get the file again.";

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** What base64 of compressed JSON holds; what it cannot be unpacked for is thrown as a sentence. */
export async function unpack(base64: string): Promise<unknown> {
  if (!("DecompressionStream" in globalThis)) throw new Error(TOO_OLD);
  try {
    const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  } catch {
    throw new Error(DAMAGED);
  }
}

const unpackElement = (id: string): Promise<unknown> => unpack(document.getElementById(id)?.textContent.trim() ?? "");

// details stand behind the scripts, so that the first view need not wait for them
const wholePage = (): Promise<void> =>
  document.readyState === "loading"
    ? new Promise((done) => {
        document.addEventListener("DOMContentLoaded", () => done(), { once: true });
      })
    : Promise.resolve();

/** The projects in this file; their details are unpacked a chunk at a time, when one is asked for. */
export async function embeddedSource(): Promise<PortfolioSource> {
  const ready = wholePage();
  const table = (await unpackElement("data")) as PortfolioTable;
  const size = table.about.chunk;
  const chunks = new Map<number, Promise<readonly Details[]>>();
  const details = async (row: Row): Promise<Details> => {
    const number = Math.floor(row.at / size);
    let chunk = chunks.get(number);
    if (!chunk) {
      chunk = ready.then(() => unpackElement(`details-${number}`)) as Promise<readonly Details[]>;
      chunks.set(number, chunk);
    }
    const found = (await chunk)[row.at % size];
    if (!found) throw new Error(`no details of ${row.key}`);
    return found;
  };
  return { table, details };
}
