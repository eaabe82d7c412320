// Splits URLs that contain {{variables}}: separators within braces do not count.

// The text with the inside of placeholders masked, so that positions stay the same.
const masked = (text) =>
  (text.includes('{{') ? text.replace(/\{\{[^{}]*\}\}/g, (found) => '_'.repeat(found.length)) : text);

function splitOutside(text, separator) {
  const mask = masked(text);
  if (mask === text) return text.split(separator);
  let from = 0;
  return mask.split(separator).map((piece) => {
    const start = from;
    from += piece.length + separator.length;
    return text.slice(start, start + piece.length);
  });
}

// Returns [before, after] of the first (or last) separator; `after` is undefined if there is none.
function cutOutside(text, separator, last = false) {
  const mask = masked(text);
  const at = last ? mask.lastIndexOf(separator) : mask.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

module.exports = { splitOutside, cutOutside };
