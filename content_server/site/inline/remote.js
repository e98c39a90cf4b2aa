// The phone that leads the slides. What is on the wall comes here, with what the trainer says to it.
/* global phoneLine */
(d => {
  /** @type {string} */
  // @ts-expect-error a path has a last part
  const code = location.pathname.split('/').pop(), /** @type {(id: string) => PageElement} */ $ = id => d.getElementById(id);
  const state = $('state'), notes = $('notes'), clock = $('clock');
  /** @type {Record<string, Promise<PageElement | null>>} */
  const books = {};  // notes by lesson, each fetched once
  let /** @type {Shown | null} */ shown = null, seen = 0, began = Date.now(), lost = 0, key = '';

  try { key = sessionStorage.getItem(code) || ''; } catch (e) { /* then only this page */ }
  if (!key) {
    key = Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('');
    try { sessionStorage.setItem(code, key); } catch (e) { /* a page loaded anew is another phone */ }
  }

  /** @param {string} name */
  const say = name => {
    state.textContent = name ? state.dataset[name] : '';
    state.hidden = !name;
  };

  /** @param {Shown} about */
  const slideOf = about => [about.folder, about.slug, about.at].join('/');

  /** @param {Shown} about */
  const book = about => {
    const path = '/' + about.folder + '/' + about.slug + '/ghi-chu';
    if (!books[path]) {
      books[path] = fetch(path).then(answer => answer.ok ? answer.text() : '')
        .then(text => text.slice(text.indexOf('<main'), text.indexOf('</main>') + 7))  // its style stays out
        .then(main => new DOMParser().parseFromString(main, 'text/html').querySelector('main'))
        .catch(() => { delete books[path]; return null; });
    }
    return books[path];
  };

  /** @param {Shown} about */
  const open = about => book(about).then(main => {
    // @ts-expect-error drawn before it is opened
    if (slideOf(about) !== slideOf(shown)) return;  // turned meanwhile
    notes.textContent = '';
    const all = main ? Array.from(main.querySelectorAll('section')) : [];
    const at = all.findIndex(each => each.id === about.at);
    if (at < 0) return;
    notes.appendChild(d.importNode(all[at], true));
    const words = all[at + 1] && all[at + 1].querySelector('.say');
    if (words) {
      const next = d.createElement('p');
      next.className = 'then';
      next.textContent = notes.dataset.then + ' ' + words.textContent;
      notes.appendChild(next);
    }
    notes.scrollTop = 0;
  });

  /** @param {Required<Shown>} now */
  const draw = now => {
    const same = shown && slideOf(shown) === slideOf(now);
    shown = now;
    $('title').textContent = now.title;
    $('where').textContent = now.number ? now.number + '/' + now.total : '';
    began = Date.now() - now.seconds * 1000;
    tick();
    $('hands').hidden = now.kind !== 'ask';
    const tongue = d.querySelector('[data-wish=tongue]');
    tongue.hidden = !now.tongue;
    tongue.querySelector('b').textContent = now.tongue;
    d.querySelector('[data-wish=black]').setAttribute('aria-pressed', now.dark);
    if (!now.slug) notes.textContent = '';
    else if (!same) open(now);
  };

  const tick = () => {
    const s = Math.max(0, Math.round((Date.now() - began) / 1000));
    clock.textContent = Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0');
  };
  setInterval(tick, 1000);

  const listen = async () => {
    for (;;) {
      try {
        const answer = await phoneLine.post('/' + code + '/nghe', {key, seen});
        if (answer.status === 409) { say('taken'); return; }
        if (answer.status === 404) { if (++lost > 45) { say('over'); return; } throw answer; }
        if (!answer.ok) throw answer;
        const heard = await answer.json();
        lost = 0;
        say(heard.here ? '' : 'away');
        if (heard.shown && heard.seen !== seen) draw(heard.shown);
        seen = heard.seen;
        d.body.classList.add('on');
      } catch (e) {
        say(lost > 1 || shown ? 'away' : 'asking');
        await phoneLine.rest();
      }
    }
  };

  d.addEventListener('click', event => {
    const button = event.target.closest('[data-wish]');
    if (!button) return;
    phoneLine.post('/' + code + '/noi', {key, wish: button.dataset.wish})
      .then(answer => { if (!answer.ok) throw answer; if (navigator.vibrate) navigator.vibrate(15); })
      .catch(() => say('unsent'));
  });
  listen();
})(document);
