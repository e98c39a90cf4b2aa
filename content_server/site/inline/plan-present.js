// The whole evening on the wall, as one: each lesson's own slides in a frame, questions and breaks
// between. The hands of before are kept until the question is asked again.
/* global evening, phoneLine */
(/** @param {Plan} evening */ evening => {
  const {d, lessons, village} = evening;
  const stage = d.getElementById('stage'), rest = d.getElementById('break');
  const clock = rest.querySelector('b'), REST_S = 600;
  /** @type {Map<PlanItem | undefined, string>} */
  const before = new Map();
  /** @type {PlanItem[]} */
  let plan = [], at = 0, ticking = 0;

  // In a break no deck hears the trainer's phone: this page does.
  const line = phoneLine.wall(wish => { if (wish === 'next' || wish === 'back') step(wish === 'next' ? 1 : -1); }, () => {});

  // A question belongs to the lesson before it, or, when none came yet, to the one after.
  /** @param {number} index */
  const lessonFor = index => {
    const earlier = plan.slice(0, index).filter(item => lessons.has(item)), later = plan.slice(index).filter(item => lessons.has(item));
    const next = later[0], last = earlier[earlier.length - 1];
    const asked = last !== undefined && plan.slice(plan.lastIndexOf(last, index), index).includes('h');
    return last === undefined || (asked && next !== undefined) ? {lesson: next, first: true} : {lesson: last, first: false};
  };

  const frame = () => stage.querySelector('iframe');

  // A new frame each time: the same lesson may be opened again at its question.
  /** @param {string} [address] */
  const load = address => {
    const fresh = frame().cloneNode();
    fresh.removeAttribute('src');
    if (address) fresh.src = address;
    stage.replaceChild(fresh, frame());
    fresh.addEventListener('load', () => { if (address) fresh.focus(); });
  };

  /** @param {number} left */
  const minutes = left => Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0');

  const pause = () => {
    let left = REST_S;
    load();
    rest.hidden = false;
    rest.focus();
    clock.textContent = minutes(left);
    line.start();
    line.say({folder: '', slug: '', title: rest.querySelector('p').textContent, at: '', kind: 'break', number: 0, total: 0, seconds: 0});
    ticking = setInterval(() => { left = Math.max(0, left - 1); clock.textContent = minutes(left); }, 1000);
  };

  /** @type {(number: PlanItem, hash: string) => void} */
  const open = (number, hash) => {
    const deck = lessons.get(number).querySelector('a').getAttribute('href');
    load(deck + (village ? '?' + village : '') + hash);
  };

  /** @type {(index: number, backwards?: boolean) => void} */
  const play = (index, backwards) => {
    clearInterval(ticking);
    line.stop();
    rest.hidden = true;
    at = index;
    const item = plan[at];
    if (item === 'n') { pause(); return; }
    if (item !== 'h') { open(item, backwards ? '#mang-ve' : '#0'); return; }
    const {lesson, first} = lessonFor(at);
    if (lesson === undefined || !('ask' in lessons.get(lesson).dataset)) { step(backwards ? -1 : 1); return; }
    open(lesson, first ? '#hoi' : '#hoi=' + (before.get(lesson) || ''));
  };

  /** @param {number} by */
  const step = by => {
    const to = at + by;
    if (to >= 0 && to < plan.length) play(to, by < 0);
    else if (to >= plan.length) close();
  };

  const full = () => {
    const is = d.fullscreenElement || d.webkitFullscreenElement;
    const ask = is ? d.exitFullscreen || d.webkitExitFullscreen : stage.requestFullscreen || stage.webkitRequestFullscreen;
    const done = ask && ask.call(is ? d : stage);
    if (done && done.catch) done.catch(() => {});
  };

  const close = () => {
    clearInterval(ticking);
    line.stop();
    stage.hidden = true;
    load();
    if (d.fullscreenElement) full();
    const again = d.querySelector('[data-show]');
    if (again) again.focus();
  };

  d.addEventListener('click', event => {
    const button = event.target.closest('[data-show],[data-close]');
    if (!button) return;
    if ('close' in button.dataset) { close(); return; }
    plan = evening.items();
    before.clear();
    stage.hidden = false;
    full();
    play(0);
  });

  window.addEventListener('message', event => {
    const said = event.data;
    if (stage.hidden || event.source !== frame().contentWindow || !said) return;
    if (said.deck === 'end') {
      if (/^[v\d-]{1,40}$/.test(said.before || '')) before.set(lessonFor(at).lesson, said.before);
      step(1);
    } else if (said.deck === 'start') step(-1);
    else if (said.deck === 'full') full();
  });

  d.addEventListener('keydown', event => {
    if (stage.hidden) return;
    const by = {ArrowRight: 1, PageDown: 1, ' ': 1, Enter: 1, ArrowLeft: -1, PageUp: -1}[event.key];
    if (event.key === 'Escape') close();
    else if (by && !rest.hidden) { event.preventDefault(); step(by); }
  });
})(evening);
