// How util.inspect arranges the entries of an object in lines: on one line if they are few, short and not
// deeply nested, lists of more than six entries in columns, and otherwise one entry per line.

function fitsLine(inspector, entries, start, base) {
  const { breakLength } = inspector.options;
  let total = entries.length + start;
  if (total + entries.length > breakLength) return false;
  for (const entry of entries) total += entry.length;
  return total <= breakLength && !base.includes('\n');
}

function arrange(inspector, { entries, base, open, close, level, list }) {
  const head = base ? `${base} ` : '';
  const rows = list && entries.length > 6 ? inColumns(inspector, entries, list) : entries;
  if (inspector.currentDepth - level < inspector.options.compact && rows === entries) {
    const start = entries.length + inspector.indentation + open.length + base.length + 10;
    if (fitsLine(inspector, entries, start, base)) {
      const joined = entries.join(', ');
      if (!joined.includes('\n')) return `${head}${open} ${joined} ${close}`;
    }
  }
  const lineStart = `\n${' '.repeat(inspector.indentation)}`;
  return `${head}${open}${lineStart}  ${rows.join(`,${lineStart}  `)}${lineStart}${close}`;
}

const WIDE = new RegExp(
  '[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff01-\\uff60' +
    '\\uffe0-\\uffe6\\u{1f300}-\\u{1f64f}\\u{1f900}-\\u{1f9ff}\\u{20000}-\\u{3fffd}]',
  'u',
);

// Terminals show east Asian characters and emoji in two columns, combining marks in none.
function width(text) {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const char of text.normalize('NFC')) {
    if (/\p{Mark}|[\u200b-\u200f\ufe00-\ufe0f]/u.test(char)) continue;
    columns += WIDE.test(char) ? 2 : 1;
  }
  return columns;
}

function columnCount(inspector, widths, widest, entryCount) {
  const { breakLength, compact } = inspector.options;
  const total = widths.reduce((sum, each) => sum + each, 0);
  const cell = widest + 2;
  if (cell * 3 + inspector.indentation >= breakLength) return 1;
  if (total / cell <= 5 && widest > 6) return 1;
  const typical = Math.max(cell - 3 - Math.sqrt(cell - total / entryCount), 1);
  return Math.min(
    Math.round(Math.sqrt(2.5 * typical * widths.length) / typical),
    Math.floor((breakLength - inspector.indentation) / cell),
    compact * 4,
    15,
  );
}

function inColumns(inspector, entries, list) {
  const items = list.more ? entries.slice(0, -1) : entries;
  const widths = items.map((entry) => width(entry) + 2);
  const columns = columnCount(inspector, widths, Math.max(...widths) - 2, entries.length);
  if (columns <= 1) return entries;
  const columnWidths = [];
  for (let column = 0; column < columns; column++) {
    let widest = 0;
    for (let index = column; index < items.length; index += columns) widest = Math.max(widest, widths[index]);
    columnWidths.push(widest);
  }
  const rows = [];
  for (let start = 0; start < items.length; start += columns) {
    const end = Math.min(start + columns, items.length);
    let row = '';
    for (let index = start; index < end; index++) {
      row += cellText(
        items[index],
        widths[index],
        columnWidths[index - start],
        list.numeric,
        index === end - 1,
      );
    }
    rows.push(row);
  }
  return list.more ? rows.concat(entries.at(-1)) : rows;
}

function cellText(entry, entryWidth, columnWidth, alignRight, last) {
  const filler = ' '.repeat(columnWidth - entryWidth);
  const text = last ? entry : `${entry}, `;
  if (alignRight) return filler + text;
  return last ? text : text + filler;
}

module.exports = { arrange };
