/**
 * WebSockets (RFC 6455), the server's side: what exec, attach and port-forward speak with clients. {@link
 * io.keelson.apiserver.http.websocket.WebSocketUpgrade} turns a request into a conversation, {@link
 * io.keelson.apiserver.http.websocket.WebSocket} sends and receives messages, and on top of it either {@link
 * io.keelson.apiserver.http.websocket.Channels} tells the streams of a process apart, or {@link
 * io.keelson.apiserver.http.websocket.Tunnel} carries the bytes of another protocol.
 */
@NullMarked
package io.keelson.apiserver.http.websocket;

import org.jspecify.annotations.NullMarked;
