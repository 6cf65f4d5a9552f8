// A file made in the browser.

export function download(name: string, content: Blob | string, type = "text/plain"): void {
  // the mark tells spreadsheets that the text is UTF-8
  const blob = typeof content === "string" ? new Blob(["\ufeff", content], { type: `${type};charset=utf-8` }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // the browser needs the address until it has begun to read
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
