// Makes a page that is already complete a little better: one button speaks, the next voice is
// fetched meanwhile, the address remembers the step, arrow keys turn the pages. ES2017, no storage.
(d => {
  d.documentElement.className = 'js';
  let now = new Audio(), next = new Audio(), playing = null, listening = false;
  const kind = now.canPlayType('audio/ogg; codecs=opus') ? 'o' : 'm';
  const steps = [...d.querySelectorAll('.step')];
  let here = steps[0];

  const voiceOf = step => step.querySelector('.voice');

  const show = button => {
    if (playing) playing.classList.remove('on');
    playing = button;
    if (button) button.classList.add('on');
  };

  const quiet = () => { now.pause(); show(null); };

  const fetchAfter = button => {
    const step = button.closest('.step');
    const following = steps.slice(steps.indexOf(step) + 1).map(voiceOf).find(Boolean);
    if (!step || !following) return;
    next.preload = 'auto';
    next.src = following.dataset[kind];
  };

  const play = button => {
    const address = button.dataset[kind];
    now.pause();
    if (next.src.endsWith(address)) [now, next] = [next, now];
    else now.src = address;
    if (now.currentTime) now.currentTime = 0;
    show(button);
    now.onended = now.onerror = () => { if (playing === button) show(null); };
    now.onplaying = () => fetchAfter(button);
    const begun = now.play();
    if (begun) begun.catch(() => {});
  };

  d.addEventListener('click', event => {
    const button = event.target.closest('.voice'), link = event.target.closest('a[href^="#"]');
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

  const sight = new IntersectionObserver(seen => seen.forEach(({target, isIntersecting}) => {
    target.classList.toggle('here', isIntersecting);
    if (!isIntersecting || target === here) return;
    here = target;
    if (playing && !here.contains(playing)) quiet();
    try { history.replaceState(null, '', '#' + here.id); } catch (e) { /* a page opened as a file */ }
  }), {threshold: .6});
  steps.forEach(step => sight.observe(step));

  d.addEventListener('keydown', event => {
    const turn = {ArrowRight: '', PageDown: '', ArrowLeft: ':not(.next)', PageUp: ':not(.next)'}[event.key];
    const link = turn !== undefined && here && here.querySelector(`nav>a[href^="#"]${turn || '.next'}`);
    if (link) { event.preventDefault(); link.click(); }
  });
})(document);
