package io.keelson.dist.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Header fields of a request of HTTP/2 as a block (RFC 7541) in which each stands in full and none is to be remembered. */
final class HeaderBlock {
    private static final int PREFIX_MAX = 127;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** What every request has; of whoever has the attacker's token. */
    static HeaderBlock of(String method, String path) {
        return anonymous(method, path).field("authorization", "Bearer " + ApiTarget.TOKEN);
    }

    /** What every request has; of nobody. */
    static HeaderBlock anonymous(String method, String path) {
        return new HeaderBlock()
                .field(":method", method)
                .field(":scheme", "https")
                .field(":path", path)
                .field(":authority", "localhost");
    }

    /** Adds a field, whether it may stand there or not. */
    HeaderBlock field(String name, String value) {
        bytes.write(0);
        text(name);
        text(value);
        return this;
    }

    private void text(String text) {
        byte[] content = text.getBytes(StandardCharsets.ISO_8859_1);
        if (content.length < PREFIX_MAX) {
            bytes.write(content.length);
        } else {
            bytes.write(PREFIX_MAX);
            int rest = content.length - PREFIX_MAX;
            while (rest >= 128) {
                bytes.write(128 + rest % 128);
                rest /= 128;
            }
            bytes.write(rest);
        }
        bytes.writeBytes(content);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
