/**
 * The way through this server to others: to the agents of nodes (logs, exec, attach, port-forward), to nodes, pods and
 * services by their {@code proxy} subresource, and, for {@code aggregation}, to API servers behind this one.
 *
 * <pre>
 *  request ──► PodLogs, PodStreams, NodeProxy, PodProxy, ServiceProxy     which backend, and what is asked of it
 *                     │                │
 *                     │                └──► StreamTranslation: channels of a WebSocket to streams of SPDY
 *                     ▼                                        │
 *                 Forwarding ──► BackendCall ◄─────────────────┘
 *                     │               │ BackendConnection (a socket and its thread)
 *                     ▼               ▼
 *                ApiResponse      Destination (address, TLS)
 * </pre>
 *
 * <p>A connection belongs to one request at a time, and is closed with it; only those to aggregated servers are kept
 * for the next one, if the answer left nothing behind. A read that finds its connection dead is sent again; what
 * changes something is sent once, over a connection that was alive a moment before or a new one. It is read and
 * written by blocking virtual threads, so whoever is slow, the client or the backend, stops the other: nothing is held
 * but what is on its way. How long a backend may be silent before its answer begins is bounded, and so is the number
 * of connections ({@link io.keelson.apiserver.proxy.Backends}).
 *
 * <p>Where {@code egress} names a proxy for the cluster, all of them lead through it, and so do the calls of {@link
 * io.keelson.apiserver.proxy.TunnelledClients} to webhooks, which the JDK's own client makes where there is none.
 *
 * <p>A backend is not trusted. It never sees what the client has shown to be let in ({@link
 * io.keelson.apiserver.proxy.ForwardedHeaders}); where its redirects lead, only the client goes; and unless it says {@code
 * 101}, no connection becomes a tunnel.
 */
@NullMarked
package io.keelson.apiserver.proxy;

import org.jspecify.annotations.NullMarked;
