/** The device that training runs on, as measured at start. */

export type BackendName = 'webgpu' | 'wasm' | 'cpu';

export interface BackendReport {
  backend: BackendName;
  /** In words: the adapter's name, or "CPU (WebAssembly, 4 threads)". */
  name: string;
  usable: boolean;
  /** Why it cannot be used, when it cannot. */
  reason: string | null;
  /** A software adapter runs shaders on the CPU. */
  software: boolean;
  /** Rate measured on a matmul of the size that training needs, or null when not measured. */
  gflopsPerSecond: number | null;
  maxBufferBytes: number | null;
  threads: number | null;
}

export interface DeviceReport {
  backends: BackendReport[];
  chosen: BackendName;
  /** 'measured' or 'override' (the person's choice). */
  chosenBy: 'measured' | 'override';
}
