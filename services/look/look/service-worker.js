/* The service worker of every page: shows push messages. It caches nothing and intercepts no request. */
'use strict';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const message = event.data?.json() ?? {};
  const { title = 'Seodang', body, tag, lang, url = '/' } = message;
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang, data: { url } }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil(self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((windows) => {
    const open = windows.find((window) => window.url === url.href);
    return open ? open.focus() : self.clients.openWindow(url.href);
  }));
});

/* A push service may replace a subscription at any time, also while nobody is signed in: the former one's secret, which only
   this browser and the server know, says whose it is. */
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

async function renew(old, given) {
  const next = given ?? await self.registration.pushManager.subscribe(old.options);
  const body = new URLSearchParams({
    old_endpoint: old.endpoint,
    old_auth: base64(old.getKey('auth')),
    endpoint: next.endpoint,
    p256dh: base64(next.getKey('p256dh')),
    auth: base64(next.getKey('auth')),
  });
  await fetch('/notifications/push/renew/', { method: 'POST', credentials: 'omit', body });
}

self.addEventListener('pushsubscriptionchange', (event) => {
  const { oldSubscription: old, newSubscription } = event;
  if (old) event.waitUntil(renew(old, newSubscription));
});
