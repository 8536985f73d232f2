// Search in a site that is opened from the disk. A browser lets no page of file: start a worker, so the worker's script
// runs in a hidden frame, with the few parts of a worker's surroundings that it uses. Over HTTP nothing is changed.
(() => {
  if (location.protocol !== "file:") return;

  const surroundings = (url) => `<!doctype html><script>
    const loaded = {};
    postMessage = (data) => parent.postMessage(data, "*");
    importScripts = (...urls) => urls.reduce(
      (before, url) => before.then(() => loaded[url] ??= new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = done;
        script.onerror = failed;
        document.body.appendChild(script);
      })),
      Promise.resolve(),
    );
  <\/script><body><script src="${url}"><\/script></body>`;

  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      const inside = this.frame.contentWindow;
      window.addEventListener("message", ({ source, data }) => {
        if (source !== inside) return;
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        this.onmessage?.(event);
      });
      this.ready = new Promise((done) => this.frame.addEventListener("load", done, { once: true }));
      inside.document.open();
      inside.document.write(surroundings(url));
      inside.document.close();
    }

    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.frame.remove();
    }
  };
})();
