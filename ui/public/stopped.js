// The way back is to the screen that was open: its fragment came along.
document.getElementById("back").href = `/index.html${window.location.hash}`;
