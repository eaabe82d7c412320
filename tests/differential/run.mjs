// Holds the libraries that scripts have against the npm packages they stand for: random scripts of library calls
// run here with the originals and in the engine, and what they come to has to be equal but for the differences
// listed in known.mjs. README.md tells how to run it.

import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { Engine } from './engine.mjs';
import { LIBRARIES } from './cases/index.mjs';
import { known } from './known.mjs';
import { install, originals } from './originals.mjs';
import { Random } from './random.mjs';

process.env.TZ = 'UTC';
const NOW = 1_700_000_000_000;
const BATCH = 40;
const ROOT = join(import.meta.dirname, '../..');

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '20000' },
    library: { type: 'string' },
    runner: { type: 'string', default: join(ROOT, 'target/debug/examples/script_lines') },
    packages: { type: 'string', default: join(ROOT, 'target/tools/differential') },
    show: { type: 'string', default: '20' },
    script: { type: 'string' },
  },
});

function scriptsOf(name, count, seed) {
  const { make } = LIBRARIES[name];
  // Each library has a sequence of its own, so that a new one changes no other.
  const random = new Random(seed * 7919 + [...name].reduce((sum, sign) => sum * 31 + sign.charCodeAt(0), 7));
  const scripts = new Set();
  for (let tries = 0; scripts.size < count && tries < count * 40; tries++) scripts.add(make(random));
  return [...scripts];
}

// Errors are equal where both are errors; those of assertions by their messages.
const isEqual = (library, ours, theirs) =>
  ours === theirs ||
  (library !== 'chai' && ours.startsWith('throws ') && theirs.startsWith('throws ')) ||
  (ours.startsWith('throws ') && theirs.startsWith('throws ') && !/AssertionError/.test(ours + theirs));

async function compare(name, scripts, engine, original) {
  const found = { equal: 0, known: new Map(), different: [] };
  for (let start = 0; start < scripts.length; start += BATCH) {
    const batch = scripts.slice(start, start + BATCH);
    const ours = await engine.outcomes(batch);
    batch.forEach((script, i) => {
      const theirs = original(script);
      const difference = { script, ours: ours[i], theirs };
      if (isEqual(name, ours[i], theirs)) {
        found.equal++;
        return;
      }
      const reason = known(name, difference);
      if (reason === undefined) found.different.push(difference);
      else found.known.set(reason, (found.known.get(reason) ?? 0) + 1);
    });
  }
  return found;
}

const short = (text) => (text.length > 400 ? `${text.slice(0, 400)}…` : text);

function tell(name, scripts, found) {
  const listed = [...found.known.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${name}: ${scripts.length} scripts, ${found.equal} equal, ${listed} differ as listed, ${found.different.length} differ`,
  );
  for (const [reason, count] of found.known) console.log(`  listed ${count}: ${reason}`);
  for (const { script, ours, theirs } of found.different.slice(0, Number(options.show))) {
    console.log(`  ${script}\n    engine:   ${short(ours)}\n    original: ${short(theirs)}`);
  }
}

async function main() {
  const now = Date.now;
  const began = now();
  const original = originals(install(options.packages));
  Date.now = () => NOW;
  const engine = new Engine(options.runner, NOW);
  const names = options.library ? options.library.split(',') : Object.keys(LIBRARIES);
  const shares = names.reduce((sum, name) => sum + LIBRARIES[name].share, 0);
  let different = 0;
  let all = 0;
  for (const name of names) {
    const count = Math.round((Number(options.count) * LIBRARIES[name].share) / shares);
    const scripts = options.script ? [options.script] : scriptsOf(name, count, Number(options.seed));
    const found = await compare(name, scripts, engine, original);
    tell(name, scripts, found);
    different += found.different.length;
    all += scripts.length;
  }
  engine.end();
  console.log(
    `seed ${options.seed}: ${all} scripts in ${((now() - began) / 1000).toFixed(1)} s, ${different} differ otherwise than listed`,
  );
  process.exitCode = different === 0 ? 0 : 1;
}

await main();
