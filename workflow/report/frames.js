// Shows the frames of the fitted line one by one: by the slider, or all of them in four seconds.
const slider = document.getElementById("frame");
const show = () => {
  for (const part of document.querySelectorAll("[id^=frame-]")) {
    part.style.display = part.id.startsWith(`frame-${slider.value}-`) ? "inline" : "none";
  }
};
let timer;
slider.addEventListener("input", () => { clearInterval(timer); show(); });
document.getElementById("play").addEventListener("click", () => {
  clearInterval(timer);
  slider.value = 0;
  show();
  timer = setInterval(() => {
    slider.value = Number(slider.value) + 1;
    show();
    if (slider.value === slider.max) clearInterval(timer);
  }, 4000 / slider.max);
});
