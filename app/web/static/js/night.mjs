// Night mode by hand, kept in a cookie so that the server draws the next page dark from the start.
import { said } from "./words.mjs";
const button = document.querySelector("[data-night]");
const root = document.documentElement;

function isDark() {
  if (root.classList.contains("night")) return true;
  return !root.classList.contains("day") && matchMedia("(prefers-color-scheme: dark)").matches;
}

function show() {
  button.textContent = isDark() ? said("Day mode") : said("Night mode");
}

if (button) {
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    const theme = isDark() ? "day" : "night";
    root.classList.remove("day", "night");
    root.classList.add(theme);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `hilo_theme=${theme}; Path=/; Max-Age=31536000; SameSite=Strict${secure}`;
    show();
  });
}
