/* What HTML alone cannot do. Every page works without this file. */
(() => {
  'use strict';

  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  const toasts = () => document.getElementById('toasts');

  function toast(text) {
    const element = document.createElement('p');
    element.className = 'toast';
    element.textContent = text;
    toasts().replaceChildren(element);
    setTimeout(() => element.remove(), 8000);
  }

  /* The CSRF token is read when it is needed: signing in elsewhere changes it under an open page. */
  document.addEventListener('submit', (event) => {
    const field = event.target.elements.namedItem('csrfmiddlewaretoken');
    if (field && token()) field.value = token();
  }, true);
  document.addEventListener('htmx:configRequest', ({ detail }) => {
    if (!token()) return;
    detail.headers['X-CSRFToken'] = token();
    if (detail.parameters.has?.('csrfmiddlewaretoken')) detail.parameters.set('csrfmiddlewaretoken', token());
  });

  /* A button that was pressed says so, until the answer is there. */
  const clearBusy = () => document.querySelectorAll('button[aria-busy="true"]').forEach((button) => button.removeAttribute('aria-busy'));
  document.addEventListener('submit', (event) => {
    const button = event.submitter;
    if (!button || event.defaultPrevented || event.target.method === 'dialog') return;
    /* Not at once: a disabled look must not keep the button's own name and value out of the form. */
    setTimeout(() => { button.setAttribute('aria-busy', 'true'); setTimeout(clearBusy, 10000); });
  });
  window.addEventListener('pageshow', clearBusy);

  /* The gateway's page for a form that got no answer leads back here. It may be sent again: its key is the same. */
  window.addEventListener('pageshow', () => {
    if (!sessionStorage.getItem('seodang:unanswered')) return;
    sessionStorage.removeItem('seodang:unanswered');
    toast(toasts().dataset.failed);
  });
  document.addEventListener('htmx:afterRequest', clearBusy);

  /* What was typed into a form with data-unsaved is not left behind unasked; data-unsaved="typed" came back refused. */
  document.addEventListener('input', ({ target }) => {
    const form = target.form;
    if (!form) return;
    if ('unsaved' in form.dataset) form.dataset.unsaved = 'typed';
    /* The sum of the levels that are chosen; without this file it is the server's, after saving. */
    const total = form.querySelector('[data-total]');
    if (total) total.textContent = [...form.querySelectorAll('[data-points]:checked')].reduce((points, input) => points + Number(input.dataset.points), 0);
  });
  document.addEventListener('submit', ({ target }) => { if (target.dataset.unsaved) target.dataset.unsaved = 'sent'; });
  window.addEventListener('beforeunload', (event) => {
    if (document.querySelector('form[data-unsaved="typed"]')) event.preventDefault();
  });

  /* A link with data-confirm leads to a page that asks; here that page is asked for in a dialog. */
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

  /* A button with data-copy puts the value of the field it names into the clipboard; shown only where this runs. */
  document.documentElement.classList.add('js');
  document.addEventListener('click', ({ target }) => {
    const field = document.getElementById(target.closest('[data-copy]')?.dataset.copy);
    if (!field) return;
    field.select();
    navigator.clipboard?.writeText(field.value).then(() => toast(toasts().dataset.copied));
  });

  /* Menus are <details>: Escape and a click elsewhere close them. */
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

  /* A whole page (the sign-in form, say) never lands inside a fragment; a failure is said, unless it was in the background. */
  const requestElement = ({ requestConfig }) => requestConfig.elt;
  const isQuiet = (detail) => requestElement(detail).closest('[data-quiet]');
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    if (!detail.shouldSwap || detail.select || requestElement(detail).closest('[hx-select]')) return;
    if (!/^\s*<!doctype/i.test(detail.serverResponse)) return;
    detail.shouldSwap = false;
    if (!isQuiet(detail)) location.assign(detail.xhr.responseURL);
  });
  /* Signed out meanwhile: what is asked in the background leads nowhere, least of all away from a half-filled form. */
  document.addEventListener('htmx:beforeOnLoad', (event) => {
    if (isQuiet(event.detail) && event.detail.xhr.getResponseHeader('HX-Redirect')) event.preventDefault();
  });
  document.addEventListener('htmx:responseError', ({ detail }) => { if (!isQuiet(detail)) toast(toasts().dataset.failed); });
  document.addEventListener('htmx:sendError', ({ detail }) => { if (!isQuiet(detail)) toast(toasts().dataset.offline); });
  document.addEventListener('toast', ({ detail }) => toast(detail.value));
})();
