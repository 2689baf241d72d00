package io.keelson.proxy.nft;

import io.keelson.proxy.rules.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * A rule of a chain.
 *
 * @param expressions as attributes
 * @param tag what the kernel keeps with it: the comment, and a sum of the expressions, so that a rule that is there can be known
 *     for what it is
 */
record Rule(byte[] expressions, Octets tag) {
    private static final int COMMENT = 0;
    private static final int SUM = 64;

    static Rule of(String comment, Expressions expressions) {
        byte[] written = expressions.written();
        byte[] text = comment.getBytes(StandardCharsets.UTF_8);
        CRC32C sum = new CRC32C();
        sum.update(written);
        int commentBytes = text.length == 0 ? 0 : text.length + 3;
        ByteBuffer tag = ByteBuffer.allocate(commentBytes + 6);
        if (commentBytes > 0) {
            tag.put((byte) COMMENT).put((byte) (text.length + 1)).put(text).put((byte) 0);
        }
        tag.put((byte) SUM).put((byte) 4).putInt((int) sum.getValue());
        return new Rule(written, Octets.of(tag.array()));
    }
}
