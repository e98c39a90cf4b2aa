// While a file is made: asks again how far it is and changes only what is new, so that nobody who
// reads or walks by keyboard is thrown back. What was waited for comes down by itself.
(d => {
  const main = d.querySelector('main'), here = location.href.split('#')[0];

  /** @param {string} text */
  const renew = text => {
    const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
    Array.from(main.querySelectorAll('[id]')).forEach(old => {
      const now = fresh.querySelector('[id="' + old.id + '"]');
      if (now && now.outerHTML === old.outerHTML) return;
      const link = old.contains(d.activeElement) && now && now.querySelector('a');
      if (now) old.replaceWith(now); else old.remove();
      if (link) link.focus();
    });
    main.dataset.again = fresh.dataset.again || '';
  };

  /** @type {(path: string) => Promise<void>} */
  const read = path => fetch(path, {cache: 'no-store'}).then(answer => {
    if (!answer.headers.get('content-disposition')) return answer.text().then(renew);
    if (answer.body) answer.body.cancel();
    location.assign(here);
    return read(main.dataset.list);
  });

  const wait = () => {
    // @ts-expect-error text becomes a number
    if (+main.dataset.again) setTimeout(() => read(here).catch(() => {}).then(wait), main.dataset.again * 1000);
  };
  // @ts-expect-error not on every phone
  if (window.fetch) wait();
})(document);
