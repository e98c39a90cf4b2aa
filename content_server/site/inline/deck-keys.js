// The keys of clickers and TV remotes, and the same commands as buttons.
/* global deck */
/** @type {(slides: any) => void} */ (/** @param {Deck} deck */ deck => {
  // eslint-disable-next-line no-unused-vars -- not worth new bytes in every deck
  const {d, body, find, my, note} = deck;
  const over = () => d.querySelector('.over:not([hidden])'), black = d.getElementById('black');
  const tongueButton = d.querySelector('[data-do=tongue]'), second = d.getElementById('second');
  let pointing = 0;

  const full = () => {
    if (parent !== window) { parent.postMessage({deck: 'full'}, '*'); return; }
    const page = d.documentElement, is = d.fullscreenElement || d.webkitFullscreenElement;
    const ask = is ? d.exitFullscreen || d.webkitExitFullscreen : page.requestFullscreen || page.webkitRequestFullscreen;
    const done = ask && ask.call(is ? d : page);
    if (done && done.catch) done.catch(() => {});
  };

  /** @param {string} id */
  const open = id => {
    const box = d.getElementById(id), was = box.hidden;
    find('.over').forEach(each => { each.hidden = true; });
    box.hidden = !was;
    if (was) { deck.quiet(); box.querySelector('[data-do=close]').focus(); }
    return was;
  };
  const close = () => { find('.over').forEach(each => { each.hidden = true; }); };

  const label = () => {
    if (!tongueButton) return;
    const own = tongueButton.dataset.own || (tongueButton.dataset.own = tongueButton.textContent);
    const name = deck.endonyms[my.second];
    tongueButton.textContent = !my.second || my.speaks === 0 ? own : my.speaks === 1 ? name : own + ' + ' + name;
    second.value = String(my.second);
  };

  // L: who speaks, the first language, the second, or both with a breath between.
  const tongue = () => {
    if (!tongueButton) return;
    if (!my.second) my.second = 1;
    my.speaks = (my.speaks + 1) % 3;
    label();
    deck.fitNow();
    deck.speak();
    if (my.speaks === 2) deck.telling(note.dataset.both);
  };

  const point = () => {
    clearTimeout(pointing);
    deck.hold(true);
    pointing = setTimeout(deck.hold, 4000, false);
  };

  /** @type {Record<string, () => void>} */
  const wishes = {
    next: () => deck.go(1),
    back: () => deck.go(-1),
    replay: deck.speak,
    tongue, full, close, point,
    keys: () => open('keys'),
    code: () => { if (open('code')) deck.handOver(); },
    remote: () => { if (open('phone')) deck.remote(); },
    black: () => { deck.quiet(); black.hidden = false; },
    slow: () => {
      my.slow = !my.slow;
      find('[data-do=slow]').forEach(b => b.setAttribute('aria-pressed', my.slow));
      deck.speak();
      deck.telling(my.slow ? note.dataset.slow : '');
    },
    auto: () => { my.auto = !my.auto; if (!my.auto) deck.quiet(); deck.telling(my.auto ? '' : note.dataset.quiet); },
    bigger: () => { my.bigger = Math.min(5, my.bigger + 1); deck.fitNow(); },
    smaller: () => { my.bigger = Math.max(-2, my.bigger - 1); deck.fitNow(); },
    before: () => deck.askBefore(),
  };
  deck.wish = name => { const wish = wishes[name]; if (wish) wish(); };

  const CARDS = ['code', 'keys', 'remote'];

  // The first press lights the wall again, the next one closes a card; a card's own opens it.
  deck.press = name => {
    if (!black.hidden) black.hidden = true;
    else if (over() && !CARDS.includes(name)) close();
    else deck.wish(name);
  };

  /** @type {Record<string, string>} */
  const KEYS = {
    ArrowRight: 'next', PageDown: 'next', ' ': 'next', Enter: 'next', MediaTrackNext: 'next',
    ArrowLeft: 'back', PageUp: 'back', Backspace: 'back', MediaTrackPrevious: 'back',
    ArrowUp: 'replay', r: 'replay', MediaPlayPause: 'replay', ArrowDown: 'point',
    l: 'tongue', b: 'black', '.': 'black', f: 'full', q: 'code', p: 'remote', '?': 'keys', s: 'slow', a: 'auto', h: 'before',
    '+': 'bigger', '=': 'bigger', '-': 'smaller', '−': 'smaller', Escape: 'close',
  };

  d.addEventListener('keydown', event => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, wish = KEYS[key];
    if (event.ctrlKey || event.altKey || event.metaKey || d.activeElement === second) return;
    const pressing = (key === 'Enter' || key === ' ') && d.activeElement.closest('a,button,video');
    if (!black.hidden) {
      event.preventDefault();
      deck.press(wish);
    } else if (pressing && !(over() && wish === 'next' && !d.activeElement.closest('.over'))) {
      return; // eslint-disable-line no-useless-return -- as above
    } else if (/^[1-4]$/.test(key)) {
      deck.raise(+key);
    } else if (wish) {
      event.preventDefault();
      if (!(event.repeat && ['next', 'back'].includes(wish))) deck.press(wish);
    }
  });

  d.addEventListener('click', event => {
    const button = event.target.closest('[data-do]');
    if (button) { deck.wish(button.dataset.do); button.blur(); }
    if (event.target === black) black.hidden = true;
  });

  if (second) second.addEventListener('change', () => {
    my.second = +second.value;
    my.speaks = 0;
    label();
    deck.fitNow();
  });
  label();
})(deck);
