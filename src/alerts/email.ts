import { Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { EmailConfig } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { isLoopback } from '../core/loopback.ts';
import { type AlertTarget, DeliveryError } from './courier.ts';
import { deliveryMsMax, mailMsMax } from './limits.ts';
import { headline, plainText } from './words.ts';

/** The port on which TLS begins with the first byte (RFC 8314); on every other it is asked for by STARTTLS. */
const implicitTlsPort = 465;

/** How the server is spoken to: in plain words only on this machine. */
export function smtpOptions({ host, port, user, password }: EmailConfig) {
  const isLocal = isLoopback(host);
  const secure = port === implicitTlsPort;
  return {
    host,
    port,
    secure,
    requireTLS: !secure && !isLocal,
    // Certificates are made out for names that a loopback address does not have.
    ignoreTLS: !secure && isLocal,
    ...(user === null || password === null ? {} : { auth: { user: user.reveal(), pass: password.reveal() } }),
    connectionTimeout: deliveryMsMax,
    greetingTimeout: deliveryMsMax,
    socketTimeout: deliveryMsMax,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Sends notices as plain text mail. */
export function emailTarget(config: EmailConfig, clock: Clock): AlertTarget {
  const sockets = new Set<Socket>();
  return {
    name: 'email',
    async send(notice) {
      // Its own time-outs bound the silence. A server that says a word now and then is left by ending the socket.
      const socket = new Socket();
      sockets.add(socket);
      const timer = clock.after(mailMsMax, () => socket.destroy());
      socket.once('close', () => {
        clock.cancel(timer);
        sockets.delete(socket);
      });
      try {
        await createTransport({ ...smtpOptions(config), socket }).sendMail({
          from: config.from,
          to: [...config.to],
          subject: `[ridethrough] ${headline(notice)}`,
          text: plainText(notice),
          // The same in every delivery: mail programs show a repeated one once.
          messageId: `<${notice.id}@ridethrough>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        socket.destroy();
        throw failureOf(error);
      }
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The server's own words may quote addresses and names: its code is enough. */
function failureOf(error: unknown): DeliveryError {
  const { code, responseCode } = error as { readonly code?: string; readonly responseCode?: number };
  const permanent = responseCode !== undefined && responseCode >= 500;
  if (code === 'EAUTH') return new DeliveryError('the mail server refused the user or the password', { permanent });
  if (code === 'ETLS') return new DeliveryError('the mail server offers no TLS that can be trusted');
  if (responseCode !== undefined) return new DeliveryError(`the mail server answered ${responseCode}`, { permanent });
  return new DeliveryError(`the mail server was not reached (${code ?? 'unknown'})`);
}
