// Blocks of memory in reserve. QuickJS takes small blocks from pages of 4 KiB, one size each, and
// gives a page back as soon as all in it is free. Where the last block of a page is taken and freed
// in each iteration, a page is made in each iteration, for a tenth of the time of a short script. One
// block that stays in a page of its own keeps that from happening.

const PAGE = 4096;
// Bytes of a string, and of any block, beside its letters.
const HEAD = 24 + 1 + 8;
const SMALLEST = 40;
const STEP = 8;
const MOST = 256;

module.exports = () => {
  const kept = [];
  for (let size = SMALLEST; size <= MOST; size += STEP) {
    let last;
    // More than a page has, so that the last is in a page that had none yet.
    const texts = [];
    for (let taken = 0; taken <= PAGE; taken += size) texts.push((last = 'x'.repeat(size - HEAD)));
    kept.push(last);
  }
  return kept;
};
