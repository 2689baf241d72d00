package io.keelson.apiserver.http.websocket;

import java.util.Arrays;
import java.util.List;

/** How the streams of a process share a WebSocket: each message begins with the number of its channel. */
public enum ChannelProtocol {
    /** As {@link #V1}, for clients that name no protocol. */
    UNNAMED("", false, false),
    /** The number is a byte; the rest is what it carries. */
    V1("channel.k8s.io", false, false),
    /** The number is a digit; the rest is in Base64, in messages of text. */
    V1_BASE64("base64.channel.k8s.io", true, false),
    /** As {@link #V1}; how a process ended comes as a {@code Status} on the channel of errors. */
    V4("v4.channel.k8s.io", false, false),
    V4_BASE64("v4.base64.channel.k8s.io", true, false),
    /** As {@link #V4}, and a channel can be closed by itself. */
    V5("v5.channel.k8s.io", false, true);

    /** WebSockets that carry SPDY for port-forward: no channels, but a {@link Tunnel}. */
    public static final String PORT_FORWARD_TUNNEL = "SPDY/3.1+portforward.k8s.io";

    private final String text;
    private final boolean base64;
    private final boolean closes;

    ChannelProtocol(String text, boolean base64, boolean closes) {
        this.text = text;
        this.base64 = base64;
        this.closes = closes;
    }

    /** As in {@code Sec-WebSocket-Protocol}. */
    public String text() {
        return text;
    }

    boolean base64() {
        return base64;
    }

    /** Whether a channel can be closed by itself. */
    public boolean closes() {
        return closes;
    }

    /** All names, as {@link WebSocketUpgrade#accept} wants them. */
    public static List<String> names() {
        return Arrays.stream(values()).map(ChannelProtocol::text).toList();
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public static ChannelProtocol of(String text) {
        for (ChannelProtocol protocol : values()) {
            if (protocol.text.equals(text)) {
                return protocol;
            }
        }
        throw new IllegalArgumentException("no protocol of channels: " + text);
    }
}
