/* Progressive enhancement. Every page works without this file. */
(() => {
  'use strict';

  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  const toasts = () => document.getElementById('toasts');

  const toast = (value) => document.dispatchEvent(new CustomEvent('toast', { detail: { value } }));

  /* The CSRF token is read at submit: a login in another tab changes it while a page is open. */
  document.addEventListener('submit', (event) => {
    const field = event.target.elements.namedItem('csrfmiddlewaretoken');
    if (field && token()) field.value = token();
  }, true);
  document.addEventListener('htmx:configRequest', ({ detail }) => {
    if (!token()) return;
    detail.headers['X-CSRFToken'] = token();
    if (detail.parameters.has?.('csrfmiddlewaretoken')) detail.parameters.set('csrfmiddlewaretoken', token());
  });

  /* A pressed button is busy until the response arrives. */
  const clearBusy = () => document.querySelectorAll('button[aria-busy="true"]').forEach((button) => button.removeAttribute('aria-busy'));
  document.addEventListener('submit', (event) => {
    const button = event.submitter;
    if (!button || event.defaultPrevented || event.target.method === 'dialog') return;
    /* Deferred, so that the button's name and value are in the submitted form. */
    setTimeout(() => { button.setAttribute('aria-busy', 'true'); setTimeout(clearBusy, 10000); });
  });
  window.addEventListener('pageshow', clearBusy);

  /* The gateway's page for a form without a response leads back here. It may be sent again: same idempotency key. */
  window.addEventListener('pageshow', () => {
    if (!sessionStorage.getItem('seodang:unanswered')) return;
    sessionStorage.removeItem('seodang:unanswered');
    toast(toasts().dataset.failed);
  });
  document.addEventListener('htmx:afterRequest', clearBusy);

  /* Warn before leaving a form with data-unsaved and unsaved input; data-unsaved="typed" is a form with errors. */
  document.addEventListener('input', ({ target }) => {
    const form = target.form;
    if (!form) return;
    if ('unsaved' in form.dataset) {
      if (form.dataset.unsaved !== 'typed') form.dataset.since = Date.now();
      form.dataset.unsaved = 'typed';
    }
    const edits = form.elements.namedItem('edits');
    if (edits) edits.value = Number(edits.value) + 1;
    /* The sum of the selected levels. Without JavaScript the server computes it on save. */
    const total = form.querySelector('[data-points]') && document.querySelector('[data-total]');
    if (total) total.textContent = [...form.querySelectorAll('[data-points]:checked')].reduce((points, input) => points + Number(input.dataset.points), 0);
  });
  /* What drafts.js has kept is not for the next person at this computer. */
  document.addEventListener('submit', ({ target }) => {
    if (target.getAttribute('action') !== '/accounts/logout/') return;
    Object.keys(localStorage).filter((key) => key.startsWith('seodang:draft:')).forEach((key) => localStorage.removeItem(key));
  });
  document.addEventListener('submit', ({ target }) => { if (target.dataset.unsaved) target.dataset.unsaved = 'sent'; });

  /* An element with data-draft saves its form by htmx as it is typed. What is not saved yet when the page is left is
     sent after it (at most 64 KiB, by the standard); the server knows a page's own edits by its page_id. Leaving asks
     first where that may fail. */
  const typed = () => [...document.querySelectorAll('form[data-unsaved="typed"]')];
  const drafts = () => typed().map((form) => form.querySelector('[data-draft]')).filter(Boolean);
  const save = (draft) => window.htmx?.trigger(draft, 'save');
  const saveDrafts = () => drafts().forEach(save);
  /* Of somebody who types without a pause. After an error the next pause tries again. */
  setInterval(() => drafts().filter((draft) => !draft.dataset.draft).forEach(save), 10000);
  const sendDrafts = () => drafts().forEach((draft) => {
    const body = new FormData(draft.closest('form'));
    body.delete('idempotency_key');
    if (token()) body.set('csrfmiddlewaretoken', token());
    const headers = { 'HX-Request': 'true', 'X-CSRFToken': token() };
    fetch(draft.getAttribute('hx-post'), { method: 'POST', keepalive: true, headers, body }).catch(() => {});
  });
  const mustAsk = (form) => form.querySelector('[data-draft]')?.dataset.draft !== '' || !navigator.onLine
    || Date.now() - form.dataset.since > 15000 || !('keepalive' in Request.prototype)
    || new Blob([...new FormData(form).values()]).size > 50000;
  document.addEventListener('visibilitychange', () => (document.hidden ? sendDrafts() : saveDrafts()));
  window.addEventListener('pageshow', ({ persisted }) => { if (persisted) saveDrafts(); });
  window.addEventListener('online', saveDrafts);
  window.addEventListener('beforeunload', (event) => { if (typed().some(mustAsk)) event.preventDefault(); });
  document.addEventListener('htmx:afterRequest', ({ detail: { xhr, requestConfig } }) => {
    const draft = requestConfig.elt;
    if (!('draft' in draft.dataset)) return;
    const form = draft.closest('form');
    const isSignedOut = xhr.getResponseHeader('HX-Redirect');
    const isSaved = xhr.status === 200 && !isSignedOut;
    draft.dataset.draft = isSaved ? '' : 'failed';
    /* A screen reader speaks errors, and what follows an error; not each saving. */
    draft.setAttribute('aria-live', isSaved ? 'off' : 'polite');
    if (isSaved) form.dataset.since = Date.now();
    if (isSaved && form.dataset.unsaved === 'typed' && form.elements.edits.value === requestConfig.parameters.edits) form.dataset.unsaved = '';
    if (isSaved || xhr.status === 409) return;
    const error = document.createElement('span');
    error.className = 'error';
    error.setAttribute('role', 'alert');
    error.textContent = isSignedOut ? draft.dataset.signedOut : xhr.status ? draft.dataset.failed : draft.dataset.offline;
    if (draft.textContent !== error.textContent) draft.replaceChildren(error);
  });

  /* A link with data-confirm opens its confirmation page in a dialog. */
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-confirm]');
    const dialog = document.getElementById('dialog');
    if (link && window.htmx && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      window.htmx.ajax('GET', link.href, { source: link, target: dialog, select: '#confirm', swap: 'innerHTML' })
        .then(() => (dialog.childElementCount ? dialog.showModal() : location.assign(link.href)));
    } else if (dialog?.open && event.target.closest('a[data-close]')) {
      event.preventDefault();
      dialog.close();
    }
  });
  document.addEventListener('close', ({ target }) => { if (target.id === 'dialog') target.replaceChildren(); }, true);

  /* The server renders the theme of its cookie. A press shows it at once, and takes it back if the cookie could not be set; what the
     browser kept of a page takes up what another page has chosen since. */
  const chosenTheme = () => document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/)?.[1] ?? 'system';
  function showTheme(theme) {
    if ((document.documentElement.dataset.theme ?? 'system') === theme) return;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name="color-scheme"]').content = theme === 'system' ? 'light dark' : theme;
    const media = (scheme) => (theme === 'system' ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? 'all' : 'not all');
    document.querySelectorAll('meta[name="theme-color"]').forEach((meta, n) => { meta.media = media(n ? 'dark' : 'light'); });
    document.querySelectorAll('button[name="theme"]').forEach((button) => {
      if (button.value === theme) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    });
  }
  document.addEventListener('submit', ({ submitter }) => { if (submitter?.name === 'theme') showTheme(submitter.value); });
  document.addEventListener('htmx:afterRequest', ({ detail }) => { if (detail.pathInfo.requestPath === '/accounts/theme/') showTheme(chosenTheme()); });
  window.addEventListener('pageshow', () => showTheme(chosenTheme()));
  document.addEventListener('visibilitychange', () => { if (!document.hidden) showTheme(chosenTheme()); });

  /* A button with data-copy copies the value of the field with that id; hidden without JavaScript. */
  document.documentElement.classList.add('js');
  document.addEventListener('click', ({ target }) => {
    const field = document.getElementById(target.closest('[data-copy]')?.dataset.copy);
    if (!field) return;
    field.select();
    navigator.clipboard?.writeText(field.value).then(() => toast(toasts().dataset.copied));
  });

  /* A button with data-select-all checks every box of that name, or none if all are checked. */
  document.addEventListener('click', ({ target }) => {
    const name = target.closest('[data-select-all]')?.dataset.selectAll;
    if (!name) return;
    const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${name}"]`)];
    const isOn = boxes.some((box) => !box.checked);
    boxes.forEach((box) => { box.checked = isOn; });
  });

  /* A form with data-push, the server's key, is filled in with this browser's subscription and sent. */
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

  async function subscribe(form) {
    if (await Notification.requestPermission() !== 'granted') {
      clearBusy();
      return toast(form.dataset.denied);
    }
    await navigator.serviceWorker.register('/service-worker.js');
    const { pushManager } = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: form.dataset.push };
    /* A subscription with another key cannot be renewed. */
    const subscription = await pushManager.subscribe(options).catch(async () => {
      await (await pushManager.getSubscription())?.unsubscribe();
      return pushManager.subscribe(options);
    });
    form.elements.endpoint.value = subscription.endpoint;
    form.elements.p256dh.value = base64(subscription.getKey('p256dh'));
    form.elements.auth.value = base64(subscription.getKey('auth'));
    form.submit();
  }

  document.addEventListener('DOMContentLoaded', () => {
    const form = document.querySelector('form[data-push]');
    if (form && 'PushManager' in window && 'serviceWorker' in navigator) form.classList.add('can-push');
  });
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('form[data-push]')) return;
    event.preventDefault();
    subscribe(form).catch(() => { clearBusy(); toast(form.dataset.failed); });
  });

  /* Menus are <details>: Escape or a click outside closes them. */
  const close = (except) => document.querySelectorAll('details.menu[open]').forEach((menu) => {
    if (!menu.contains(except)) menu.open = false;
  });
  document.addEventListener('click', (event) => close(event.target));
  document.addEventListener('keydown', (event) => {
    const menu = document.querySelector('details.menu[open]');
    if (event.key !== 'Escape' || !menu) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });

  /* The links in the cells of a table [data-arrow-keys] are one tab stop; arrow keys move among them. */
  const ARROWS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  const cellLinks = (row) => [...row.querySelectorAll('td a')];
  const oneTabStop = () => document.querySelectorAll('[data-arrow-keys] tbody').forEach((body) =>
    cellLinks(body).forEach((link, n) => { link.tabIndex = n ? -1 : 0; }));
  document.addEventListener('DOMContentLoaded', oneTabStop);
  document.addEventListener('htmx:afterSettle', oneTabStop);
  document.addEventListener('keydown', (event) => {
    const [down, right] = ARROWS[event.key] || [];
    const from = down !== undefined && event.target.closest('[data-arrow-keys] td a');
    if (!from) return;
    event.preventDefault();
    const column = from.closest('td').cellIndex;
    const rows = [...from.closest('tbody').rows].filter((row) => cellLinks(row).length);
    const row = rows.indexOf(from.closest('tr'));
    const inRow = cellLinks(rows[row]);
    const distance = (link) => Math.abs(link.closest('td').cellIndex - column);
    const to = right ? inRow[inRow.indexOf(from) + right]
      : rows[row + down] && cellLinks(rows[row + down]).sort((one, other) => distance(one) - distance(other))[0];
    if (!to) return;
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });

  /* A whole page (such as the login) is never swapped into a fragment; errors show a toast, except of background requests. */
  const requestElement = ({ requestConfig }) => requestConfig.elt;
  const isQuiet = (detail) => requestElement(detail).closest('[data-quiet]');
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    /* Why a draft was not saved is said in its place. */
    if (detail.xhr.status === 409 && 'draft' in requestElement(detail).dataset) detail.shouldSwap = true;
    if (!detail.shouldSwap || detail.select || requestElement(detail).closest('[hx-select]')) return;
    if (!/^\s*<!doctype/i.test(detail.serverResponse)) return;
    detail.shouldSwap = false;
    if (!isQuiet(detail)) location.assign(detail.xhr.responseURL);
  });
  /* Background requests never redirect: an expired login must not leave a half-filled form. */
  document.addEventListener('htmx:beforeOnLoad', (event) => {
    if (isQuiet(event.detail) && event.detail.xhr.getResponseHeader('HX-Redirect')) event.preventDefault();
  });
  document.addEventListener('htmx:responseError', ({ detail }) => { if (!isQuiet(detail)) toast(toasts().dataset.failed); });
  document.addEventListener('htmx:sendError', ({ detail }) => { if (!isQuiet(detail)) toast(toasts().dataset.offline); });
})();
