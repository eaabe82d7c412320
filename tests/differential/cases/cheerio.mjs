// Documents, selectors and calls for cheerio.


const TAGS = ['div', 'p', 'span', 'ul', 'li', 'a', 'b', 'h1', 'section', 'em'];
const VOID = [
  '<br>',
  '<img src="i.png" alt="x">',
  '<input type="text" name="q" value="v">',
  '<input type=checkbox name=c checked>',
  '<hr/>',
];
const CLASSES = ['one', 'two', 'three', 'item', 'is-on'];
const TEXTS = [
  'text',
  ' two words ',
  'a &amp; b',
  '&lt;tag&gt;',
  'd\u00e9j\u00e0',
  '&nbsp;',
  '&#x41;&#66;',
  'x',
  '',
  '\n  line\n',
  '&copy; 2024',
  '&unknown;',
  '"q"',
];

function attributes(random) {
  const made = [];
  if (random.chance(0.5)) made.push(`class="${random.some(CLASSES, 2).join(' ')}"`);
  if (random.chance(0.3)) made.push(`id="${random.pick(['top', 'main', 'x1'])}"`);
  if (random.chance(0.2)) made.push(`data-n="${random.pick(['1', '{&quot;a&quot;:1}', 'true', 'no', ''])}"`);
  if (random.chance(0.2))
    made.push(
      random.pick([
        'href="/a?b=1&amp;c=2"',
        'title=plain',
        "title='it&#39;s'",
        'hidden',
        'style="color: red; top: 1px"',
        'disabled="disabled"',
      ]),
    );
  return made.length ? ` ${made.join(' ')}` : '';
}

function node(random, depth) {
  const kind = random.below(10);
  if (kind < 3 || depth === 0) return random.pick(TEXTS);
  if (kind < 4)
    return random.pick([
      ...VOID,
      '<!-- note -->',
      '<select name="s"><option value="1">one</option><option selected>two</option></select>',
      '<textarea name="t">area</textarea>',
      '<table><tr><td>1</td><td>2</td></tr></table>',
      '<script>if (a < b) {}</script>',
    ]);
  const tag = random.pick(TAGS);
  const inner = random.several(0, 4, () => node(random, depth - 1)).join('');
  return `<${tag}${attributes(random)}>${inner}${random.chance(0.96) ? `</${tag}>` : ''}`;
}

const SELECTORS = [
  'div',
  'p',
  '.one',
  '.item',
  '#top',
  'div p',
  'div > p',
  'li',
  'ul li',
  '*',
  'a[href]',
  '[class]',
  '[data-n="1"]',
  '[class~=one]',
  '[class^=o]',
  '[class$=o]',
  '[class*=w]',
  '[class|=is]',
  'div, span',
  'p + span',
  'p ~ b',
  ':first-child',
  'div:last-child',
  'li:nth-child(2)',
  'p:nth-child(odd)',
  'p:nth-of-type(2n+1)',
  ':not(.one)',
  'div:has(p)',
  ':contains(text)',
  ':empty',
  'p:first',
  'p:last',
  'p:eq(1)',
  'input',
  ':checked',
  'option:selected',
  'b:only-child',
  '.one.two',
  'div span.one',
  'nosuch',
  'h1',
  'section > *',
  'p:not(:empty)',
  ':root',
  'input[type=text]',
  '[title="it\'s"]',
  'ul > li:first-of-type',
  ':header',
  ':input',
  'div:lt(2)',
  'p:even',
  ':parent',
  ':nth-last-child(1)',
];

const pick = (random) => JSON.stringify(random.pick(SELECTORS));
const html = (random) => JSON.stringify(node(random, 1));

const MOVES = [
  'children()',
  'parent()',
  'parents()',
  'next()',
  'prev()',
  'siblings()',
  'first()',
  'last()',
  'eq(1)',
  'eq(-1)',
  'nextAll()',
  'prevAll()',
  'end()',
  'contents()',
  'slice(1)',
  'slice(0, 2)',
  'closest("div")',
  'addBack()',
  'toArray().length',
  'nextUntil("p")',
  'prevUntil("p")',
  'parentsUntil("div")',
  'clone()',
  'filter((i) => i % 2 === 0)',
  'not((i) => i === 0)',
  'has("b")',
  'add("p")',
];

function move(random) {
  const kind = random.below(7);
  if (kind < 3) return `.${random.pick(MOVES.filter((name) => !name.includes('toArray')))}`;
  const name = random.pick([
    'find',
    'filter',
    'not',
    'children',
    'closest',
    'parents',
    'siblings',
    'next',
    'prev',
    'has',
    'nextAll',
    'add',
  ]);
  return `.${name}(${pick(random)})`;
}

function change(random) {
  const name = random.pick(['append', 'prepend', 'after', 'before', 'html', 'replaceWith', 'wrap', 'wrapInner']);
  const other = [
    `.addClass(${JSON.stringify(random.pick(CLASSES))})`,
    `.removeClass(${JSON.stringify(random.pick(CLASSES))})`,
    '.removeClass()',
    `.toggleClass(${JSON.stringify(random.pick(CLASSES))})`,
    ".attr('title', 'new')",
    ".attr({ a: '1', b: null })",
    ".removeAttr('class')",
    '.remove()',
    '.empty()',
    ".text('<new> & text')",
    ".css('color', 'blue')",
    ".data('k', { a: 1 })",
    ".val('changed')",
    ".prop('checked', true)",
    ".attr('data-i', (i, old) => i + String(old))",
    ".addClass('one two')",
    ".appendTo('p')",
    ".prependTo('div')",
    ".insertAfter('p')",
    '.html((i, old) => old)',
    ".text('')",
  ];
  return random.chance(0.5) && !name.startsWith('wrap') ? `.${name}(${html(random)})` : random.pick(other);
}

const ENDS = [
  '.text()',
  '.html()',
  '.length',
  ".attr('class')",
  '.attr()',
  ".attr('href')",
  '.val()',
  ".data('n')",
  '.data()',
  ".hasClass('one')",
  `.is('p')`,
  '.index()',
  '.map((i, el) => i + el.tagName).get()',
  ".map(function () { return $(this).text(); }).get().join('|')",
  '.get(0) && 1',
  '.toArray().map((el) => el.name)',
  ".css('color')",
  '.css()',
  ".prop('tagName')",
  '.serializeArray()',
  '.serialize()',
  ".is('.one')",
  '.contents().length',
  '.get().length',
  ".first().prop('checked')",
  ".attr('data-n')",
  '.toString()',
  ".prop('outerHTML') === undefined",
  '.parent().length',
  '.is((i) => i === 1)',
];

export function cheerio(random) {
  const options = random.chance(0.15)
    ? `, { ${random.pick(['xmlMode: true', 'decodeEntities: false', 'normalizeWhitespace: true', 'xmlMode: true, decodeEntities: true', 'lowerCaseTags: true', 'recognizeSelfClosing: true'])} }`
    : '';
  const source = JSON.stringify(random.several(1, 4, () => node(random, 3)).join(''));
  const head = `${random.chance(0.7) ? "const cheerio = require('cheerio'); " : ''}const $ = cheerio.load(${source}${options}); `;
  const start = `$(${pick(random)}${random.chance(0.1) ? `, ${pick(random)}` : ''})`;
  const moves = random.several(0, 2, () => move(random)).join('');
  const kind = random.below(10);
  if (kind < 5) return `${head}return ${start}${moves}${random.pick(ENDS)};`;
  if (kind < 8)
    return `${head}${start}${moves}${change(random)}; return ${random.pick(['$.html()', '$.root().html()', '$.html()', '$.text()', '$.xml()'])};`;
  if (kind < 9) return `${head}return $(${html(random)})${change(random)}${random.pick(ENDS)};`;
  return `${head}return ${random.pick(['$.html()', '$.xml()', '$.text()', `$.html(${pick(random)})`, '$.root().children().length', `$.parseHTML(${html(random)}).length`, `$.contains($('div')[0], $('p')[0])`, `$(${pick(random)}).each(function (i, el) { $(el).attr('n', i); }).length`])};`;
}
