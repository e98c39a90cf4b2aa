// An evening's plan: lessons, hands and breaks in order. It is its address and nothing else:
// #7.h.12.n is lesson 7, a show of hands, lesson 12, a break. Nothing is stored anywhere.
/* global drawQr, onlyHere */
/* exported evening */
const evening = /** @type {(d: Document) => Plan} */ (d => {
  const MOST_LESSONS = 5, MOST_ITEMS = 12, DAY_MINUTES = 24 * 60;
  /** @type {Find} */
  const find = (what, from) => [...(from || d).querySelectorAll(what)];
  /** @type {Plan['lessons']} */
  const lessons = new Map(find('#lessons li').map(li => [+li.dataset.number, li]));
  const list = d.getElementById('items'), sum = d.getElementById('sum'), sheet = d.getElementById('sheet');
  const village = (/^\?([23456789a-hjkmnp-z]{3,4})$/.exec(location.search) || [])[1] || '';
  /** @type {(() => void)[]} */
  const hooks = [];
  /** @type {PlanItem[]} */
  let items = [];

  const many = () => items.filter(item => typeof item === 'number').length;
  /** @param {PlanItem} item */
  const room = item => items.length < MOST_ITEMS && (typeof item !== 'number' || many() < MOST_LESSONS);

  // What is no lesson, no "h" and no "n" is left out, whoever wrote the address.
  /** @type {(hash: string) => PlanItem[]} */
  const read = hash => hash.slice(1, 200).split('.').reduce((/** @type {PlanItem[]} */ plan, text) => {
    const item = /^\d{1,3}$/.test(text) ? +text : text;
    const known = item === 'h' || item === 'n' || lessons.has(item);
    const lessonsSoFar = plan.filter(each => typeof each === 'number').length;
    const fits = plan.length < MOST_ITEMS && (typeof item !== 'number' || lessonsSoFar < MOST_LESSONS);
    return known && fits ? plan.concat(item) : plan;
  }, []);

  // Tablets and boxes of long ago: a canonical address is what others can open, not file:///E:/.
  // Nor can anybody open this machine's own name: then the canonical one is given, if it is one.
  const address = () => {
    const world = d.querySelector('link[rel=canonical]').getAttribute('href');
    const isOurs = /^https?:$/.test(location.protocol) && (onlyHere(world) || !onlyHere(location.href));
    const here = isOurs ? location.href.replace(/[?#].*/, '') : world;
    return here + (village ? '?' + village : '') + '#' + items.join('.');
  };

  /** @type {(item: PlanItem) => number} */
  const minutesOf = item => item === 'h' ? 5 : item === 'n' ? 10 : +lessons.get(item).dataset.minutes;
  /** @param {PlanItem} item */
  const kindOf = item => item === 'h' ? 'hands' : item === 'n' ? 'pause' : 'lesson';

  /** @type {(item: PlanItem, index: number) => Found<'li'>} */
  const row = (item, index) => {
    // @ts-expect-error a template for each kind
    const li = d.getElementById('item-' + kindOf(item)).content.firstElementChild.cloneNode(true);
    if (typeof item === 'number') {
      li.querySelector('b').textContent = item;
      li.querySelector('.name').textContent = lessons.get(item).querySelector('.name').textContent;
      li.querySelector('small').textContent = minutesOf(item) + "'";
    }
    li.querySelector('[data-move="-1"]').disabled = index === 0;
    li.querySelector('[data-move="1"]').disabled = index === items.length - 1;
    return li;
  };

  const print = () => {
    const table = sheet.querySelector('tbody');
    /** @type {number} */
    let from = 0;
    table.textContent = '';
    items.forEach(item => {
      const tr = table.insertRow(), name = d.createElement('b'), what = tr.insertCell(), doing = tr.insertCell();
      what.textContent = from + "'–" + (from += minutesOf(item)) + "'";
      const li = row(item, 0);
      name.textContent = (typeof item === 'number' ? item + '. ' : '') + li.querySelector('.name').textContent;
      doing.appendChild(name);
      const about = typeof item === 'number' ? find('.about p', lessons.get(item)) : [d.getElementById('sheet-' + kindOf(item))];
      about.forEach(p => { const copy = d.createElement('p'); copy.textContent = p.textContent; doing.appendChild(copy); });
      tr.insertCell();
    });
    sheet.querySelector('.address').textContent = address();
  };

  /** @param {() => void} [focus] */
  const draw = focus => {
    list.textContent = '';
    items.map(row).forEach(li => list.appendChild(li));
    const minutes = Math.min(DAY_MINUTES, items.reduce((/** @type {number} */ all, item) => all + minutesOf(item), 0));
    const said = [];
    // @ts-expect-error a number becomes text
    if (items.length) said.push(sum.dataset.minutes.replace('{minutes}', minutes));
    if (items.length && many() < 2) said.push(sum.dataset.few);
    if (many() >= MOST_LESSONS) said.push(sum.dataset.full);
    sum.textContent = said.join(' ');
    d.getElementById('empty').hidden = items.length > 0;
    find('[data-show],[data-print]').forEach(button => { button.disabled = !many(); });
    find('[data-add]').forEach(button => { button.disabled = !room(button.dataset.add === 'h' || button.dataset.add === 'n' ? '' : 1); });
    const link = d.getElementById('link');
    link.textContent = link.href = address();
    d.getElementById('share').hidden = !items.length;
    const lost = onlyHere(address());
    if (!lost) find('.qr').forEach(qr => drawQr(qr, address()));
    find('.lost,.found').forEach(each => {
      if (lost === each.classList.contains('lost')) each.removeAttribute('hidden');
      else each.setAttribute('hidden', '');
    });
    print();
    try { history.replaceState(null, '', location.search + '#' + items.join('.')); } catch (e) { /* opened as a file */ }
    if (focus) focus();
    hooks.forEach(hook => hook());
  };

  /** @type {(index: number, by: number) => void} */
  const move = (index, by) => {
    const to = index + by;
    if (to < 0 || to >= items.length) return;
    items.splice(to, 0, ...items.splice(index, 1));
    draw(() => {
      /** @type {HTMLButtonElement & WithData} */
      const same = list.children[to].querySelector('[data-move="' + by + '"]');
      (same.disabled ? list.children[to].querySelector('[data-move="' + -by + '"]') : same).focus();
    });
  };

  d.addEventListener('click', event => {
    const button = event.target.closest('button'), li = event.target.closest('#items li');
    if (!button) return;
    const index = li ? [...list.children].indexOf(li) : -1;
    if ('add' in button.dataset) {
      const item = /^\d+$/.test(button.dataset.add) ? +button.dataset.add : button.dataset.add;
      if (room(item)) { items.push(item); draw(); }
    } else if ('move' in button.dataset) move(index, +button.dataset.move);
    else if ('drop' in button.dataset) {
      items.splice(index, 1);
      draw(() => { const next = list.children[Math.min(index, items.length - 1)]; if (next) next.querySelector('[data-drop]').focus(); });
    } else if ('print' in button.dataset) window.print();
  });
  window.addEventListener('hashchange', () => { items = read(location.hash); draw(); });

  items = read(location.hash);
  draw();
  return {d, find, lessons, village, items: () => items.slice()};
})(document);
