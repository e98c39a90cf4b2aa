// The sheet of five houses: ticks stay on this phone (localStorage, one word a tick: "lesson 2"),
// nothing is sent, one button wipes them. Without storage the sheet still prints.
(d => {
  const KEY = 'nha', /** @type {(id: string) => PageElement} */ of = id => d.getElementById(id);
  const boxes = [...d.querySelectorAll('input[type=checkbox]')];
  /** @param {HTMLInputElement} box */
  const word = box => box.name + ' ' + box.value;

  /** @param {string[]} ticks */
  const keep = ticks => {
    try {
      if (ticks.length) localStorage.setItem(KEY, JSON.stringify(ticks)); else localStorage.removeItem(KEY);
      of('quen').hidden = true;
    } catch (e) { of('quen').hidden = false; }
  };

  /** @returns {string[]} */
  const kept = () => {
    try {
      const ticks = JSON.parse(localStorage.getItem(KEY) || '[]');
      return Array.isArray(ticks) ? ticks.filter(tick => typeof tick === 'string') : [];
    } catch (e) { return []; }
  };

  const count = () => d.querySelectorAll('[data-house]').forEach(total => {
    // @ts-expect-error a number becomes text
    total.textContent = boxes.filter(box => box.checked && box.value === total.dataset.house).length;
  });

  const show = () => {
    const ticks = new Set(kept());
    boxes.forEach(box => { box.checked = ticks.has(word(box)); });
    count();
  };

  // Ticks of lessons that are not on this sheet (another language's) are left as they are.
  const save = () => {
    const mine = new Set(boxes.map(word));
    keep([...kept().filter(tick => !mine.has(tick)), ...boxes.filter(box => box.checked).map(word)]);
    count();
  };

  d.addEventListener('change', save);
  addEventListener('storage', show);
  addEventListener('pageshow', show);
  of('in').hidden = false;
  of('in').onclick = () => print();
  of('xoa').onclick = () => {
    boxes.forEach(box => { box.checked = false; });
    keep([]);
    count();
    d.querySelector('details').open = false;
    of('noi').textContent = of('noi').dataset.wiped;
  };
  keep(kept());
  show();
})(document);
