// Measures the pages in the frames of this document and writes what it finds, as JSON, into #found.
const channels = text => {
  const found = text.match(/[\d.]+/g).map(Number);
  return found.length < 4 ? [...found, 1] : found;
};
const linear = value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

// Relative luminance and contrast as WCAG 2 defines them.
const luminance = colour => {
  const [red, green, blue] = colour.slice(0, 3).map(value => linear(value / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
};

const ground = (view, element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = channels(view.getComputedStyle(at).backgroundColor);
    if (colour[3] > 0) return colour;
  }
  return [255, 255, 255, 1];
};
const shown = element => element.getClientRects().length > 0;

const measure = frame => {
  const view = frame.contentWindow;
  const page = frame.contentDocument;
  const wide = [...page.querySelectorAll("body *")]
    .filter(element => shown(element) && element.getBoundingClientRect().right > view.innerWidth + 0.5)
    .map(element => `${element.tagName}.${element.className}`);
  const texts = [];
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || !shown(element)) continue;
    const style = view.getComputedStyle(element);
    const ratio = contrast(channels(style.color), ground(view, element));
    texts.push([text.slice(0, 40), ratio, parseFloat(style.fontSize)]);
  }
  return {
    name: frame.dataset.name,
    dark: view.matchMedia("(prefers-color-scheme: dark)").matches,
    width: view.innerWidth,
    scroll: page.documentElement.scrollWidth,
    wide,
    texts,
  };
};

addEventListener("load", () => {
  const frames = [...document.querySelectorAll("iframe")];
  document.getElementById("found").textContent = JSON.stringify(frames.map(measure));
});
