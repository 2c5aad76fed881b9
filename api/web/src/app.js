import "./app.css";
import htmx from "htmx.org";
import "./frame.js";
import "./inbox.js";
import "./task.js";
import "./case.js";
import "./audit.js";

window.htmx = htmx;
