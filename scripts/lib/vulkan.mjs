/** Lets the `webgpu` package (Dawn) find the software GPU that ships beside Chromium, for kernel tests in Node. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installedBrowser, isRoot } from './browser.mjs';

const DRIVER = 'vk_swiftshader_icd.json';
/** Folders of Debian's Chromium and of Chrome's package; `/usr/bin/chromium` is a script, its folder tells nothing. */
const USUAL_FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];

/** The path of SwiftShader's Vulkan driver description, or null. */
export function findVulkanDriver() {
  const browser = installedBrowser();
  const folders = [...(browser && existsSync(browser) ? [dirname(realpathSync(browser))] : []), ...USUAL_FOLDERS];
  return folders.map((folder) => join(folder, DRIVER)).find((file) => existsSync(file)) ?? null;
}

/** Whether the system's Vulkan loader is there (Linux); Dawn loads it by its plain name. */
export function hasVulkanLoader() {
  if (process.platform !== 'linux') return true;
  const folders = [
    '/usr/lib',
    '/lib',
    ...['/usr/lib', '/lib'].map((base) => join(base, `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`)),
    '/usr/lib64',
  ];
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).includes('libvulkan.so.1'));
}

/** Installs the loader where that is possible. Prints why not otherwise. */
export function ensureVulkanLoader() {
  if (hasVulkanLoader()) return true;
  const run = (/** @type {string[]} */ args) => spawnSync('apt-get', args, { stdio: 'inherit' }).status === 0;
  if (isRoot() && run(['update', '-q']) && run(['install', '-y', '-q', 'libvulkan1'])) return true;
  console.log('The Vulkan loader (Debian: libvulkan1) is missing: WebGPU tests in Node cannot run.');
  return false;
}

/** Variables for a process that will load the `webgpu` package; they must be set before it does. */
export function vulkanEnvironment() {
  const driver = process.env['VK_ICD_FILENAMES'] ?? findVulkanDriver();
  return driver ? { VK_ICD_FILENAMES: driver } : {};
}

/** Null when WebGPU in Node can run, else the sentence that says what is missing. */
export function whyNoNodeWebGpu() {
  if (!hasVulkanLoader()) return 'the Vulkan loader is missing (Debian: apt-get install libvulkan1)';
  if (!vulkanEnvironment().VK_ICD_FILENAMES)
    return `no ${DRIVER} was found beside a Chromium (Debian: apt-get install chromium)`;
  return null;
}
