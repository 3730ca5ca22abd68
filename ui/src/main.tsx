import { render } from "./app/render";

const root = document.getElementById("root");
if (root) render(root);
