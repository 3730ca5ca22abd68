const TONES_HZ = [880, 660];
const TONE_S = 0.16;
const TWICE = 2;
const PAUSE_S = 0.25;
const LOUDNESS = 0.25;
/** Heard later than this it would alarm for nothing. */
const STALE_MS = 3000;

let context: AudioContext | null = null;

/** A webview lets nothing sound before somebody has touched the page. Gives what ends the waiting for that. */
export function prepareSound(): () => void {
  const prepare = () => {
    stop();
    // An audio device that is held open costs power; the leave to use it stays.
    void opened()
      ?.resume()
      .then(() => context?.suspend())
      .catch(() => undefined);
  };
  const stop = () => {
    window.removeEventListener("pointerdown", prepare);
    window.removeEventListener("keydown", prepare);
  };
  window.addEventListener("pointerdown", prepare);
  window.addEventListener("keydown", prepare);
  return stop;
}

/** Two falling tones, twice. Made here: no file, no network. A machine without sound stays silent. */
export function ring(): void {
  const asked = Date.now();
  const audio = opened();
  if (!audio) return;
  audio
    .resume()
    .then(() => {
      if (Date.now() - asked < STALE_MS) play(audio);
    })
    .catch(() => undefined);
}

function opened(): AudioContext | null {
  if (typeof AudioContext === "undefined") return null;
  context ??= new AudioContext();
  return context;
}

function play(audio: AudioContext) {
  let at = audio.currentTime + 0.05;
  let last: OscillatorNode | null = null;
  for (let time = 0; time < TWICE; time += 1) {
    for (const hertz of TONES_HZ) {
      last = tone(audio, hertz, at);
      at += TONE_S;
    }
    at += PAUSE_S;
  }
  if (last) last.onended = () => void audio.suspend().catch(() => undefined);
}

/** Swells and fades: a tone that begins and ends at once would crack. */
function tone(audio: AudioContext, hertz: number, at: number): OscillatorNode {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  volume.gain.linearRampToValueAtTime(0, at + TONE_S);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + TONE_S);
  return oscillator;
}
