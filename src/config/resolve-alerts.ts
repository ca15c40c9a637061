import type { Secret } from '../core/secret.ts';
import { checkedAddress, invalid, readVariable } from './checks.ts';
import type { AlertHook, AlertsConfig, Environment, StatusConfig } from './config.ts';
import type { FileConfig } from './schema.ts';

/** As a path segment that nobody can guess, and no server changes on its way. */
const secretPattern = /^[A-Za-z0-9._~-]{16,200}$/;

/** @throws RidethroughError `invalid_config` */
export function resolveStatus(file: FileConfig['status'], env: Environment): StatusConfig {
  const { page, urls, interval, webhook_secret_env: variable } = file;
  const webhookSecret = optional(variable, 'status.webhook_secret_env', env);
  if (webhookSecret !== null && !secretPattern.test(webhookSecret.reveal())) {
    throw invalid(
      'The variable that "status.webhook_secret_env" names must hold 16 to 200 letters, digits, dots, dashes, underscores or tildes: it becomes part of an address.',
    );
  }
  return { page, urls: urls.map((url) => checkedAddress(url, '"status.urls"')), interval, webhookSecret };
}

/** @throws RidethroughError `invalid_config` */
export function resolveAlerts(file: FileConfig['alerts'], env: Environment): AlertsConfig {
  const { webhook, slack, email, bell, queue_age: queueAge } = file;
  return {
    webhook: webhook === undefined ? null : hookOf(webhook, 'alerts.webhook', env),
    slack: slack === undefined ? null : hookOf(slack, 'alerts.slack', env),
    email:
      email === undefined
        ? null
        : {
            host: email.host,
            port: email.port,
            from: email.from,
            to: email.to,
            user: optional(email.user_env, 'alerts.email.user_env', env),
            password: optional(email.password_env, 'alerts.email.password_env', env),
          },
    bell,
    queueAge,
  };
}

interface FileHook {
  readonly url_env: string;
  readonly secret_env?: string | undefined;
  readonly allow_private: boolean;
}

/** @param path of the hook in the file, for errors */
export function hookOf(file: FileHook, path: string, env: Environment): AlertHook {
  const url = readVariable(file.url_env, `${path}.url_env`, env);
  // Such an address is a secret: what is wrong with it is said without quoting it.
  if (!/^https?:$/.test(URL.parse(url.reveal())?.protocol ?? '')) {
    throw invalid(`The variable that "${path}.url_env" names must hold an http or https URL.`);
  }
  return { url, secret: optional(file.secret_env, `${path}.secret_env`, env), allowPrivate: file.allow_private };
}

function optional(variable: string | undefined, path: string, env: Environment): Secret | null {
  return variable === undefined ? null : readVariable(variable, path, env);
}
