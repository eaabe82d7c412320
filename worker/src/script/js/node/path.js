// require('path'), the posix version. The working directory is '/', because scripts have no file system.
// Not supported: path.win32.

const { received, invalidArgument } = require('vayu:node/errors');

function requireText(value, name = 'path') {
  if (typeof value === 'string') return;
  throw invalidArgument(`The "${name}" argument must be of type string. ${received(value)}`);
}

function withoutDots(path, absolute) {
  const kept = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!absolute) kept.push('..');
  }
  return kept.join('/');
}

function normalize(path) {
  requireText(path);
  if (path === '') return '.';
  const absolute = path.startsWith('/');
  let result = withoutDots(path, absolute);
  if (result === '' && !absolute) return path.endsWith('/') ? './' : '.';
  if (result !== '' && path.endsWith('/')) result += '/';
  return absolute ? `/${result}` : result;
}

function join(...parts) {
  parts.forEach((part) => requireText(part));
  return normalize(parts.filter(Boolean).join('/'));
}

function resolve(...parts) {
  let joined = '';
  for (const part of parts.reverse()) {
    requireText(part);
    if (part === '') continue;
    joined = joined === '' ? part : `${part}/${joined}`;
    if (part.startsWith('/')) break;
  }
  return `/${withoutDots(joined, true)}`;
}

function relative(from, to) {
  const left = resolve(from).split('/').filter(Boolean);
  const right = resolve(to).split('/').filter(Boolean);
  let shared = 0;
  while (shared < left.length && shared < right.length && left[shared] === right[shared]) shared += 1;
  return [...left.slice(shared).fill('..'), ...right.slice(shared)].join('/');
}

const withoutTrailing = (path) => path.replace(/(?<!^)\/+$/, '').replace(/^\/+$/, '/');

function dirname(path) {
  requireText(path);
  if (path === '') return '.';
  const trimmed = path.replace(/(?<=[^/])\/+$/, '');
  const at = trimmed.lastIndexOf('/');
  if (at < 0) return '.';
  const head = trimmed.slice(0, at);
  if (/^\/*$/.test(trimmed)) return '/';
  if (at === 1 && trimmed.startsWith('//')) return '//';
  return head === '' ? '/' : head;
}

function basename(path, suffix) {
  requireText(path);
  const name = withoutTrailing(path).split('/').pop();
  if (suffix === undefined || name === suffix || !name.endsWith(suffix)) return name;
  return name.slice(0, name.length - suffix.length);
}

function extname(path) {
  const name = basename(path);
  const at = name.lastIndexOf('.');
  return at <= 0 || name === '..' ? '' : name.slice(at);
}

function parse(path) {
  requireText(path);
  const root = path.startsWith('/') ? '/' : '';
  if (/^\/+$/.test(path)) return { root, dir: root, base: '', ext: '', name: '' };
  const base = basename(path);
  const ext = base === '' ? '' : extname(base);
  const trimmed = path.replace(/(?<=[^/])\/+$/, '');
  const head = trimmed.slice(0, trimmed.length - base.length);
  const dir = head === root ? root : head.slice(0, -1);
  return { root, dir, base, ext, name: ext ? base.slice(0, -ext.length) : base };
}

function format({ root = '', dir, base, ext = '', name = '' }) {
  const dot = ext && !ext.startsWith('.') ? '.' : '';
  const file = base || `${name}${dot}${ext}`;
  const folder = dir || root;
  if (!folder) return file;
  return folder === root ? folder + file : `${folder}/${file}`;
}

const path = {
  sep: '/',
  delimiter: ':',
  normalize,
  join,
  resolve,
  relative,
  dirname,
  basename,
  extname,
  parse,
  format,
  isAbsolute(text) {
    requireText(text);
    return text.startsWith('/');
  },
  toNamespacedPath: (text) => text,
};
path.posix = path;

module.exports = path;
