/**
 * The door of the server: TLS, HTTP/1.1 and HTTP/2 on Netty. In come bytes from anybody, out go {@link
 * io.keelson.apiserver.request.ApiRequest}s to one {@link io.keelson.apiserver.request.Handler}, and its answers back.
 *
 * <pre>
 *             event loops                                      │        virtual threads, one per request
 *                                                              │
 * accept ─► SniHandler ─► SslHandler ─► ALPN ─┬─► Http1Connection ──┐  ┌─► RequestRunner ─► Handler
 *           (CertificateWatch)                │   (RequestHeadParser,│  │        │
 *                                             │    BodyFraming)      ├──┤        ▼ ApiResponse
 *                                             └─► Http2Connection ───┘  └── ResponseSender ─► AnswerStream
 *                                                  └─ Http2Exchange             │
 *                        ◄──────────────────── Exchange: head, data, end ◄──────┘
 * </pre>
 *
 * <p>Nothing here blocks an event loop, and nothing grows without bound because somebody is slow: a body that is not read
 * stops the reading from its connection or stream ({@link io.keelson.apiserver.http.IncomingBody}), an answer that the
 * client does not read stops the virtual thread that writes it ({@link io.keelson.apiserver.http.Exchange}). An answer that
 * is there as a whole is held until its client has taken it: of all of these together there is so much and no more, and one
 * of which nothing is taken for a minute is given up ({@link io.keelson.apiserver.http.UnreadAnswers}). What comes in is held
 * to {@link io.keelson.apiserver.http.HttpLimits}.
 *
 * <p>The parser of HTTP/1.1 is our own because it must be stricter than most, and must stop after each request: whatever
 * two readers of the same bytes could understand differently is refused, and the next request is not looked at before
 * the last one is answered.
 */
@NullMarked
package io.keelson.apiserver.http;

import org.jspecify.annotations.NullMarked;
