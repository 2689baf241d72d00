package io.keelson.kvstore.server;

import com.google.protobuf.MessageLite;

/**
 * A request as a message and as the bytes it came in, so that a service can check the one and put the other into the log.
 *
 * @param message byte fields share {@code bytes}
 * @param bytes never changed
 */
public record RawRequest<T extends MessageLite>(T message, byte[] bytes) {
    public static <T extends MessageLite> RawRequest<T> of(T message) {
        return new RawRequest<>(message, message.toByteArray());
    }
}
