import "./app.css";
import htmx from "htmx.org";
import "./frame.js";
import "./inbox.js";
import "./task.js";

window.htmx = htmx;
