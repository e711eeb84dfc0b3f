/* GitHub's avatars over the initials: one request says which people on the page have one, and those near the screen are loaded. */
(() => {
  'use strict';

  /* As many ids as the server reads from an address. */
  const AT_ONCE = 40;
  /* Account id → whether it has an avatar. */
  const known = new Map();

  async function ask(ids) {
    ids.forEach((id) => known.set(id, false));
    const response = await fetch(`/accounts/avatars/?of=${ids.join()}`);
    (await response.json()).forEach((id) => known.set(id, true));
  }

  async function show() {
    const places = [...document.querySelectorAll('[data-avatar]:not(:has(img))')];
    const unknown = [...new Set(places.map((place) => place.dataset.avatar))].filter((id) => !known.has(id));
    const requests = [];
    while (unknown.length) requests.push(ask(unknown.splice(0, AT_ONCE)));
    /* Without a response the initials stay. */
    await Promise.allSettled(requests);
    places.filter((place) => known.get(place.dataset.avatar) && !place.querySelector('img')).forEach((place) => {
      const image = Object.assign(new Image(), { loading: 'lazy', decoding: 'async', alt: '' });
      image.src = `/accounts/avatars/${place.dataset.avatar}/`;
      place.append(image);
    });
  }
  window.addEventListener('load', show);
  document.addEventListener('htmx:afterSettle', show);
})();
