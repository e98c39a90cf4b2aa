// Slides for a projector: one at a time, words fitted, spoken in one language or two, led by the
// keys that clickers and TV remotes send. Works from a file, without internet. ES2017, no storage.
/* exported deck */
const deck = /** @type {(d: Document) => Slides} */ (d => {
  const body = d.body, /** @type {Find} */ find = (what, from) => [...(from || d).querySelectorAll(what)];
  const slides = find('.slide'), note = d.querySelector('.note'), where = d.querySelector('.where b');
  const sound = new Audio(), PAUSE_MS = 700, LEAST_VH = 10, MOST_VH = 16;
  const kind = sound.canPlayType('audio/ogg; codecs=opus') ? 'o' : 'm';
  const endonyms = find('#second option').map(o => o.textContent);
  /** @type {DeckState} */
  const my = {now: -1, second: 'two' in body.dataset ? 1 : 0, speaks: 0, auto: true, slow: false, bigger: 0};
  /** @type {Deck['hooks']} */
  const hooks = {next: [], shown: []};  // other parts may take a step, or hear of one
  let turn = 0, pause = 0;

  const here = () => slides[my.now];
  /** @param {string} [text] */
  const telling = text => { note.textContent = text || ''; };

  // What is on the slide now: the words of a beat (the question, then each answer), in our languages.
  /** @type {(slide: PageElement) => PageElement[]} */
  const current = slide => {
    const about = slide.dataset.beat || (slide.classList.contains('missed') ? 'hint' : '');
    const class_ = about === 'hint' ? '.hint' : '.say';
    const all = find(class_, slide).filter(p => class_ === '.hint' || p.classList.contains(about) ===
      Boolean(about) && (about || !/answer-|because/.test(p.className)));
    const own = all.filter(p => +p.dataset.t === 0), other = all.filter(p => my.second && +p.dataset.t === my.second);
    const same = own[0] && other[0] && own[0].textContent === other[0].textContent;
    return same ? own : own.concat(other);
  };

  /** @param {PageElement} slide */
  const fits = slide => {
    const words = slide.querySelector('.words');
    return !words || (words.scrollHeight <= words.clientHeight + 1 && words.scrollWidth <= words.clientWidth + 1);
  };

  // Words as large as the slide holds, never under a tenth of its height: rather a smaller picture,
  // and when two languages cannot both be large, the one that speaks stands alone.
  /** @param {PageElement} slide */
  const fit = slide => {
    const texts = current(slide), speaks = texts[Math.min(my.speaks === 1 ? 1 : 0, texts.length - 1)];
    /** @param {PageElement[]} some */
    const show = some => find('.say,.hint', slide).forEach(p => p.classList.toggle('shown', some.includes(p)));
    const most = Math.max(LEAST_VH, Math.min(MOST_VH, (texts.length > 1 ? 10.5 : 12) + my.bigger));
    /** @type {[number, number][]} */
    const tries = [];
    for (let size = most; size > LEAST_VH; size -= .5) tries.push([size, 40]);
    (texts.length > 1 ? [40, 35, 30, 24] : [40, 34, 28, 22]).forEach(picture => tries.push([LEAST_VH, picture]));
    /** @param {PageElement[]} some */
    const attempt = some => tries.some(([size, picture]) => {
      show(some);
      slide.style.setProperty('--size', size);
      slide.style.setProperty('--picture', picture + '%');
      return fits(slide);
    });
    if (!attempt(texts) && texts.length > 1) attempt([speaks || texts[0]]);
  };

  /** @param {PageElement} p */
  const alone = p => {
    const slide = here();
    if (current(slide).length > 1 && !p.classList.contains('shown')) {
      find('.say,.hint', slide).forEach(each => each.classList.toggle('shown', each === p));
    }
    find('.on').forEach(each => each.classList.remove('on'));
    p.classList.add('on');
  };

  const quiet = () => {
    turn++;
    clearTimeout(pause);
    sound.pause();
    find('video').forEach(video => video.pause());
    find('.on').forEach(each => each.classList.remove('on'));
  };

  // Speaks these one after another, a breath between; what another wish interrupts is left.
  /** @type {(queue: PageElement[], mine: number) => void} */
  const speakAll = (queue, mine) => {
    const p = queue.shift();
    if (!p || mine !== turn) return;
    alone(p);
    telling(p.dataset.note);
    sound.src = p.dataset[kind];
    sound.playbackRate = sound.defaultPlaybackRate = my.slow ? .8 : 1;
    sound.onended = () => {
      p.classList.remove('on');
      if (queue.length && mine === turn) pause = setTimeout(speakAll, PAUSE_MS, queue, mine);
    };
    // @ts-expect-error takes no event
    sound.onerror = sound.onended;
    const begun = sound.play();
    if (begun) begun.catch(() => {});
  };

  const speak = () => {
    const slide = here(), video = slide.querySelector('video');
    quiet();
    telling();
    if (video) {
      video.currentTime = 0;
      const begun = video.play();
      if (begun) begun.catch(() => {});
      return;
    }
    /** @type {string[]} */
    const files = [], texts = current(slide).filter(p => p.dataset.o && !files.includes(p.dataset.o) && files.push(p.dataset.o));
    if (!texts.length) { if (current(slide).some(p => p.dataset.t)) telling(note.dataset.none); return; }
    const chosen = my.speaks === 2 ? texts : texts.filter(p => +p.dataset.t === (my.speaks ? my.second : 0));
    speakAll(chosen.length ? chosen.slice() : texts.slice(0, 1), turn);
  };

  /** @type {Deck['show']} */
  const show = (index, {silent} = {}) => {
    const slide = slides[index];
    quiet();
    telling();
    if (here()) here().classList.remove('now', 'missed');
    my.now = index;
    slide.classList.add('now');
    where.textContent = slide.dataset.number || '';
    // @ts-expect-error in an element
    where.parentNode.classList.toggle('none', !slide.dataset.number);
    hooks.shown.forEach(hook => hook(slide));
    fit(slide);
    try { history.replaceState(null, '', '#' + slide.id); } catch (e) { /* opened as a file */ }
    if (my.auto && !silent && !slide.querySelector('video')) speak();
  };

  /** @param {number} by */
  const go = by => {
    if (hooks.next.some(hook => hook(here(), by))) return;
    const index = my.now + by;
    if (index >= 0 && index < slides.length) show(index);
    else if (parent !== window) parent.postMessage({deck: by > 0 ? 'end' : 'start'}, '*');
  };

  /** @param {string} id */
  const at = id => slides.findIndex(slide => slide.id === id);

  // Practice on the wall: the right spot leads on, any other to a kind hint.
  d.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || !link.closest('.slide')) return;
    event.preventDefault();
    if (my.held) { my.held = false; return; }
    const to = at(link.getAttribute('href').slice(1)), slide = here();
    if (to >= 0) { show(to); return; }
    slide.classList.add('missed');
    fit(slide);
  });

  // Press and hold: the spot pulses for the whole room.
  /** @param {boolean} [on] */
  const hold = on => body.classList.toggle('hold', on);
  let holding = 0;
  d.addEventListener('pointerdown', event => {
    if (!event.target.closest('.slide>figure') || event.target.closest('video')) return;
    my.held = false;
    holding = setTimeout(() => { my.held = true; hold(true); }, 300);
  });
  ['pointerup', 'pointercancel', 'blur'].forEach(name => window.addEventListener(name, () => {
    clearTimeout(holding);
    hold(false);
  }));
  d.addEventListener('contextmenu', event => { if (event.target.closest('figure')) event.preventDefault(); });

  find('video').forEach(video => ['play', 'pause', 'ended'].forEach(name => video.addEventListener(name, () =>
    // @ts-expect-error every clip is on a slide
    video.closest('.slide').classList.toggle('playing', name === 'play'))));

  const fitNow = () => { if (here()) fit(here()); };
  window.addEventListener('resize', fitNow);
  if (d.fonts && d.fonts.ready) d.fonts.ready.then(fitNow);

  return {d, body, find, slides, my, hooks, here, at, show, go, fit, fitNow, speak, quiet, telling, note, hold, endonyms};
})(document);
