// A phone as remote: the wall shows a code, and whoever scans it turns the slides. Nothing needs it;
// from a stick, or where only files are served, it is not there or says so.
/* global deck, drawQr, onlyHere, phoneLine */
/** @type {(slides: any) => void} */ (/** @param {Deck} deck */ deck => {
  // eslint-disable-next-line no-unused-vars -- not worth new bytes in every deck
  const {d, body, find, my, note} = deck;
  const card = d.getElementById('phone'), qr = card.querySelector('.qr'), words = card.querySelector('.link');
  const online = /^https?:$/.test(location.protocol) && window.fetch;
  const tongue = d.querySelector('footer [data-do=tongue]');
  /** @param {string} state */
  const is = state => { card.dataset.is = state; };
  let began = Date.now(), due = 0;

  /** @returns {Shown} */
  const shown = () => {
    const slide = deck.here();
    return {
      folder: body.dataset.lang, slug: body.dataset.slug, title: d.querySelector('.title').textContent.slice(0, 200),
      at: slide.id, kind: slide.classList[1] || '', number: +slide.dataset.number || 0, total: +body.dataset.total,
      seconds: Math.round((Date.now() - began) / 1000), tongue: tongue ? tongue.textContent : '', dark: !d.getElementById('black').hidden,
    };
  };
  const tell = () => { clearTimeout(due); due = setTimeout(() => line.say(shown()), 30); };

  const line = phoneLine.wall(wish => {
    if (wish === 'timer') began = Date.now();
    else if (/^[1-4]$/.test(wish)) deck.raise(+wish);
    else deck.press(wish);
    tell();
  }, led => {
    is(led ? 'led' : 'over');
    if (led && !card.hidden) deck.wish('close');
    if (led) deck.telling(note.dataset.led);
    tell();
  });

  // A phone cannot open this machine's name for itself; its address on the network it can.
  /** @param {string[]} addresses */
  const reachable = addresses => onlyHere(location.href) && addresses.find(each => !onlyHere(each)) || location.origin;

  const fresh = () => {
    is('asking');
    line.fresh().then(addresses => {
      const address = reachable(addresses) + '/-/dieu-khien/' + line.code();
      card.classList.toggle('nowhere', onlyHere(address));
      drawQr(qr, address);
      words.textContent = address.replace(/^https?:\/\//, '');
      is('open');
    }, () => is('none'));
  };

  deck.remote = () => { if (!online) is('none'); else if (line.led()) is('led'); else fresh(); };
  card.querySelector('[data-fresh]').addEventListener('click', fresh);
  if (!online) find('[data-do=remote],.online').forEach(button => button.remove());

  deck.hooks.shown.push(tell);
  d.addEventListener('keyup', () => { if (line.led()) tell(); });
  if (online) line.start();
})(deck);
