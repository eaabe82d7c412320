// The engine's side: the example `script_lines` of the worker, fed with scripts of many cases each.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// Without the semicolon at its end, so that it can be called.
const HEAD = readFileSync(join(import.meta.dirname, 'outcome.js'), 'utf8').trim().replace(/;$/, '');
const NAMES = ['_', 'CryptoJS', 'tv4', 'cheerio', 'atob', 'btoa'];

const textOf = (scripts, now) => `
Date.now = () => ${now};
const names = { require, ${NAMES.map((name) => `${name}: () => ${name}`).join(', ')} };
const outcomeOf = ${HEAD}(names);
pm.variables.set('outcome', JSON.stringify(${JSON.stringify(scripts)}.map((script) => outcomeOf(script))));
`;

export class Engine {
  constructor(runner, now) {
    this.now = now;
    this.waiting = [];
    this.process = spawn(runner, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TZ: 'UTC' } });
    this.process.on('exit', (code) =>
      this.waiting.splice(0).forEach(({ reject }) => reject(new Error(`${runner} ended with ${code}`))),
    );
    this.process.on('error', (error) => this.waiting.splice(0).forEach(({ reject }) => reject(error)));
    createInterface({ input: this.process.stdout }).on('line', (line) =>
      this.waiting.shift().resolve(JSON.parse(line)),
    );
  }

  ask(script) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin.write(`${JSON.stringify(script)}\n`);
    });
  }

  // The outcomes of scripts. Where they do not come to an end together, each runs alone.
  async outcomes(scripts) {
    const { outcome, error } = await this.ask(textOf(scripts, this.now));
    if (typeof outcome === 'string') return JSON.parse(outcome);
    if (scripts.length === 1) return [`fails ${error}`];
    const each = [];
    for (const script of scripts) each.push(...(await this.outcomes([script])));
    return each;
  }

  end() {
    this.process.stdin.end();
  }
}
