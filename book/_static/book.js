// Draws mermaid diagrams and Plotly figures in the colours of the reader's theme, and again when it changes.
// A page that has neither loads neither library.
(() => {
  "use strict";

  const root = document.documentElement;
  const isDark = () => root.dataset.theme === "dark";
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  // Okabe and Ito's colours, told apart by colour-blind readers; the same as in course.mplstyle.
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f"];
  // The same hues, light enough for the dark theme: those of book.css, or about what its filter makes of a picture.
  const COLOURS_IN_THE_DARK = ["#4bade4", "#e37c2c", "#1da47f", "#d997bb", "#e69f00", "#7cc6ef", "#9aa2ab"];

  // ---- mermaid ----

  // Classes that a node of any flowchart may have, such as `A["R-101"]:::plant`; their colours stand in book.css.
  const NODE_CLASSES = { plant: "plant", twin: "twin", data: "data", people: "people", person: "people" };
  // How small a diagram may be drawn. On a phone it keeps its text legible and scrolls inside its box instead.
  const SMALLEST_SCALE = { phone: 0.8, desktop: 0.6 };
  const DESKTOP_PX = 560;

  function nodeClass([name, family]) {
    const [fill, line, text] = ["fill", "line", "text"].map((part) => colour(`--${family}-${part}`));
    if (!fill) return "";
    const dashes = family === "twin" ? ",stroke-dasharray:5 3" : "";
    return `\nclassDef ${name} fill:${fill},stroke:${line},color:${text},stroke-width:2px${dashes}`;
  }

  function withNodeClasses(source) {
    if (!/^\s*(flowchart|graph)\s/m.test(source)) return source;
    return source.trimEnd() + Object.entries(NODE_CLASSES).map(nodeClass).join("");
  }

  function keepLegible(box) {
    const svg = box.querySelector("svg");
    const width = svg?.viewBox.baseVal?.width;
    const scale = SMALLEST_SCALE[box.clientWidth < DESKTOP_PX ? "phone" : "desktop"];
    if (width) svg.style.minWidth = `${Math.round(width * scale)}px`;
  }

  async function drawDiagram(box, index) {
    const pre = box.querySelector("pre");
    if (pre) box.dataset.source = pre.textContent;
    try {
      const drawn = await window.mermaid.render(`diagram-${index}`, withNodeClasses(box.dataset.source));
      box.innerHTML = drawn.svg;
      keepLegible(box);
      box.dataset.drawn = "true";
    } catch (error) {
      console.error(`Diagram ${index + 1} of this page is not valid mermaid:`, error);
    }
  }

  async function drawDiagrams() {
    const boxes = [...document.querySelectorAll(".mermaid-diagram")];
    if (!window.mermaid || boxes.length === 0) return;
    window.mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      theme: isDark() ? "dark" : "neutral",
      themeVariables: { edgeLabelBackground: colour("--pst-color-background") },
      flowchart: { nodeSpacing: 40, rankSpacing: 36 }, // closer than usual, for the text's width is small
      fontFamily: colour("--pst-font-family-base") || "sans-serif",
    });
    for (const [index, box] of boxes.entries()) await drawDiagram(box, index);
  }

  // ---- plotly ----

  // A figure may name the colours of the visual language itself; they follow the theme as the default ones do.
  function inThisTheme(source) {
    if (!isDark()) return source;
    const named = new RegExp(COLOURS.join("|"), "gi");
    return source.replace(named, (found) => COLOURS_IN_THE_DARK[COLOURS.indexOf(found.toLowerCase())]);
  }

  function axisTemplate(line, grid) {
    return {
      gridcolor: grid,
      linecolor: line,
      zerolinecolor: grid,
      automargin: true,
      ticks: "outside",
      tickcolor: line,
      title: { standoff: 8 }, // else the title of an axis may lie upon its numbers
    };
  }

  function plotTemplate() {
    const text = colour("--pst-color-text-base");
    const grid = colour("--pst-color-border");
    return {
      layout: {
        colorway: isDark() ? COLOURS_IN_THE_DARK : COLOURS,
        font: { color: text },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        hovermode: "closest",
        xaxis: axisTemplate(text, grid),
        yaxis: axisTemplate(text, grid),
        sliderdefaults: { bgcolor: grid, bordercolor: text, tickcolor: text },
        margin: { t: 48, r: 24, b: 56, l: 64 },
      },
    };
  }

  // The text's width also changes without the window's: while the page is laid out, or when a side bar folds.
  function keepWidth(box, canvas) {
    new ResizeObserver(() => {
      const drawnWidth = canvas._fullLayout?.width;
      if (drawnWidth && Math.abs(drawnWidth - box.clientWidth) > 1) window.Plotly.Plots.resize(canvas);
    }).observe(box);
  }

  async function drawPlot(box) {
    const source = box.querySelector("script");
    const figure = JSON.parse(inThisTheme(source.textContent));
    const layout = { ...figure.layout, template: plotTemplate() };
    let canvas = box.querySelector(".plotly-canvas");
    if (!canvas) {
      canvas = document.createElement("div");
      canvas.className = "plotly-canvas";
      box.append(canvas);
      keepWidth(box, canvas);
    }
    const config = { displayModeBar: false }; // its buttons cover the legend; drag and double-click do without
    await window.Plotly.react(canvas, { data: figure.data, layout, frames: figure.frames, config });
    box.dataset.drawn = "true";
  }

  async function drawPlots() {
    if (!window.Plotly) return;
    for (const box of document.querySelectorAll(".plotly-figure")) await drawPlot(box);
  }

  // ---- formulas in widgets ----

  // Jupyter's widgets set their labels through MathJax 2's queue, which MathJax 3 no longer has.
  function takeOldQueue() {
    window.MathJax.startup.defaultReady();
    window.MathJax.Hub = { Queue: ([, , element]) => window.MathJax.typesetPromise([element]) };
  }

  // Here MathJax is only its settings yet: the library itself is loaded after this script.
  if (window.MathJax) window.MathJax = { ...window.MathJax, startup: { ready: takeOldQueue } };

  // ---- tables ----

  const NUMBERS = /^(nan|<na>|nat|none|inf|e[-+]?\d+|[-+\u2212\u2013\u00b1%\d.,_\s])*$/i;

  // pandas ranges every heading right, whatever is below it.
  function markColumnsOfWords() {
    for (const table of document.querySelectorAll("table.dataframe")) {
      const cells = [...table.querySelectorAll("tbody td")];
      const ofWords = new Set(cells.filter((c) => !NUMBERS.test(c.textContent)).map((c) => c.cellIndex));
      const headings = table.querySelectorAll("thead th");
      for (const cell of [...cells, ...headings]) cell.classList.toggle("words", ofWords.has(cell.cellIndex));
    }
  }

  // ---- keyboard and screen readers ----

  const SCROLLS = ".mermaid-diagram, .plant-drawing, .legend-drawing, .output.text_html, figure, div.math";

  // What scrolls sideways must be reachable, or its right half is lost to the keyboard.
  function reachWhatScrolls() {
    for (const box of document.querySelectorAll(SCROLLS)) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  // The theme's arrows that open a part of the contents have no name of their own.
  function nameArrows() {
    for (const arrow of document.querySelectorAll("details > summary")) {
      if (arrow.textContent.trim() || arrow.hasAttribute("aria-label")) continue;
      const part = arrow.parentElement.parentElement.querySelector("a")?.textContent.trim();
      arrow.setAttribute("aria-label", `Pages of ${part ?? "this part"}`);
    }
  }

  // ---- when ----

  async function drawAll() {
    await drawDiagrams();
    await drawPlots();
    reachWhatScrolls();
    root.dataset.figures = "drawn";
  }

  document.addEventListener("DOMContentLoaded", () => {
    nameArrows();
    markColumnsOfWords();
    window.addEventListener("resize", () => {
      document.querySelectorAll(".mermaid-diagram").forEach(keepLegible);
      reachWhatScrolls();
    });
    // Formulas get their width when MathJax has set them.
    window.addEventListener("load", () => window.MathJax?.startup?.promise?.then(reachWhatScrolls));
    // One drawing at a time: a theme that changes meanwhile is drawn next.
    let drawing = drawAll();
    let theme = root.dataset.theme;
    new MutationObserver(() => {
      if (root.dataset.theme === theme) return;
      theme = root.dataset.theme;
      drawing = drawing.then(drawAll);
    }).observe(root, { attributeFilter: ["data-theme"] });
  });
})();
