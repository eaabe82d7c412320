// What the headers of a response say about its content: type, character set, file name. The content itself is
// not inspected, so a response without Content-Type counts as plain text.

const EXTENSIONS = {
  'application/json': 'json', 'application/ld+json': 'jsonld', 'application/xml': 'xml', 'text/xml': 'xml',
  'application/xhtml+xml': 'xhtml', 'application/rss+xml': 'rss', 'application/atom+xml': 'atom',
  'application/javascript': 'js', 'application/ecmascript': 'es', 'application/pdf': 'pdf',
  'application/zip': 'zip', 'application/gzip': 'gz', 'application/wasm': 'wasm',
  'application/octet-stream': 'bin', 'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx', 'audio/mpeg': 'mpga',
  'font/woff': 'woff', 'font/woff2': 'woff2', 'image/gif': 'gif', 'image/jpeg': 'jpeg', 'image/png': 'png',
  'image/svg+xml': 'svg', 'image/webp': 'webp', 'message/rfc822': 'eml', 'text/css': 'css',
  'text/csv': 'csv', 'text/html': 'html', 'text/markdown': 'markdown', 'text/plain': 'txt',
  'text/yaml': 'yaml', 'video/mp4': 'mp4',
};

const TEXT_FORMATS = [
  [/^text\/html$/, 'html'], [/json/, 'json'], [/xml/, 'xml'], [/javascript|ecmascript/, 'script'],
  [/yaml/, 'yaml'], [/^text\/|x-www-form-urlencoded/, 'plain'],
];

// [mimeType, mimeFormat]
function kindOf(type) {
  const family = type.split('/', 1)[0];
  if (['image', 'audio', 'video'].includes(family)) return [family, family];
  const text = TEXT_FORMATS.find(([pattern]) => pattern.test(type));
  if (text) return ['text', text[1]];
  if (type === 'application/pdf') return ['embed', 'pdf'];
  return [['application', 'multipart', 'message'].includes(family) ? family : 'unknown', 'raw'];
}

function parameter(header, name) {
  const value = '(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]*))';
  const found = new RegExp(`;\\s*${name}\\s*=\\s*${value}`, 'i').exec(header);
  return found ? found[1]?.replace(/\\(.)/g, '$1') ?? found[2] : undefined;
}

// filename*=UTF-8''%e2%82%ac.txt
function extendedName(header) {
  const [charset, , ...rest] = (parameter(header, 'filename\\*') ?? '').split("'");
  if (!rest.length) return undefined;
  const byte = (_, hex) => String.fromCharCode(parseInt(hex, 16));
  const bytes = rest.join("'").replace(/%([0-9a-f]{2})/gi, byte);
  return charset.toLowerCase() === 'utf-8' ? host.utf8Decode(bytes) : bytes;
}

const fileName = (header) => extendedName(header) || parameter(header, 'filename');

function contentInfo(headers) {
  const header = String(headers.get('content-type') || 'text/plain');
  const contentType = header.split(';', 1)[0].trim().toLowerCase();
  const [mimeType, mimeFormat] = kindOf(contentType);
  const charset = (parameter(header, 'charset') || 'utf8').toLowerCase();
  const fileExtension = EXTENSIONS[contentType];
  const named = fileName(String(headers.get('content-disposition') ?? ''));
  const info = { contentType, mimeType, mimeFormat, charset: charset === 'utf-8' ? 'utf8' : charset };
  if (fileExtension) info.fileExtension = fileExtension;
  info.fileName = named || (fileExtension ? `response.${fileExtension}` : 'response');
  return info;
}

module.exports = { contentInfo };
