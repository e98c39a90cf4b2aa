// Makes a page that is already complete a little better: one button speaks, the next voice is
// fetched meanwhile, the address remembers the step, arrow keys turn the pages, and a total somewhere
// grows by one (docs/decisions/0007): no name, no number, nothing kept. ES2017, no storage.
(d => {
  d.documentElement.className = 'js';
  let now = new Audio(), next = new Audio(), /** @type {PageElement | null} */ playing = null, listening = false;
  const kind = now.canPlayType('audio/ogg; codecs=opus') ? 'o' : 'm';
  const steps = [...d.querySelectorAll('.step')];
  let here = steps[0];

  /** @param {PageElement} step */
  const voiceOf = step => step.querySelector('.voice');

  /** @param {PageElement | null} button */
  const show = button => {
    if (playing) playing.classList.remove('on');
    playing = button;
    if (button) button.classList.add('on');
  };

  const quiet = () => { now.pause(); show(null); };

  /** @param {HTMLElement} [but] */
  const still = but => d.querySelectorAll('video').forEach(v => { if (!but || !but.contains(v)) v.pause(); });

  // The strip of a film waits in a template until somebody opens it.
  d.addEventListener('toggle', event => {
    const later = event.target.querySelector('template');
    if (later) later.replaceWith(later.content);
  }, true);

  d.addEventListener('play', event => { quiet(); still(event.target); }, true);

  /** @param {PageElement} button */
  const fetchAfter = button => {
    const step = button.closest('.step');
    // @ts-expect-error what is no step is at no place
    const following = steps.slice(steps.indexOf(step) + 1).map(voiceOf).find(Boolean);
    if (!step || !following) return;
    next.preload = 'auto';
    next.src = following.dataset[kind];
  };

  /** @param {PageElement} button */
  const play = button => {
    const address = button.dataset[kind];
    now.pause();
    still();
    if (next.src.endsWith(address)) [now, next] = [next, now];
    else now.src = address;
    if (now.currentTime) now.currentTime = 0;
    show(button);
    now.onended = now.onerror = () => { if (playing === button) show(null); };
    now.onplaying = () => fetchAfter(button);
    const begun = now.play();
    if (begun) begun.catch(() => {});
  };

  // ?x7k2 is the code of a village; it goes along to the next lesson and the other language.
  const code = (/^\?[2-9a-hjkmnp-z]{3,4}$/.exec(location.search) || [''])[0];
  const canonical = d.querySelector('link[rel=canonical]');
  const asked = navigator.doNotTrack === '1' || navigator.globalPrivacyControl;
  const counts = steps[0] && canonical && self === top && /^http/.test(location.protocol) && !asked;
  /** @type {Record<string, boolean>} */
  const told = {}, /** @type {Set<string>} */ unsent = new Set();
  let helped = false;

  // `once` is made for this one message: sent again after a lost signal, it is counted once.
  const send = () => unsent.forEach(body => {
    fetch('/-/dem', {method: 'POST', body, keepalive: true}).then(() => unsent.delete(body), () => {});
  });

  /** @param {string} what */
  const tell = what => {
    if (!counts || told[what]) return;
    told[what] = true;
    const [lang, lesson] = canonical.href.split('/').slice(-2);
    const once = [...crypto.getRandomValues(new Uint8Array(8))].map(n => (n + 256).toString(16).slice(1)).join('');
    unsent.add(JSON.stringify({link: code.slice(1), lesson, lang, what, count: 1, once}));
    if (!(navigator.connection || {}).saveData) setTimeout(send, 3000);
  };

  addEventListener('load', () => tell('opened'));
  addEventListener('online', send);
  d.addEventListener('visibilitychange', () => {
    if (d.hidden) unsent.forEach(body => navigator.sendBeacon('/-/dem', body));
  });

  // A practice counts when it was walked by right taps alone: no hint, no turning past it.
  /** @type {(link: HTMLAnchorElement, panel: HTMLElement | null) => void} */
  const practised = (link, panel) => {
    const target = d.getElementById(link.getAttribute('href').slice(1));
    if (!target || !panel) return;
    if (panel.matches('.done')) helped = false;
    if (panel.matches('.practise') && (target.matches('.hint') || !link.closest('figure'))) helped = true;
    if (target.matches('.done') && panel.matches('.practise') && !helped) tell('practised');
  };

  d.addEventListener('click', event => {
    const button = event.target.closest('.voice'), link = event.target.closest('a[href^="#"]');
    const away = event.target.closest('a[href^="/"]');
    d.documentElement.className = 'js moved';
    if (code && away && !away.search) away.search = code;
    if (link) practised(link, link.closest('.step'));
    if (button) {
      listening = button !== playing;
      if (listening) play(button); else quiet();
    } else if (link) {
      const step = d.getElementById(link.getAttribute('href').slice(1));
      if (step && step.matches('.step')) {
        quiet();
        if (listening && voiceOf(step)) play(voiceOf(step));
      }
    }
    d.querySelectorAll('details[open]').forEach(box => {
      if (!box.contains(event.target)) box.open = false;
    });
  });

  const sight = new IntersectionObserver(/** @param {any[]} seen */ seen => seen.forEach(/** @param {{target: PageElement, isIntersecting: boolean}} entry */ ({target, isIntersecting}) => {
    target.classList.toggle('here', isIntersecting);
    if (!isIntersecting || target === here) return;
    here = target;
    if (here.matches('.end')) tell('finished');
    if (playing && !here.contains(playing)) quiet();
    still(here);
    try { history.replaceState(null, '', '#' + here.id); } catch (e) { /* a page opened as a file */ }
  }), {threshold: .6});
  steps.forEach(step => sight.observe(step));

  d.addEventListener('keydown', event => {
    const turn = {ArrowRight: '', PageDown: '', ArrowLeft: ':not(.next)', PageUp: ':not(.next)'}[event.key];
    const link = turn !== undefined && here && here.querySelector(`nav>a[href^="#"]${turn || '.next'}`);
    if (link) { event.preventDefault(); link.click(); }
  });
})(document);
