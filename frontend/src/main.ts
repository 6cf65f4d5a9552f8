// The page's entry: the standalone report reads the data in the file; the live page asks the API.
import "./styles/page.css";
import { startLive } from "./live/start";

if (document.getElementById("data") === null) startLive();
