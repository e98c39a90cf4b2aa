// A show of hands: the question, each answer said aloud, hands counted before and after the lesson.
/* global deck */
/** @type {(slides: any) => void} */ (/** @param {Deck} deck */ deck => {
  const {d, find, my, hooks, note} = deck;
  const LEVELS = [0, .15, .5, .85];  // a few, half, most: as long as their bars
  const asks = deck.slides.filter(slide => slide.classList.contains('ask'));
  /** @type {FilledMap<PageElement, {before: Vote[] | null, after: Vote[] | null}>} */
  const counts = new Map(asks.map(slide => [slide, {before: null, after: null}]));
  const first = asks[0];
  /** @type {'before' | 'after'} */
  let round = 'after', told = false;

  /** @type {(slide: PageElement) => Vote[]} */
  const fresh = slide => find('.answer', slide).map(() => ({hands: 0, level: 0}));
  /** @param {PageElement} slide */
  const now = slide => counts.get(slide)[round] || (counts.get(slide)[round] = fresh(slide));
  /** @param {Vote[] | null} votes */
  const total = votes => votes ? votes.reduce((sum, vote) => sum + vote.hands, 0) : 0;
  /**
   * @param {any} votes
   * @returns {votes is Vote[]}
   */
  const voted = votes => Boolean(votes) && votes.some(/** @param {Vote} vote */ vote => vote.hands || vote.level);

  /** @type {(votes: Vote[], index: number) => number} */
  const share = (votes, index) => {
    const all = Math.max(1, total(votes)), vote = votes[index];
    return vote.level ? LEVELS[vote.level] : vote.hands / all;
  };

  /** @param {PageElement} slide */
  const draw = slide => {
    const {before, after} = counts.get(slide), votes = now(slide);
    const compared = voted(before) && round === 'after';
    slide.classList.toggle('compared', compared);
    find('.answer', slide).forEach((answer, index) => {
      const vote = votes[index], tally = answer.querySelector('.tally');
      const words = find('[data-level]', answer);
      // @ts-expect-error a number becomes text
      tally.textContent = vote.level ? words[vote.level - 1].textContent : vote.hands || '';
      tally.classList.toggle('level', Boolean(vote.level));
      words.forEach(button => button.setAttribute('aria-pressed', vote.level === +button.dataset.level));
      if (!compared) return;
      answer.querySelector('.before').style.width = 100 * share(before, index) + '%';
      answer.querySelector('.after').style.width = after ? 100 * share(after, index) + '%' : '0';
    });
  };

  /** @type {(slide: PageElement, index: number, by: number) => void} */
  const raise = (slide, index, by) => {
    const vote = now(slide)[index];
    if (!vote) return;
    vote.level = 0;
    vote.hands = Math.max(0, Math.min(999, vote.hands + by));
    draw(slide);
  };
  deck.raise = number => { const slide = deck.here(); if (counts.has(slide)) raise(slide, number - 1, 1); };

  d.addEventListener('click', event => {
    const answer = event.target.closest('.answer'), slide = deck.here();
    if (!answer || !counts.has(slide)) return;
    const index = +answer.dataset.n - 1, button = event.target.closest('[data-level]');
    if (event.target.closest('[data-less]')) raise(slide, index, -1);
    else if (button) {
      const vote = now(slide)[index], level = +button.dataset.level;
      vote.level = vote.level === level ? 0 : level;
      vote.hands = 0;
      draw(slide);
    } else raise(slide, index, 1);
    if (d.activeElement) d.activeElement.blur();
  });

  // The beats of a question: asked, each answer said, then what is right and why.
  /** @type {(slide: PageElement) => string[]} */
  const beats = slide => ['', ...find('.answer', slide).map((_, i) => 'answer-' + (i + 1)),
    ...(round === 'after' ? ['because'] : [])];

  /** @type {(slide: PageElement, name: string) => void} */
  const beat = (slide, name) => {
    slide.dataset.beat = name;
    find('.answer', slide).forEach((answer, i) => answer.classList.toggle('said', name === 'answer-' + (i + 1)));
    slide.classList.toggle('revealed', name === 'because');
    deck.fit(slide);
    if (name === 'because' && !told && total(now(slide))) {
      told = true;
      deck.tell('hands', total(now(slide)));
    }
  };

  hooks.shown.push(slide => {
    if (!counts.has(slide)) return;
    beat(slide, '');
    draw(slide);
    deck.telling(round === 'before' ? note.dataset.before : voted(counts.get(slide).before) ? note.dataset.after : '');
  });

  hooks.next.push((slide, by) => {
    if (!counts.has(slide)) return false;
    const names = beats(slide), to = names.indexOf(slide.dataset.beat || '') + by;
    if (to >= 0 && to < names.length) { deck.quiet(); beat(slide, names[to]); return true; }
    if (by > 0 && round === 'before') { leaveBefore(slide); return true; }
    if (by > 0 && my.handsOnly) { parent.postMessage({deck: 'end'}, '*'); return true; }
    if (by < 0 && (round === 'before' || my.handsOnly)) { if (parent !== window) parent.postMessage({deck: 'start'}, '*'); return true; }
    return false;
  });

  /** @param {PageElement} slide */
  const leaveBefore = slide => {
    round = 'after';
    if (my.handsOnly) {
      // @ts-expect-error drawn before it is left
      const before = counts.get(slide).before.map(vote => vote.level ? 'v' + vote.level : vote.hands);
      parent.postMessage({deck: 'end', before: before.join('-')}, '*');
    } else deck.show(0);
  };

  deck.askBefore = () => {
    if (!first) return;
    round = 'before';
    deck.show(deck.slides.indexOf(first));
  };

  // An evening's plan opens the question alone: #hoi, or #hoi=2-0-v3 with the hands of before.
  deck.openHands = hash => {
    const match = /^#hoi(?:=([v\d-]{1,40}))?$/.exec(hash);
    if (!match || !first) return false;
    my.handsOnly = parent !== window;
    if (match[1] === undefined) { deck.askBefore(); return true; }
    const before = fresh(first);
    match[1].split('-').slice(0, before.length).forEach((text, i) => {
      const level = /^v([1-3])$/.exec(text);
      before[i] = level ? {hands: 0, level: +level[1]} : {hands: Math.min(999, parseInt(text, 10) || 0), level: 0};
    });
    counts.get(first).before = before;
    deck.show(deck.slides.indexOf(first), {silent: true});
    return true;
  };
})(deck);
