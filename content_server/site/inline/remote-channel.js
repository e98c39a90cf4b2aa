// The line between slides and a phone: messages through the server both have open. ES2017.
/* exported phoneLine */
const phoneLine = (() => {
  const PLACE = '/-/dieu-khien', KEPT = 'dieu-khien', REST_MS = 2000, MOST_MS = 12000;
  const rest = () => new Promise(go => setTimeout(go, REST_MS));

  /** @type {(path: string, said: object) => Promise<Response>} */
  const post = (path, said) => Promise.race([
    fetch(PLACE + path, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(said)}),
    new Promise((go, stop) => setTimeout(stop, MOST_MS)),
  ]);

  // The slides' end. A pairing lives as long as its tab, so an evening of several decks is one.
  /** @type {(hear: (wish: string) => void, paired: (led: boolean) => void) => Wall} */
  const wall = (hear, paired) => {
    let /** @type {Pairing | null} */ pair = null, /** @type {Shown | null} */ shown = null, turn = 0;

    /** @param {Pairing | null} now */
    const keep = now => {
      pair = now;
      try { if (pair) sessionStorage.setItem(KEPT, JSON.stringify(pair)); else sessionStorage.removeItem(KEPT); } catch (e) { /* only this page, then */ }
    };

    /** @type {(again: boolean) => Promise<string[]>} */
    const open = async again => {
      // @ts-expect-error only an earlier pairing is opened again
      const answer = await post('', again ? {code: pair.code, deck: pair.deck, phone: pair.phone, seen: pair.seen} : {});
      if (!answer.ok) throw answer;
      const made = await answer.json();
      if (!again) keep({code: made.code, deck: made.deck, phone: '', seen: 0});
      return made.addresses;
    };

    /** @param {Shown} now */
    const say = now => {
      shown = now;
      if (pair) post('/' + pair.code + '/noi', {key: pair.deck, shown}).catch(() => {});
    };

    const over = () => { keep(null); turn++; paired(false); };

    const listen = async () => {
      const mine = ++turn;
      while (mine === turn && pair) {
        try {
          const answer = await post('/' + pair.code + '/nghe', {key: pair.deck, seen: pair.seen, phone: pair.phone});
          if (mine !== turn) return;
          if (answer.status === 404 && pair.phone) { await open(true); if (shown) say(shown); continue; }
          if (answer.status === 404 || answer.status === 409) { over(); return; }
          if (!answer.ok) throw answer;
          /** @type {{over?: boolean, phone: string, wishes: [number, string][]}} */
          const heard = await answer.json();
          if (mine !== turn || heard.over) return;
          if (heard.phone !== pair.phone) { pair.phone = heard.phone; keep(pair); paired(true); }
          // @ts-expect-error still paired
          heard.wishes.forEach(wish => { pair.seen = wish[0]; keep(pair); hear(wish[1]); });
        } catch (e) { await rest(); }
      }
    };

    return {
      code: () => pair && pair.code,
      led: () => Boolean(pair && pair.phone),
      fresh: async () => { turn++; const addresses = await open(false); listen(); if (shown) say(shown); return addresses; },
      start: () => {  // another page of this evening may have made it
        try { pair = JSON.parse(sessionStorage.getItem(KEPT)) || pair; } catch (e) { /* forbidden, or a file */ }
        if (pair) listen();
      },
      stop: () => { turn++; },
      say,
    };
  };

  return {post, rest, wall};
})();
