/* Messages and toasts: closing, undoing and announcing. Without this file they are parts of the page. */
(() => {
  'use strict';

  const MAX_TOASTS = 3;
  const SECONDS = 8;
  const toasts = () => document.getElementById('toasts');

  /* A toast goes after a while, but not while it is read by pointer or keyboard, and none that undoes something. */
  function expire(element) {
    if (element.querySelector('[data-undo]')) return;
    let timer;
    const start = () => {
      clearTimeout(timer);
      timer = setTimeout(() => { if (!element.matches(':hover, :focus-within')) element.remove(); }, SECONDS * 1000);
    };
    ['pointerleave', 'focusout'].forEach((name) => element.addEventListener(name, start));
    start();
  }
  function arrive() {
    const all = [...toasts().children];
    const isFree = (element) => !element.contains(document.activeElement);
    all.slice(0, -MAX_TOASTS).filter(isFree).forEach((element) => element.remove());
    all.filter((element) => !('since' in element.dataset)).forEach((element) => {
      element.dataset.since = '';
      expire(element);
    });
  }
  document.addEventListener('DOMContentLoaded', () => new MutationObserver(arrive).observe(toasts(), { childList: true }));

  document.addEventListener('toast', ({ detail: { value } }) => {
    const element = document.getElementById('toast').content.firstElementChild.cloneNode(true);
    element.querySelector('[data-text]').textContent = value;
    /* The same text once more replaces the former. */
    [...toasts().children].filter((other) => other.querySelector('p')?.textContent === value).forEach((other) => other.remove());
    toasts().append(element);
  });

  /* Focus goes back to where it came from, or else to the page. */
  let before = null;
  document.addEventListener('focusin', ({ target, relatedTarget }) => {
    if (target.closest('[data-message]') && !relatedTarget?.closest('[data-message]')) before = relatedTarget;
  });
  function close(message) {
    const hadFocus = message.contains(document.activeElement);
    const list = message.parentElement;
    message.remove();
    if (list.matches('.notices') && !list.childElementCount) list.remove();
    if (hadFocus) (before?.isConnected ? before : document.getElementById('main'))?.focus();
  }
  document.addEventListener('click', ({ target }) => {
    if (target.closest('[data-close-message]')) close(target.closest('[data-message]'));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], details.menu[open]')) return;
    const message = document.activeElement.closest('[data-message]') || [...toasts().querySelectorAll(':scope > [data-message]')].at(-1);
    if (message) close(message);
  });

  /* A live region is spoken when it changes, not when a page comes with it: what it says is put there once more. */
  window.addEventListener('pageshow', () => setTimeout(() => {
    const notices = document.querySelector('.notices');
    if (notices && !notices.contains(document.activeElement)) notices.append(...notices.children);
  }, 150));
})();
