// Handing the lesson over: a huge code to scan, a number to say; and the day's counts, where a
// village's code is in the address. Says nothing when there is no network.
/* global deck, drawQr, onlyHere */
/** @type {(slides: any) => void} */ (/** @param {Deck} deck */ deck => {
  // eslint-disable-next-line no-unused-vars -- not worth new bytes in every deck
  const {d, body, my} = deck;
  const online = /^https?:$/.test(location.protocol);
  const village = (/^\?([23456789a-hjkmnp-z]{3,4})$/.exec(location.search) || [])[1] || '';
  const box = d.getElementById('code'), [wifiCode, homeCode] = deck.find('.qr', box);
  /** @param {string} host */
  const address = host => {
    const short = body.dataset.short, path = short.replace(/^https?:\/\/[^/]*/, '');
    const found = host || (onlyHere(short) && online && !onlyHere(location.href) ? location.origin : '');
    return (found ? found + path : short) + (village ? '?' + village : '');
  };
  const onlySome = () => Math.random().toString(16).slice(2, 10).padEnd(8, '0');
  const once = () => {
    const bytes = window.crypto && crypto.getRandomValues && crypto.getRandomValues(new Uint8Array(8));
    return bytes ? Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('') : onlySome() + onlySome();
  };

  deck.tell = (what, count) => {
    if (!online || !village || !window.fetch) return;
    const said = {link: village, lesson: body.dataset.slug, lang: body.dataset.lang, what, count, once: once()};
    fetch('/-/dem', {method: 'POST', keepalive: true, headers: {'content-type': 'application/json'}, body: JSON.stringify(said)}).catch(() => {});
  };

  // Text inside a WIFI: code, its own signs escaped.
  /** @param {string} text */
  const escaped = text => String(text).replace(/[\\;,:"]/g, '\\$&');
  /** @param {string} text */
  const hostOf = text => (/^(https?:\/\/)?([\w.:[\]-]{1,60})\/?$/.exec(String(text)) || []).slice(1);

  /** @param {Network} net */
  const onBox = net => {
    const [scheme, host] = hostOf((net.addresses || [])[0]);
    if (!host || typeof net.ssid !== 'string') return;
    const key = net.password ? 'T:WPA;S:' + escaped(net.ssid) + ';P:' + escaped(net.password) : 'T:nopass;S:' + escaped(net.ssid);
    box.classList.add('offline');
    drawQr(wifiCode, 'WIFI:' + key + ';;');
    box.querySelector('.wifi b').textContent = net.ssid;
    box.querySelector('.wifi').hidden = box.querySelector('.off').hidden = false;
    write(address((scheme || 'http://') + host));
  };

  /** @param {string} text */
  const write = text => {
    const lost = onlyHere(text);
    box.classList.toggle('nowhere', lost);
    if (!lost) drawQr(homeCode, text);
    box.querySelector('.address').textContent = lost ? '' : text.replace(/^https?:\/\//, '');
  };

  /** @type {Network | null} */
  let net = null;
  deck.handOver = () => {
    write(address(''));
    if (location.protocol === 'https:') return;  // a box is asked on its own network, by plain HTTP
    if (!online) return;  // a stick has no Wi-Fi to stay in: this code needs mobile data
    if (net) { onBox(net); return; }
    // @ts-expect-error not on every machine
    if (window.fetch) fetch('/-/hop/mang.json').then(answer => answer.ok ? answer.json() : null)
      .then(found => { net = found; if (net) onBox(net); }).catch(() => {});
  };

  const last = deck.slides[deck.slides.length - 1], figure = last.querySelector('figure');
  if (onlyHere(address(''))) figure.appendChild(box.querySelector('.lost').cloneNode(true));
  else drawQr(figure.appendChild(d.createElementNS('http://www.w3.org/2000/svg', 'svg')), address(''));

  let said = false;
  deck.hooks.shown.push(slide => {
    if (slide.id !== 'het' || said) return;
    said = true;
    deck.tell('session', 1);
  });

  d.documentElement.className = 'js';
  deck.find('a[href]', d.querySelector('footer')).forEach(link => {
    if (village) link.search = '?' + village;
    if (parent !== window) link.remove();
  });
  const begin = deck.at(location.hash.slice(1));
  if (!deck.openHands(location.hash)) deck.show(Math.max(0, begin), {silent: parent === window});
})(deck);
