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

function rowsOf(columns, count) {
  const rows = Array.from({ length: count }, (_, at) => ({ at }));
  for (const [name, column] of Object.entries(columns)) {
    if (Array.isArray(column)) {
      for (let at = 0; at < count; at += 1) rows[at][name] = column[at];
    } else {
      const { values, codes } = column;
      for (let at = 0; at < count; at += 1) rows[at][name] = values[codes[at]];
    }
  }
  for (const row of rows) {
    const words = [row.name, row.key, row.owner, row.initiative, row.sponsor, ...row.tags];
    row.found = words.join("\n").toLowerCase();
  }
  return rows;
}

const chunks = new Map();

async function detailsOf(row) {
  const chunk = Math.floor(row.at / about.chunk);
  if (!chunks.has(chunk)) chunks.set(chunk, unpacked(`details-${chunk}`));
  return (await chunks.get(chunk))[row.at % about.chunk];
}
