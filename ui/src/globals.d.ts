declare const __SEEKWELL_VERSION__: string;
