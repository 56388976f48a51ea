/** What comes with the app: the sample data sets and the embedded models. */
export { SAMPLES } from '../data/samples';
export { EMBEDDED_MODELS } from '../hub/embedded';
