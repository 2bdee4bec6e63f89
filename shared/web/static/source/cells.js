// Rows of cells as text: as files hold them, and as spreadsheets put them on the clipboard.

export function csv(rows) {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map((cell) => quoted(String(cell ?? ""))).join(",")).join("\r\n") + "\r\n";
}

// Text of cells as spreadsheets put it on the clipboard. A cell of ours often is a text in quotes, and some programs copy
// that as it stands, others doubled: only a field that cannot be meant literally is taken for an escaped one.
export function fromClipboard(text) {
  const fields = /("(?:[^"]|"")*"(?=[\t\r\n]|$)|[^\t\r\n]*)(\t|\r\n|\n|\r|$)/g;
  const rows = [[]];
  for (const [whole, field, end] of text.replace(/\r?\n$/, "").matchAll(fields)) {
    if (!whole && rows.at(-1).length === 0 && rows.length > 1) break;
    const inner = field.slice(1, -1);
    const escaped = field.length > 1 && field[0] === '"' && /""|[\t\r\n]/.test(inner);
    rows.at(-1).push(escaped ? inner.replaceAll('""', '"') : field);
    if (!end) break;
    if (end !== "\t") rows.push([]);
  }
  return rows;
}

export function toClipboard(rows) {
  const quoted = (text) => (/["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map((cell) => quoted(String(cell ?? ""))).join("\t")).join("\r\n");
}

