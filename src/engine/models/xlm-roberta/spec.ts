/** XLM-RoBERTa (Conneau et al., arXiv:1911.02116) computes as RoBERTa does, over other words. */
export { roberta as xlmRoberta } from '../roberta/spec';
