import "./css/form.css";
