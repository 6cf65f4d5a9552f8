// The data in the page: gzip in base64, columns with dictionaries, unpacked to one object a project.

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

async function unpacked(id) {
  const packed = document.getElementById(id).textContent.trim();
  const stream = new Blob([bytesOf(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// a row looks into the columns only when it is asked: most of 20,000 projects are never shown
function rowsOf(columns, count) {
  class Row {
    constructor(at) {
      this.at = at;
      this.on = true;
      this.words = null;
    }

    // what the search looks through
    get found() {
      this.words ??= [this.name, this.key, this.owner, this.initiative, this.sponsor, ...this.tags].join("\n").toLowerCase();
      return this.words;
    }
  }
  for (const [name, column] of Object.entries(columns)) {
    const { values, codes } = column;
    const get = Array.isArray(column) ? function get() { return column[this.at]; } : function get() { return values[codes[this.at]]; };
    // the table writes each value back into its row as it draws a cell
    Object.defineProperty(Row.prototype, name, { get, set() {} });
  }
  return Array.from({ length: count }, (_, at) => new Row(at));
}

// the first search must not wait for the words of every project
function prepareSearch(from = 0) {
  const later = window.requestIdleCallback ?? ((call) => setTimeout(() => call({ timeRemaining: () => 0 }), 50));
  later((idle) => {
    let at = from;
    do for (const end = Math.min(at + 200, rows.length); at < end; at += 1) rows[at].found; while (at < rows.length && idle.timeRemaining() > 2);
    if (at < rows.length) prepareSearch(at);
  });
}

// details stand behind the scripts, so that the first view need not wait for them
const wholePage = document.readyState === "loading"
  ? new Promise((done) => { document.addEventListener("DOMContentLoaded", done, { once: true }); })
  : Promise.resolve();
const chunks = new Map();

async function detailsOf(row) {
  const chunk = Math.floor(row.at / about.chunk);
  if (!chunks.has(chunk)) chunks.set(chunk, wholePage.then(() => unpacked(`details-${chunk}`)));
  return (await chunks.get(chunk))[row.at % about.chunk];
}
