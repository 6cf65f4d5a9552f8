// The page's entry: the standalone report reads the data in the file; the live page asks the API.
import "tabulator-tables/dist/css/tabulator.min.css";
import "uplot/dist/uPlot.min.css";
import "../../python-lib/govern_mirror/report/templates/portfolio.css";
import "./styles/page.css";
import { embeddedSource } from "./data/embedded";
import { startLive } from "./live/start";
import { showFailure } from "./parts/failure";
import { mountPortfolio } from "./portfolio/mount";

async function startReport(root: HTMLElement): Promise<void> {
  try {
    const source = await embeddedSource();
    // what stands there for a script that does not begin
    root.replaceChildren();
    mountPortfolio(root, source, { live: false });
    document.body.dataset["ready"] = "true";
  } catch (error) {
    showFailure(root, error);
  }
}

const root = document.getElementById("portfolio");
if (root && document.getElementById("data")) void startReport(root);
else startLive();
