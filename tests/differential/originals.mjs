// The originals: npm packages of the versions in package.json, installed outside of the sources, and the outcomes of
// scripts with them in this process.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const HERE = import.meta.dirname;

// Installs what is missing; gives the folder.
export function install(folder) {
  const wanted = readFileSync(join(HERE, 'package.json'), 'utf8');
  const manifest = join(folder, 'package.json');
  const isThere = existsSync(join(folder, 'node_modules')) && existsSync(manifest);
  if (!isThere || readFileSync(manifest, 'utf8') !== wanted) {
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(HERE, 'package.json'), manifest);
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
  return folder;
}

// (script) => outcome, with the packages in `folder`.
export function originals(folder) {
  const require = createRequire(join(folder, 'package.json'));
  const names = {
    require,
    _: () => require('lodash3'),
    CryptoJS: () => require('crypto-js'),
    tv4: () => require('tv4'),
    cheerio: () => require('cheerio'),
    atob: () => require('atob'),
    btoa: () => require('btoa'),
  };
  require('moment').suppressDeprecationWarnings = true;
  const make = (0, eval)(readFileSync(join(HERE, 'outcome.js'), 'utf8'));
  return make(names);
}
