import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from './service.js';

const PACKAGE = join(REPOSITORY, 'packages/client');
const COMPILER_OPTIONS = {
  target: 'ES2022',
  module: 'NodeNext',
  types: ['node'],
  strict: true,
  skipLibCheck: false,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

const NEST_11 = {
  'package.json': {
    name: 'shop',
    private: true,
    dependencies: {
      '@nestjs/common': '^11.0.1',
      '@nestjs/core': '^11.0.1',
      '@nestjs/platform-express': '^11.0.1',
      'reflect-metadata': '^0.2.2',
      rxjs: '^7.8.1',
    },
    devDependencies: {
      '@nestjs/testing': '^11.0.1',
      '@types/jest': '^30.0.0',
      '@types/node': '^24.0.0',
      jest: '^30.0.0',
      'ts-jest': '^29.2.5',
      typescript: '^5.7.3',
    },
    jest: {
      moduleFileExtensions: ['js', 'json', 'ts'],
      rootDir: 'src',
      testRegex: String.raw`.*\.spec\.ts$`,
      transform: { [String.raw`^.+\.(t|j)s$`]: 'ts-jest' },
      testEnvironment: 'node',
    },
  },
  'tsconfig.json': {
    compilerOptions: {
      module: 'nodenext',
      moduleResolution: 'nodenext',
      esModuleInterop: true,
      isolatedModules: true,
      declaration: true,
      emitDecoratorMetadata: true,
      experimentalDecorators: true,
      target: 'ES2023',
      outDir: './dist',
      rootDir: './src',
      skipLibCheck: true,
      strictNullChecks: true,
      noImplicitAny: false,
    },
  },
};

/** The code blocks of the package's README, by the word behind their language. */
export function readmeExamples(): Record<string, string> {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const blocks = readme.matchAll(/^```ts (?<name>\w+)\n(?<code>.*?)^```$/gms);
  return Object.fromEntries([...blocks].map(({ groups }) => [groups!.name!, groups!.code!]));
}

/** Somebody who has never seen this repository: empty projects, and the tarball of the package. */
export class Stranger {
  private readonly folder = mkdtempSync(join(tmpdir(), 'countersign-stranger-'));
  private readonly running: ChildProcess[] = [];
  private tarball: string;

  /** Builds and packs. Returns the paths of the files in the tarball. */
  pack(): string[] {
    const npm = ['pack', '--json', '--pack-destination', this.folder];
    const report = execFileSync('npm', npm, { cwd: PACKAGE, encoding: 'utf8' });
    const [packed] = JSON.parse(report) as [{ filename: string; files: { path: string }[] }];
    this.tarball = join(this.folder, packed.filename);
    return packed.files.map(({ path }) => path);
  }

  /** A project with the tarball installed. The other packages are those of this repository: no registry is asked. */
  project(name: string, packages: string[]): string {
    const project = join(this.folder, name);
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
    const npm = ['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', this.tarball];
    execFileSync('npm', npm, { cwd: project, stdio: 'pipe' });
    for (const dependency of ['@types/node', ...packages]) {
      const link = join(project, 'node_modules', dependency);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(REPOSITORY, 'node_modules', dependency), link);
    }
    return project;
  }

  /**
   * A project as `nest new` of Nest 11 makes it, but for the tools that only look at its code: CommonJS, and Jest by
   * ts-jest. Its packages come from the registry, since they are others than those of this repository.
   */
  nestProject(name: string): string {
    const project = join(this.folder, name);
    mkdirSync(join(project, 'src'), { recursive: true });
    for (const [file, content] of Object.entries(NEST_11)) writeFileSync(join(project, file), JSON.stringify(content));
    const npm = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', this.tarball];
    execFileSync('npm', npm, { cwd: project, stdio: 'pipe' });
    return project;
  }

  /** Runs a tool of the registry on the tarball. Rejects with what it says where it finds a fault. */
  async check(tool: string, ...args: string[]): Promise<void> {
    const npx = ['--yes', '--prefer-offline', tool, this.tarball, ...args];
    await promisify(execFile)('npx', npx, { cwd: this.folder }).catch((error: unknown) => {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(stdout + stderr, { cause: error });
    });
  }

  /** Type-checks and compiles these files of a project. Throws with what the compiler says. */
  compile(project: string, sources: Record<string, string>): void {
    for (const [file, code] of Object.entries(sources)) writeFileSync(join(project, file), code);
    const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
    try {
      execFileSync(process.execPath, [tsc], { cwd: project, encoding: 'utf8' });
    } catch (error) {
      throw new Error((error as { stdout: string }).stdout, { cause: error });
    }
  }

  /** Runs a program to its end, and returns what it wrote. Rejects where it fails. */
  async run(project: string, node: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(node, args, { cwd: project, timeout: 120_000 });
    return stdout;
  }

  start(project: string, file: string, env: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, [file], {
      cwd: project,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.resume();
    this.running.push(child);
    return child;
  }

  /** Ends what was started and leaves nothing behind. */
  async leave(): Promise<void> {
    for (const child of this.running) {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
