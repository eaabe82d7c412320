// Memory blocks in reserve. QuickJS allocates small blocks from pages of 4 KiB, one block size per page, and
// frees a page as soon as all its blocks are free. If the last block of a page is allocated and freed in each
// iteration, a page is allocated in each iteration, for a tenth of the time of a short script. A block that
// stays allocated in a page of its own prevents this.

const PAGE = 4096;
// Bytes of a string, and of any block, in addition to the characters.
const HEAD = 24 + 1 + 8;
const SMALLEST = 40;
const STEP = 8;
const MOST = 256;

module.exports = () => {
  const kept = [];
  for (let size = SMALLEST; size <= MOST; size += STEP) {
    let last;
    // More than a page holds, so that the last one is in a new page.
    const texts = [];
    for (let taken = 0; taken <= PAGE; taken += size) texts.push((last = 'x'.repeat(size - HEAD)));
    kept.push(last);
  }
  return kept;
};
